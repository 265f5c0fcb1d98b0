// src/client/api.ts from the API's description: the types by openapi-typescript, and which operation is which call.
// `--check` writes nothing and ends with 1 where the file is not what it would be.
import { readFile, writeFile } from 'node:fs/promises'
import { Registry } from 'prom-client'
import openapiTS, { astToString } from 'openapi-typescript'
import { format, resolveConfig } from 'prettier'
import { buildServer } from '../src/adapters/http/server.ts'

const FILE = 'src/client/api.ts'

/** The server describes itself without being asked for anything else, so nothing needs to be behind it. */
async function describe() {
  const nothing = new Proxy({}, { get: () => () => undefined })
  const settings = { publicUrl: 'http://127.0.0.1:8080' }
  const system = { now: () => 0, newId: () => 'id' }
  const app = await buildServer({ system, settings, log: nothing, store: nothing, registry: new Registry() })
  const document = (await app.inject({ url: '/openapi.json' })).json()
  await app.close()
  return document
}

/** What a client needs of it: no pages, no examples, and one kind of refusal. */
function forClients(document) {
  const paths = Object.entries(document.paths).filter(([path]) => path.startsWith('/v1/'))
  for (const [, operations] of paths)
    for (const operation of Object.values(operations)) {
      const well = Object.entries(operation.responses).filter(([status]) => Number(status) < 400)
      for (const [, answer] of well) delete answer.headers
      operation.responses = Object.fromEntries(well)
    }
  return without({
    ...document,
    paths: Object.fromEntries(paths),
    components: { schemas: document.components.schemas },
  })
}

function without(value) {
  if (Array.isArray(value)) return value.map(without)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([name]) => name !== 'example' && name !== 'examples')
  return Object.fromEntries(kept.map(([name, member]) => [name, without(member)]))
}

function callsOf({ paths }) {
  const calls = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { operationId }]) => [operationId, [method.toUpperCase(), path]]),
  )
  return Object.fromEntries(calls.sort(([a], [b]) => (a < b ? -1 : 1)))
}

const document = forClients(await describe())
const types = astToString(
  await openapiTS(structuredClone(document), { alphabetize: true, enum: false, defaultNonNullable: false }),
)
const text = `// Made by \`npm run client\` from the API's description. Not edited by hand: a test compares.
/** Each operation's method and path. */
export const CALLS = ${JSON.stringify(callsOf(document))} as const

${types}`
const formatted = await format(text, { ...(await resolveConfig(FILE)), filepath: FILE })
if (!process.argv.includes('--check')) await writeFile(FILE, formatted)
else if ((await readFile(FILE, 'utf8').catch(() => '')) !== formatted) {
  console.error(`${FILE} is not what the API says: npm run client`)
  process.exit(1)
}
