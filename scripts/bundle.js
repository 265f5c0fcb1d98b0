// One file for the service, one for the commands and one for each export of the package, in dist/. What finds its own files beside itself stays in node_modules:
// the embedded database its WebAssembly, the API pages their assets. Sources run unbundled in development; a bundle starts in a third of the time.
import { cp, rm } from 'node:fs/promises'
import { build } from 'esbuild'
import { writeEmbeddedImage } from './embedded-image.js'

/** What the package exports, by the name in dist/. */
const EXPORTS = {
  client: 'src/client/client.ts',
  webhooks: 'src/client/webhooks.ts',
  testing: 'src/simulator/testing.ts',
  fastify: 'src/plugin.ts',
}

const EXTERNAL = ['@electric-sql/pglite', '@fastify/swagger-ui', '@fastify/static', '@event-calendar/build', 'pino']

await rm('dist', { recursive: true, force: true })
await build({
  entryPoints: { main: 'src/main.ts', cli: 'src/cli.ts', ...EXPORTS },
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  splitting: true,
  sourcemap: 'linked',
  sourcesContent: false,
  external: EXTERNAL,
  // CommonJS packages inside an ES module ask for `require`.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
})
await cp('drizzle', 'dist/drizzle', { recursive: true })
await cp('src/simulator/page', 'dist/page', { recursive: true })
await writeEmbeddedImage('dist/embedded.tar.gz')
