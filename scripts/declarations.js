// The types of what the package exports, in dist/types, beside the JavaScript that `npm run bundle` made.
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import ts from 'typescript'

const EXPORTED = ['src/client/client.ts', 'src/client/webhooks.ts', 'src/simulator/testing.ts', 'src/plugin.ts']
const OUT = 'dist/types'

const { config } = ts.readConfigFile('tsconfig.json', path => readFileSync(path, 'utf8'))
const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, '.')
const program = ts.createProgram(EXPORTED, {
  ...options,
  noEmit: false,
  declaration: true,
  emitDeclarationOnly: true,
  outDir: OUT,
  rootDir: 'src',
})
const { diagnostics } = program.emit()
if (diagnostics.length > 0) {
  console.error(
    ts.formatDiagnostics(diagnostics, {
      getCanonicalFileName: name => name,
      getCurrentDirectory: () => '.',
      getNewLine: () => '\n',
    }),
  )
  process.exit(1)
}
// Who reads declarations has no sources: `./api.ts` is `./api.js`, which leads to `./api.d.ts`.
for (const file of globSync(`${OUT}/**/*.d.ts`)) {
  const text = readFileSync(file, 'utf8')
  writeFileSync(file, text.replaceAll(/(['"])(\.{1,2}\/[^'"]+)\.ts\1/g, '$1$2.js$1'))
}
