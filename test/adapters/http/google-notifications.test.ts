import { afterAll, beforeEach, expect, test } from 'vitest'
import { createHash } from 'node:crypto'
import { anApp, storeWith } from './an-app.ts'

const CHANNEL = 'channel_1'
const hash = (text: string) => createHash('sha256').update(text).digest('hex')

let notes: unknown[]
let wakes: unknown[]
let answer: () => Promise<{ tenantId: string; connectionId: string; calendarId: string | null } | null>

const made = anApp({
  store: storeWith({
    noteOrphan: async () => false,
    noteNotification: async notification => {
      notes.push(notification)
      return answer()
    },
  }),
  jobs: { wake: async wakeUps => void wakes.push(...wakeUps) },
})
beforeEach(() => {
  notes = []
  wakes = []
  answer = async () => ({ tenantId: 'clinic', connectionId: 'con_1', calendarId: 'cal_1' })
})
afterAll(async () => (await made).app.close())

const post = async (headers: Record<string, string> = {}, payload?: string) =>
  (await made).app.inject({
    method: 'POST',
    url: '/webhooks/google',
    headers: {
      'x-goog-channel-id': CHANNEL,
      'x-goog-channel-token': hash(CHANNEL),
      'x-goog-resource-id': 'resource_1',
      'x-goog-resource-state': 'exists',
      'x-goog-message-number': '7',
      ...headers,
    },
    ...(payload === undefined ? {} : { payload }),
  })

test('a notification is durable and its calendar woken before 204', async () => {
  const reply = await post()
  expect([reply.statusCode, reply.body]).toEqual([204, ''])
  expect(notes).toMatchObject([{ channelId: CHANNEL, resourceId: 'resource_1' }])
  expect(wakes).toMatchObject([{ kind: 'pull', calendarId: 'cal_1' }])
})

test('ten thousand forgeries cost no database read, and tell nothing', async () => {
  const bodies = new Set<string>()
  for (let round = 0; round < 10_000; round++) {
    const headers: Record<string, string> =
      round % 2 === 0
        ? { 'x-goog-channel-token': hash(`guess ${round}`) }
        : { 'x-goog-channel-id': `channel_${round}x` }
    const reply = await post(headers)
    bodies.add(`${reply.statusCode} ${reply.body}`)
  }
  expect([...bodies]).toEqual(['404 '])
  expect([notes, wakes]).toEqual([[], []])
})

test('an unknown channel with a good token answers as a forgery does', async () => {
  answer = async () => null
  const reply = await post()
  expect([reply.statusCode, reply.body]).toEqual([404, ''])
  expect(wakes).toEqual([])
})

test('what could not be made durable is asked for again', async () => {
  answer = async () => {
    throw new Error('the database is away')
  }
  expect((await post()).statusCode).toBe(503)
  expect(wakes).toEqual([])
})

test.each([
  ['no headers at all', { 'x-goog-channel-id': '', 'x-goog-channel-token': '' }],
  ['an endless header', { 'x-goog-channel-token': 'x'.repeat(5_000) }],
])('%s is a forgery', async (_name, headers) => {
  expect((await post(headers)).statusCode).toBe(404)
  expect(notes).toEqual([])
})

test.each([
  ['broken JSON', 'application/json', '{"a":'],
  ['something else', 'application/x-anything', 'abc'],
  ['text', 'text/plain', 'hello'],
])('a body is not read: %s changes nothing', async (_name, type, payload) => {
  expect((await post({ 'content-type': type }, payload)).statusCode).toBe(204)
})

test('a body beyond a kilobyte is not taken', async () => {
  expect((await post({ 'content-type': 'application/json' }, 'x'.repeat(1_025))).statusCode).toBe(413)
  expect(notes).toEqual([])
})
