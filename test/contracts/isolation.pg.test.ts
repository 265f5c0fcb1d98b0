import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SCOPES, type Scope } from '../../src/core/model/key-scopes.ts'
import { type ApiDocument, type Described, operationsOf } from '../support/api-document.ts'
import { ADMIN, type ApiWorld, newApiWorld } from '../support/api-world.ts'
import { TENANT } from '../support/engine.ts'

/** Ids that name an object of ours: a stranger's is answered like one that there never was. */
const HIDDEN = [
  ...['getAppointment', 'patchAppointment', 'archiveAppointment', 'cancelAppointment', 'splitAppointment'],
  ...['getAppointmentHistory', 'getConnection', 'patchConnection', 'disconnect', 'checkConnection', 'syncConnection'],
  ...['pauseConnection', 'resumeConnection', 'resetConnection', 'pushExisting', 'getHeldPlan'],
  ...['listCalendars', 'chooseCalendars', 'getRun', 'streamRun', 'cancelRun', 'resolveDuplicate', 'acceptProposal'],
  ...['rejectProposal', 'getWebhookEndpoint', 'patchWebhookEndpoint', 'deleteWebhookEndpoint', 'testWebhookEndpoint'],
  ...['listDeliveries', 'retryDelivery', 'replayDeliveries', 'rotateWebhookSecret'],
]
/** Ids that the platform makes up: each tenant has them to itself, so a stranger may use the same. */
const OWN = [
  ...['putAppointment', 'createConnectLink', 'listConnections', 'getAvailability', 'checkAvailability'],
  ...['createFeed', 'retireFeed', 'exportUser'],
]
/** The operator's, who knows every tenant: the key of a tenant is answered 401. */
const ADMINS = ['getTenant', 'patchTenant', 'eraseTenant', 'createKey', 'revokeKey']
/** Open routes whose path holds a secret. */
const SECRET = ['readFeed']

let world: ApiWorld
let operations: Described[]

beforeAll(async () => {
  world = await newApiWorld()
  operations = operationsOf((await world.app.inject({ url: '/openapi.json' })).json<ApiDocument>())
}, 60_000)
afterAll(() => world.close())

type Asked = { key: string | null; ids: Readonly<Record<string, string>> }

async function ask({ method, path, operation }: Described, { key, ids }: Asked) {
  const body =
    operation.operationId === 'chooseCalendars'
      ? { target: { calendarId: world.calendarId }, sources: [world.calendarId] }
      : operation.requestBody?.content['application/json']?.example
  const query = operation.operationId === 'getAvailability' ? '?from=2026-12-01&to=2026-12-08' : ''
  const url = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(ids[name] ?? 'unknown'))
  const answer = await world.app.inject({
    method: method as 'GET',
    url: `${url}${query}`,
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  })
  const text = answer.body
    .replaceAll(/"requestId":"[^"]*"/g, '')
    .replaceAll(answer.headers['x-request-id'] as string, '')
  return { status: answer.statusCode, text }
}

const named = ({ path }: Described): string[] => [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
const byId = (each: Described): boolean => named(each).length > 0
const isOf = (names: readonly string[]) => (each: Described) => names.includes(each.operation.operationId)

/** Ids that there are, by what stands before the parameter. */
function known({ path }: Described): Record<string, string>[] {
  const lists = named({ path } as Described).map(name => {
    const kind = path.split(`/{${name}}`)[0]?.split('/').at(-1) ?? ''
    return (world.ids[kind] ?? []).map(id => ({ [name]: id }))
  })
  return lists.reduce<Record<string, string>[]>(
    (all, list) => all.flatMap(each => list.map(one => ({ ...each, ...one }))),
    [{}],
  )
}

/** What nobody has, and what looks as if somebody could. */
const RANDOM = ['nobody', 'con_00000000-0000-4000-8000-000000000000', "' or true --", '..%2f..', '%', 'ten_*']

test('every operation that is asked by an id has its row', () => {
  const rows = [...HIDDEN, ...OWN, ...ADMINS, ...SECRET]
  const asked = operations.filter(byId).map(({ operation }) => operation.operationId)
  expect(asked.filter(id => !rows.includes(id))).toEqual([])
  expect(rows.filter(id => !asked.includes(id))).toEqual([])
})

describe('a stranger’s key', () => {
  test('is answered 404 for every id there is, in the words for one that there never was, and changes nothing', async () => {
    let seen = 0
    for (const each of operations.filter(isOf(HIDDEN))) {
      const before = await world.fingerprint({ bookkeeping: true })
      const nothing = await ask(each, { key: world.strangersKey, ids: {} })
      expect([each.name, nothing.status]).toEqual([each.name, 404])
      for (const ids of [
        ...known(each),
        ...RANDOM.map(id => Object.fromEntries(named(each).map(name => [name, id]))),
      ]) {
        const what = `${each.name} ${JSON.stringify(ids)}`
        expect([what, await ask(each, { key: world.strangersKey, ids })]).toEqual([what, nothing])
        seen += 1
      }
      expect([each.name, await world.fingerprint({ bookkeeping: true })]).toEqual([each.name, before])
    }
    expect(seen).toBeGreaterThan(HIDDEN.length * RANDOM.length)
  })

  test('has the platform’s own ids to itself: what another has under them is neither shown nor touched', async () => {
    const before = await world.fingerprint({ bookkeeping: true, tenantId: TENANT })
    for (const each of operations.filter(isOf(OWN)))
      for (const ids of known(each)) {
        const { status, text } = await ask(each, { key: world.strangersKey, ids })
        expect([each.name, status]).toEqual([each.name, expect.toSatisfy((code: number) => code < 300 || code === 404)])
        for (const secret of ['con_', 'Lunch', 'Renamed in Google', 'dr-lee@', world.calendarId])
          expect([each.name, text]).toEqual([each.name, expect.not.stringContaining(secret)])
      }
    expect(await world.fingerprint({ bookkeeping: true, tenantId: TENANT })).toBe(before)
  })

  test('finds nothing of another in any list', async () => {
    const lists = operations.filter(
      each => each.method === 'GET' && !byId(each) && 'apiKey' in (each.operation.security[0] ?? {}),
    )
    expect(lists.length).toBeGreaterThan(4)
    for (const each of lists) {
      const { text } = await ask(each, { key: world.strangersKey, ids: {} })
      for (const [kind, ids] of Object.entries(world.ids))
        if (!['appointments', 'users', 'tenants'].includes(kind))
          for (const id of ids) expect([each.name, text]).toEqual([each.name, expect.not.stringContaining(id)])
      expect([each.name, text]).toEqual([each.name, expect.not.stringContaining('Lunch')])
    }
  })
})

test('an id is good only under the object it belongs to', async () => {
  const other = await world.app.inject({
    method: 'POST',
    url: '/v1/webhook-endpoints',
    headers: { authorization: `Bearer ${world.apiKey}` },
    payload: { url: 'https://hooks.example.com/b' },
  })
  const cases: [string, string | null, Record<string, string>][] = [
    [
      'retryDelivery',
      world.apiKey,
      { id: other.json<{ id: string }>().id, deliveryId: world.ids['deliveries']?.[0] ?? '' },
    ],
    ['revokeKey', ADMIN, { id: 'spare', keyId: world.ids['keys']?.[0] ?? '' }],
  ]
  const before = await world.fingerprint({ bookkeeping: true })
  for (const [operationId, key, ids] of cases) {
    const each = operations.find(isOf([operationId]))
    expect(each === undefined ? operationId : (await ask(each, { key, ids })).status).toBe(404)
  }
  const twice = operations.filter(each => named(each).length > 1).map(({ operation }) => operation.operationId)
  expect(twice.sort()).toEqual(cases.map(([operationId]) => operationId).sort())
  expect(await world.fingerprint({ bookkeeping: true })).toBe(before)
})

describe('who may call what', () => {
  test('every operation admits the callers it names, and no other', async () => {
    for (const each of operations.filter(({ operation }) => operation.security.length > 0)) {
      const admits = (scheme: string): boolean => each.operation.security.some(one => scheme in one)
      const before = await world.fingerprint({ bookkeeping: true })
      const callers: [string, string | null, boolean][] = [
        ['nobody', null, false],
        ['a key that there is not', 'lsk_unknown', false],
        ['the beginning of a good key', world.apiKey.slice(0, -1), false],
        ['the admin token', ADMIN, admits('adminToken')],
        ['a tenant’s key', world.strangersKey, admits('apiKey')],
      ]
      for (const [who, key, isAdmitted] of callers) {
        const what = `${each.name} by ${who}`
        if (isAdmitted) continue
        expect([what, (await ask(each, { key, ids: {} })).status]).toEqual([what, 401])
      }
      expect([each.name, await world.fingerprint({ bookkeeping: true })]).toEqual([each.name, before])
      const admitted = callers.filter(([, , isAdmitted]) => isAdmitted)
      expect([each.name, admitted.length]).toEqual([each.name, each.operation.security.length])
      for (const [who, key] of admitted)
        if (byId(each)) {
          const { status } = await ask(each, { key, ids: {} })
          expect([`${each.name} by ${who}`, status]).toEqual([
            `${each.name} by ${who}`,
            expect.not.toSatisfy((code: number) => code === 401),
          ])
        }
    }
  })

  test('a key does what its scopes allow, operation by operation, and is told which one it lacks', async () => {
    const keys = await Promise.all(SCOPES.map(async scope => [scope, await world.newKey({ scopes: [scope] })] as const))
    const asked = new Map<string, number>()
    for (const each of operations) {
      const needed = each.operation.security.flatMap(one => one['apiKey'] ?? [])
      if (!each.operation.security.some(one => 'apiKey' in one)) continue
      expect([each.name, needed]).toEqual([each.name, [expect.toSatisfy((scope: Scope) => SCOPES.includes(scope))]])
      for (const [scope, key] of keys) {
        if (!needed.includes(scope)) {
          const before = await world.fingerprint({ bookkeeping: true })
          const { status, text } = await ask(each, { key, ids: known(each)[0] ?? {} })
          expect([each.name, scope, status]).toEqual([each.name, scope, 403])
          expect(text).toContain('"type":"forbidden"')
          expect(text).toContain(`\`${needed[0] ?? ''}\``)
          expect(await world.fingerprint({ bookkeeping: true })).toBe(before)
        } else if (byId(each) || each.method === 'GET') {
          const { status } = await ask(each, { key, ids: {} })
          expect([each.name, scope, status]).toEqual([
            each.name,
            scope,
            expect.toSatisfy((code: number) => code !== 401 && code !== 403),
          ])
          asked.set(scope, (asked.get(scope) ?? 0) + 1)
        }
      }
    }
    expect([...asked.keys()].sort()).toEqual([...SCOPES].sort())
  })
})
