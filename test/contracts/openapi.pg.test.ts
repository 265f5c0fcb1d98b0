import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type ApiDocument,
  type Described,
  judgeOf,
  operationsOf,
  type Parameter,
  type Schema,
} from '../support/api-document.ts'
import { ADMIN, type ApiWorld, newApiWorld } from '../support/api-world.ts'
import { spoiled, valuesOf } from '../support/schema-arbitrary.ts'

const seed = Number(process.env['SEED'] ?? 20_261_130)
const runs = Number(process.env['CONTRACT_RUNS'] ?? 6)

/** They end what the others need, so they come last; erasing is for the tenant that is there for it. */
const LAST = ['archiveAppointment', 'retireFeed', 'deleteWebhookEndpoint', 'revokeKey', 'eraseTenant', 'disconnect']
/** What others would spoil for them, so they come first. */
const FIRST = ['rejectProposal', 'acceptProposal', 'resolveDuplicate', 'splitAppointment', 'chooseCalendars']
/** Pages, secrets and a guard that holds: what they answer well is told by their own tests. */
const NEVER_DONE = ['finishConsent', 'readFeed', 'receiveNotification', 'getHeldPlan']

let world: ApiWorld
let document: ApiDocument
let judge: ReturnType<typeof judgeOf>
let operations: Described[]
const done = new Set<string>()

beforeAll(async () => {
  process.stdout.write(`contract seed ${seed}\n`)
  world = await newApiWorld()
  document = (await world.app.inject({ url: '/openapi.json' })).json()
  judge = judgeOf(document)
  operations = operationsOf(document).sort((a, b) => turnOf(a) - turnOf(b))
}, 60_000)
afterAll(() => world.close())

function turnOf({ operation: { operationId } }: Described): number {
  return LAST.includes(operationId) ? LAST.indexOf(operationId) : -1 - (FIRST.indexOf(operationId) + 1)
}

type Ask = {
  key: string | null
  path: Record<string, string>
  query: Record<string, unknown>
  headers: Record<string, string>
  body: unknown
}
type Answer = { status: number; type: string; text: string }

async function ask({ method, path, operation }: Described, asked: Ask): Promise<Answer> {
  const url = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(asked.path[name] ?? ''))
  const query = Object.entries(asked.query).map(([name, value]): [string, string] => [
    name,
    String(value).toWellFormed(),
  ])
  const hasBody = operation.requestBody !== undefined && asked.body !== undefined
  const { statusCode, headers, body } = await world.app.inject({
    method: method as 'GET',
    url: query.length === 0 ? url : `${url}?${new URLSearchParams(query)}`,
    headers: {
      ...(asked.key === null ? {} : { authorization: `Bearer ${asked.key}` }),
      ...(hasBody ? { 'content-type': 'application/json' } : {}),
      ...asked.headers,
    },
    ...(hasBody ? { payload: JSON.stringify(asked.body) } : {}),
  })
  const type = String(headers['content-type'] ?? '').split(';', 1)[0] ?? ''
  return { status: statusCode, type, text: body }
}

/** The answer is one that the document tells of, and looks as it says. */
function expectDescribed({ operation, name }: Described, { status, type, text }: Answer, asked: Ask): void {
  const what = `${name} ${JSON.stringify(asked)}\n→ ${status} ${text}\n${world.log.splice(0).join('\n')}`
  expect(status, what).toBeLessThan(status === 503 ? 504 : 500)
  const told = operation.responses[String(status)]
  expect(told, what).toBeDefined()
  if (text === '') return
  const media = told?.content?.[type]
  expect(media, what).toBeDefined()
  if (media !== undefined && type.endsWith('json')) expect(judge.faults(media.schema, JSON.parse(text)), what).toBe('')
}

function idsFor({ path, operation }: Described, parameter: string): readonly string[] {
  if (operation.operationId === 'eraseTenant') return ['spare']
  const before = path.split(`/{${parameter}}`)[0]?.split('/').at(-1) ?? ''
  return world.ids[before] ?? ['unknown']
}

const idOf = (each: Described, { name, schema }: Parameter): fc.Arbitrary<string> => {
  const any = valuesOf(document, schema).filter(value => value !== '.' && value !== '..') as fc.Arbitrary<string>
  const known = fc.constantFrom(...idsFor(each, name))
  if (each.operation.operationId === 'eraseTenant') return fc.oneof(known, fc.constant('nobody'))
  return fc.oneof({ weight: 6, arbitrary: known }, { weight: 1, arbitrary: any.filter(text => text.isWellFormed()) })
}

function parametersOf(each: Described, place: Parameter['in']): Parameter[] {
  return (each.operation.parameters ?? []).filter(parameter => parameter.in === place)
}

const bodySchema = ({ operation }: Described): Schema | undefined =>
  operation.requestBody?.content['application/json']?.schema

/** A request with nothing wrong by the schemas. `wait` is left alone: it would. */
function rightAsk(each: Described): fc.Arbitrary<Ask> {
  const query = parametersOf(each, 'query').filter(({ name }) => name !== 'wait')
  const schema = bodySchema(each)
  const record = (parameters: Parameter[]) =>
    fc.record(Object.fromEntries(parameters.map(p => [p.name, valuesOf(document, p.schema, p.name)])), {
      requiredKeys: [],
    })
  return fc.record({
    key: fc.constant(keyFor(each)),
    path: fc.record(Object.fromEntries(parametersOf(each, 'path').map(p => [p.name, idOf(each, p)]))),
    query: record(query),
    headers: fc.oneof(
      fc.constant({}),
      fc.record({ 'if-match': fc.constantFrom('*', '"1"', '"2"', 'W/"1"') }),
      fc.record({ 'idempotency-key': fc.uuid() }),
    ),
    body: schema === undefined ? fc.constant(undefined) : valuesOf(document, schema),
  })
}

/** One thing wrong with it: who asks, which object, the query, a header, or the body. */
function wrongAsk(each: Described): fc.Arbitrary<Ask> {
  const schema = bodySchema(each)
  const spoil = fc.constantFrom(
    ...(schema === undefined
      ? ['key', 'path', 'query', 'header']
      : ['key', 'path', 'query', 'header', 'body', 'body', 'body', 'body']),
  )
  const body = schema === undefined ? fc.constant(undefined) : spoiled(valuesOf(document, schema))
  const key = fc.constantFrom(null, 'lsk_unknown', world.strangersKey, keyFor(each) === ADMIN ? world.apiKey : ADMIN)
  const header = fc.constantFrom(
    { 'if-match': 'no tag' },
    { 'idempotency-key': 'with blanks' },
    { 'content-type': 'text/csv' },
  )
  return fc.record({ right: rightAsk(each), spoil, body, key, header }).map(({ right, spoil: what, ...wrong }) => {
    if (what === 'key') return { ...right, key: wrong.key }
    if (what === 'path')
      return { ...right, path: Object.fromEntries(Object.keys(right.path).map(name => [name, 'nobody'])) }
    if (what === 'query') return { ...right, query: { ...right.query, unheardOf: 1 } }
    if (what === 'header') return { ...right, headers: wrong.header }
    return { ...right, headers: {}, body: wrong.body }
  })
}

const keyFor = ({ operation: { security } }: Described): string | null =>
  security.length === 0 ? null : 'adminToken' in (security[0] ?? {}) ? ADMIN : world.apiKey

/** Whether the document says that the body is wrong. Where none is required, `null` is none. */
function isWrongBody(each: Described, { body }: Ask): boolean {
  const schema = bodySchema(each)
  if (schema === undefined || body === undefined) return false
  if (body === null && each.operation.requestBody?.required !== true) return false
  return !judge.isValid(schema, body)
}

async function holds(each: Described, asked: Ask): Promise<void> {
  const bookkeeping = !('idempotency-key' in asked.headers)
  const before = await world.fingerprint({ bookkeeping })
  const answer = await ask(each, asked)
  expectDescribed(each, answer, asked)
  const what = `${each.name} ${JSON.stringify(asked)} → ${answer.status} ${answer.text}`
  if (isWrongBody(each, asked))
    expect(worstOf(each, answer), `${what}: the body is not as described`).toBeGreaterThanOrEqual(400)
  if (answer.status < 400) done.add(each.operation.operationId)
  else expect(await world.fingerprint({ bookkeeping }), `${what}: the database was changed`).toBe(before)
}

/** One bad item of a batch spoils no other: it is refused by itself. */
function worstOf({ operation }: Described, { status, text }: Answer): number {
  if (operation.operationId !== 'putAppointments' || status !== 200) return status
  const { items } = JSON.parse(text) as { items: { status: number }[] }
  return Math.max(...items.map(each => each.status))
}

/** The document's own example, sent to objects that there are. */
async function example(each: Described): Promise<void> {
  const { operationId, requestBody } = each.operation
  const choice = { target: { calendarId: world.calendarId }, sources: [world.calendarId] }
  const body = operationId === 'chooseCalendars' ? choice : requestBody?.content['application/json']?.example
  const query = operationId === 'getAvailability' ? { from: '2026-12-01', to: '2026-12-08' } : {}
  for (const id of objectsFor(each)) {
    const rest = parametersOf(each, 'path').map(({ name }) => [name, name === 'id' ? id : idsFor(each, name)[0]])
    await holds(each, { key: keyFor(each), path: Object.fromEntries(rest), query, headers: {}, body })
  }
}

/** A proposal is answered once; a PUT is of something new, or it would be in the others' way. */
function objectsFor(each: Described): readonly string[] {
  const known = idsFor(each, 'id')
  const some = { putAppointment: ['fresh'], acceptProposal: known.slice(0, 1), rejectProposal: known.slice(1) }
  return some[each.operation.operationId as keyof typeof some] ?? known
}

describe('whatever is asked, every answer is as described, and what is refused has changed nothing', () => {
  test('the examples of the description, on objects that there are', { timeout: 120_000 }, async () => {
    for (const each of operations.filter(({ operation }) => !LAST.includes(operation.operationId))) await example(each)
  })

  test(
    `${runs} requests of each kind for every operation, right ones and wrong ones`,
    { timeout: 600_000 },
    async () => {
      for (const each of operations) {
        const property = fc.asyncProperty(fc.oneof(rightAsk(each), wrongAsk(each)), asked => holds(each, asked))
        await fc.assert(property, { seed, numRuns: runs * 2 })
      }
    },
  )

  test('nearly every operation was done at least once', async () => {
    for (const each of operations.filter(({ operation }) => LAST.includes(operation.operationId))) await example(each)
    const never = operations.map(({ operation }) => operation.operationId).filter(id => !done.has(id))
    expect(never.filter(id => !NEVER_DONE.includes(id))).toEqual([])
  })
})
