import { existsSync, globSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, normalize } from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'

/** A part of the tree and what it may import: from us, by path prefix, and from npm. Node's own modules only where `isNodeAllowed`. */
type Part = { path: string; ours: readonly string[]; npm: readonly string[]; isNodeAllowed: boolean }

const FASTIFY = ['fastify', '@fastify/*', 'typebox']
const INWARD = ['src/core/', 'src/ports/']

/** The most exact path counts. A folder that is not listed may not exist. */
const PARTS: readonly Part[] = [
  { path: 'src/core/', ours: ['src/core/'], npm: [], isNodeAllowed: false },
  { path: 'src/core/model/', ours: ['src/core/'], npm: ['luxon'], isNodeAllowed: false },
  { path: 'src/core/recurrence/', ours: ['src/core/'], npm: ['luxon', 'rrule-temporal'], isNodeAllowed: false },
  { path: 'src/ports/', ours: INWARD, npm: [], isNodeAllowed: false },
  { path: 'src/usecases/', ours: ['src/usecases/', ...INWARD], npm: [], isNodeAllowed: false },
  {
    path: 'src/adapters/google/',
    ours: ['src/adapters/google/', ...INWARD],
    npm: ['googleapis', 'google-auth-library'],
    isNodeAllowed: true,
  },
  {
    path: 'src/adapters/db/',
    ours: ['src/adapters/db/', ...INWARD],
    npm: ['drizzle-orm', 'postgres', '@electric-sql/pglite'],
    isNodeAllowed: true,
  },
  { path: 'src/adapters/log/', ours: ['src/adapters/log/', ...INWARD], npm: ['pino'], isNodeAllowed: true },
  {
    path: 'src/adapters/metrics/',
    ours: ['src/adapters/metrics/', ...INWARD],
    npm: ['prom-client'],
    isNodeAllowed: true,
  },
  { path: 'src/adapters/system/', ours: ['src/adapters/system/', ...INWARD], npm: [], isNodeAllowed: true },
  { path: 'src/adapters/webhooks/', ours: ['src/adapters/webhooks/', ...INWARD], npm: [], isNodeAllowed: true },
  {
    path: 'src/adapters/http/',
    ours: ['src/adapters/http/', 'src/usecases/', ...INWARD],
    npm: [...FASTIFY, 'prom-client', '@event-calendar/build'],
    isNodeAllowed: true,
  },
  {
    path: 'src/adapters/worker/',
    ours: ['src/adapters/worker/', 'src/usecases/', ...INWARD],
    npm: ['pg-boss', 'p-queue'],
    isNodeAllowed: true,
  },
  {
    path: 'src/simulator/',
    ours: ['src/simulator/'],
    npm: ['fastify', '@fastify/*', 'luxon', 'ical.js', '@event-calendar/build'],
    isNodeAllowed: true,
  },
  {
    path: 'src/demo/',
    ours: ['src/demo/', 'src/client/', 'src/compose.ts', 'src/config.ts', 'src/simulator/'],
    npm: ['luxon', 'fastify', '@fastify/*', 'ical.js'],
    isNodeAllowed: true,
  },
  // What a platform installs: it knows the service by its description alone.
  { path: 'src/client/', ours: ['src/client/'], npm: [], isNodeAllowed: true },
  // A recorded conversation decided anew: Google's adapter and the core, with no store and no server.
  { path: 'src/replay/', ours: ['src/replay/', 'src/adapters/google/', ...INWARD], npm: [], isNodeAllowed: true },
  { path: 'src/config.ts', ours: [], npm: [], isNodeAllowed: true },
  {
    path: 'src/compose.ts',
    ours: ['src/adapters/', 'src/usecases/', 'src/config.ts', ...INWARD],
    npm: ['fastify'],
    isNodeAllowed: false,
  },
  { path: 'src/plugin.ts', ours: ['src/compose.ts', 'src/config.ts'], npm: ['fastify'], isNodeAllowed: false },
  { path: 'src/main.ts', ours: ['src/compose.ts', 'src/config.ts'], npm: [], isNodeAllowed: true },
  {
    path: 'src/cli.ts',
    ours: ['src/compose.ts', 'src/config.ts', 'src/main.ts', 'src/simulator/main.ts', 'src/replay/'],
    npm: [],
    isNodeAllowed: true,
  },
]

const LINES_MAX = 400
/** What the core may not touch, since its answer would change with the weather. */
const IMPURE =
  /\b(Date\.now|new Date\(\)|Math\.random|performance\.now|process\.|setTimeout|setInterval|fetch\()|\basync\b|\bawait\b/

const files = globSync('src/**/*.ts').map(path => ({ path, text: readFileSync(path, 'utf8') }))
const partOf = (path: string): Part | undefined =>
  PARTS.filter(part => path.startsWith(part.path)).sort((a, b) => b.path.length - a.path.length)[0]

/** Read by the compiler itself: imports, exports from, and `import()` of a literal. */
function importsOf(text: string): string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName)
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1')
}

function withoutTexts(text: string): string {
  return withoutComments(text).replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''")
}

function packageOf(specifier: string): string {
  const [first = '', second = ''] = specifier.split('/')
  return first.startsWith('@') ? `${first}/${second}` : first
}

const isBuiltin = (specifier: string) => specifier.startsWith('node:') || builtinModules.includes(specifier)
const fits = (name: string, allowed: string) =>
  allowed === name || (allowed.endsWith('/*') && name.startsWith(allowed.slice(0, -1)))

/** The imports of a file that its part may not have. */
function strangers({ path, text }: { path: string; text: string }): string[] {
  const part = partOf(path)
  if (part === undefined) return [`${path} lies in no listed part`]
  const wrong = importsOf(text).filter(specifier => {
    if (isBuiltin(specifier)) return !part.isNodeAllowed
    if (!specifier.startsWith('.')) return !part.npm.some(allowed => fits(packageOf(specifier), allowed))
    const target = normalize(join(dirname(path), specifier))
    return !part.ours.some(allowed => target.startsWith(allowed)) && target !== path
  })
  return wrong.map(specifier => `${path} → ${specifier}`)
}

/** Packages whose files are served, not imported. */
function assetsOf(text: string): string[] {
  return [...text.matchAll(/['"`](@event-calendar\/build)\//g)].map(([, name = '']) => name)
}

describe('who imports whom', () => {
  test('the reader of imports sees every form', () => {
    const text = `import a from './a.ts'
import type { B } from "./b.ts"
import {
  c,
  d, // a note with 'quotes'
} from './c.ts'
export { e } from './e.ts'
import './f.ts'
// import './no.ts'
const g = await import('./g.ts')`
    expect(importsOf(text)).toEqual(['./a.ts', './b.ts', './c.ts', './e.ts', './f.ts', './g.ts'])
  })

  test('there is something to read', () => {
    expect(files.length).toBeGreaterThan(100)
    expect(files.flatMap(({ text }) => importsOf(text)).length).toBeGreaterThan(500)
  })

  test.each([
    ['the core reads a file', 'src/core/sync/x.ts', `import { readFileSync } from 'node:fs'`],
    ['a use case knows an adapter', 'src/usecases/sync/x.ts', `import { run } from '../../adapters/db/statements.ts'`],
    ['adapters know each other', 'src/adapters/http/x.ts', `export { a } from '../db/names.ts'`],
    ['the simulator knows the engine', 'src/simulator/x.ts', `import type { A } from '../core/model/link.ts'`],
    ['a package strays', 'src/adapters/http/x.ts', `const a = await import('googleapis/build/x.js')`],
    ['a folder is new', 'src/helpers/x.ts', ''],
  ])('it would be noticed when %s', (_sentence, path, text) => {
    expect(strangers({ path, text })).toHaveLength(1)
  })

  test('every file imports only what its part may', () => {
    expect(files.flatMap(strangers)).toEqual([])
  })

  test('imports name a file with its ending: no barrels, no aliases', () => {
    const ours = files.flatMap(({ path, text }) => importsOf(text).map(specifier => ({ path, specifier })))
    const wrong = ours.filter(({ specifier }) => specifier.startsWith('.') && !/\.(ts|json)$/.test(specifier))
    expect([...wrong, ...files.filter(({ path }) => path.endsWith('/index.ts'))]).toEqual([])
  })
})

describe('inside a file', () => {
  test('the core has no clock, chance, waiting or environment', () => {
    const core = files.filter(({ path }) => path.startsWith('src/core/'))
    expect(core.length).toBeGreaterThan(20)
    const impure = core.flatMap(({ path, text }) => {
      const [found] = IMPURE.exec(withoutTexts(text)) ?? []
      return found === undefined ? [] : [`${path}: ${found}`]
    })
    expect(impure).toEqual([])
  })

  test('only the configuration reads the environment', () => {
    const readers = files.filter(({ text }) => /\bprocess\.(env|loadEnvFile)\b/.test(withoutTexts(text)))
    expect(readers.map(({ path }) => path).filter(path => !path.startsWith('src/demo/'))).toEqual(['src/config.ts'])
  })

  test(`no file has more than ${LINES_MAX} lines, the schema and what is made from the API apart`, () => {
    const long = files.filter(({ text }) => text.split('\n').length > LINES_MAX + 1).map(({ path }) => path)
    const made = ['src/adapters/db/schema.ts', 'src/client/api.ts']
    expect(long.filter(path => !made.includes(path))).toEqual([])
  })
})

describe('what the tree promises', () => {
  test('every dependency is used, and every package that is imported is a dependency', () => {
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      dependencies: Record<string, string>
    }
    const used = new Set(
      files
        .flatMap(({ text }) => [...importsOf(text), ...assetsOf(text)])
        .filter(specifier => !specifier.startsWith('.') && !isBuiltin(specifier))
        .map(packageOf),
    )
    const wanted = Object.keys(dependencies).filter(name => name !== 'node') // the runtime itself, for npm's scripts
    expect({
      unused: wanted.filter(name => !used.has(name)),
      missing: [...used].filter(name => !(name in dependencies)),
    }).toEqual({
      unused: [],
      missing: [],
    })
  })

  test('each source file that the README names is there', () => {
    const named = existsSync('README.md')
      ? [...readFileSync('README.md', 'utf8').matchAll(/`(src\/[\w./-]+\.ts)`/g)]
      : []
    expect(named.map(([, path = '']) => path).filter(path => !existsSync(path))).toEqual([])
  })
})
