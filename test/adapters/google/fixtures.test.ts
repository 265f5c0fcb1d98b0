import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { failureOfAnswer, failureOfOAuthAnswer } from '../../../src/adapters/google/failures.ts'
import { readEvent } from '../../../src/adapters/google/from-google.ts'
import { isObject, readCalendarPage, readEventPage } from '../../../src/adapters/google/wire.ts'
import { FIXTURES, fixtureNames, NOW } from './conversation.ts'

/** Real answers of Google, kept outside this repository; the fixtures cover the same shapes where they are not at hand. */
const RECORDINGS = process.env['LOCKSTEP_RECORDINGS'] ?? resolve(import.meta.dirname, '../../../../shared/recordings')

const textOfFixture = (name: string) => readFileSync(`${FIXTURES}${name}.json`, 'utf8')

/** Every JSON object in a file, however deep: recordings wrap their answers in many ways. */
function* objectsIn(value: unknown): Generator<Record<string, unknown>> {
  if (Array.isArray(value)) for (const item of value) yield* objectsIn(item)
  if (!isObject(value)) return
  yield value
  for (const field of Object.values(value)) yield* objectsIn(field)
}

function filesUnder(folder: string): { file: string; objects: Record<string, unknown>[] }[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.json'))
    .map(file => ({ file, objects: [...objectsIn(JSON.parse(readFileSync(join(folder, file), 'utf8')))] }))
}

const sources = [...filesUnder(FIXTURES), ...filesUnder(RECORDINGS)]
const answers = sources.flatMap(({ file, objects }) => objects.map(object => ({ file, object })))
const ofKind = (kind: string) => answers.filter(({ object }) => object['kind'] === kind)
/** Returned events have an etag; the ones that we or others sent have not. */
const events = ofKind('calendar#event').filter(({ object }) => typeof object['etag'] === 'string')

describe('every fixture', () => {
  test('is described in the README, and nothing else is', () => {
    const readme = readFileSync(resolve(FIXTURES, '../README.md'), 'utf8')
    const described = [...readme.matchAll(/^\| `([\w.]+\/[\w-]+)` \|/gm)].map(match => match[1])
    expect(described.sort()).toEqual(fixtureNames())
  })

  test('is played by a test', () => {
    const tests = readdirSync(import.meta.dirname)
      .filter(file => file.endsWith('.test.ts'))
      .map(file => readFileSync(join(import.meta.dirname, file), 'utf8'))
      .join('\n')
    for (const name of fixtureNames()) expect(tests, name).toContain(`'${name}'`)
  })

  test('holds no token, no secret and no address of anybody', () => {
    expect(fixtureNames().length).toBeGreaterThan(40)
    for (const name of fixtureNames()) {
      const text = textOfFixture(name)
      expect(text, name).not.toMatch(/ya29\.|1\/\/0|GOCSPX|AIza|"?authorization"?\s*:|bearer /i)
      expect(text, name).not.toMatch(/eyJ[\w-]{10}|eid=(?!fictional)/)
      const addresses = text.match(/[\w.+#-]+(?:@|%40)[\w.-]+/g) ?? []
      for (const address of addresses)
        expect(address, name).toMatch(/(@|%40)([\w-]+\.)*(example\.com|lockstep\.example|google\.com)$/)
      const uids = addresses.filter(address => address.endsWith('google.com'))
      for (const uid of uids) expect(uid, name).toMatch(/^_?[a-v0-9]{3,}(_R\d{8}T\d{6})?@google\.com$/)
    }
  })
})

describe('what Google was seen to answer', () => {
  test('holds events, lists and refusals to read', () => {
    expect(events.length).toBeGreaterThan(20)
    expect(ofKind('calendar#events').length).toBeGreaterThan(10)
    if (!existsSync(RECORDINGS)) return
    expect(sources.filter(({ file }) => file.startsWith('compass')).length).toBeGreaterThan(20)
  })

  test('each event is read, and each deletion is a deletion', () => {
    for (const { file, object } of events) {
      const event = readEvent(object, 'America/Chicago')
      const isMeantToBeUnreadable =
        file.endsWith('one-unreadable-event.json') && object['id'] === 'd4broken000000000000000009'
      const kind = object['status'] === 'cancelled' ? 'tombstone' : isMeantToBeUnreadable ? 'unreadable' : 'live'
      expect([file, event.kind]).toEqual([file, kind])
      if (event.kind !== 'live') continue
      expect(event.updatedAt, file).toBe(Date.parse(String(object['updated'] ?? '')) || 0)
      expect(event.recurringEventId, file).toBe(object['recurringEventId'] ?? null)
      expect(event.content.recurrence.length, file).toBe((object['recurrence'] as string[] | undefined)?.length ?? 0)
    }
  })

  test('each cancelled occurrence names its series and slot, though Google did not always', () => {
    const cancelled = events.filter(
      ({ object }) => object['status'] === 'cancelled' && /_\d{8}/.test(String(object['id'])),
    )
    const unnamed = cancelled.filter(({ object }) => object['recurringEventId'] === undefined)
    expect(unnamed.length).toBeGreaterThanOrEqual(2)
    for (const { file, object } of cancelled) {
      const event = readEvent(object, 'UTC')
      expect(event, file).toMatchObject({ kind: 'tombstone' })
      if (event.kind !== 'tombstone') continue
      expect(event.recurringEventId, file).toBe(String(object['id']).replace(/_\d{8}(T\d{6}Z)?$/, ''))
      expect(event.originalStart, file).not.toBeNull()
    }
  })

  test('each slot in an id agrees with the slot that Google names', () => {
    let compared = 0
    for (const { file, object } of events) {
      if (object['recurringEventId'] === undefined) continue
      const { originalStartTime, recurringEventId, ...bare } = object
      const named = readEvent({ ...object, status: 'cancelled' }, 'UTC')
      const read = readEvent({ ...bare, status: 'cancelled' }, 'UTC')
      expect([originalStartTime, recurringEventId], file).not.toContain(undefined)
      expect(read, file).toMatchObject({
        kind: 'tombstone',
        ...('originalStart' in named ? { originalStart: named.originalStart } : {}),
      })
      compared++
    }
    expect(compared).toBeGreaterThanOrEqual(2)
  })

  test('each page of events and calendars is a page', () => {
    for (const { file, object } of ofKind('calendar#events'))
      expect(readEventPage(object), file).toMatchObject({ items: object['items'] })
    for (const { file, object } of ofKind('calendar#calendarList'))
      expect(readCalendarPage(object)?.items.length, file).toBe((object['items'] as unknown[]).length)
  })

  test('each recorded refusal means what it did', () => {
    const compass = (file: string) => {
      const path = join(RECORDINGS, 'compass/errors', file)
      return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { status: number; body: unknown }) : null
    }
    const call = { method: 'events.list', hasSyncToken: true } as const
    for (const file of ['400-invalid-syncToken.json', '410-fullSyncRequired.json']) {
      const answer = compass(file)
      if (answer !== null)
        expect(failureOfAnswer(call, { ...answer, retryAfter: null }, NOW)).toEqual({ kind: 'sync-token-expired' })
    }
    const grant = compass('400-invalid_grant.json')
    if (grant !== null)
      expect(failureOfOAuthAnswer('oauth.refresh', { ...grant, retryAfter: null }, NOW)).toEqual({
        kind: 'access-revoked',
      })
  })
})
