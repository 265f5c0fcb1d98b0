import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import nock from 'nock'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { recordingFetch } from '../../src/adapters/google/record.ts'
import type { reactToWrite } from '../../src/core/sync/reaction.ts'
import { createScrubber, UnscrubbableError } from '../../src/adapters/google/scrub.ts'
import { replayFile } from '../../src/replay/replay-file.ts'
import { replay } from '../../src/replay/replay.ts'
import { MINUTE } from '../support/builders.ts'
import { createEngine, type Engine } from '../support/engine.ts'
import { createMemoryStore } from '../support/memory-store.ts'
import { onStage, time } from '../support/stage.ts'
import { control, inPath } from '../support/trouble.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-recording-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const said: string[] = []
const SECRETS = ['Jane Roe', 'Surgery', 'Dentist', 'Room 7', 'dr-lee@', 'ya29', 'Bearer', 'Practice']

/**
 * A day of both sides, recorded: bookings, edits, deletions and cancellations here and there, an edit that came before ours, an event
 * deleted twice, a calendar whose tokens died. @returns the file and what the engine decided at the time.
 */
async function aDay(): Promise<{ file: string; rules: string[] }> {
  const record = (inner: typeof fetch) =>
    recordingFetch(inner, { folder, now: () => engine?.clock.now ?? 0, say: line => said.push(line) })
  let engine: Engine | null = null
  engine = createEngine(wake => createMemoryStore(wake), 1, MINUTE, record)
  const stage = onStage(engine)
  await stage.start()
  await stage.book('apt_1', { title: 'Jane Roe, Surgery', location: 'Room 7' })
  for (const id of ['apt_2', 'apt_3', 'apt_4']) await stage.book(id, { title: `Jane Roe ${id}`, ...time(12) })
  const event = await stage.person.insert({ summary: 'Dentist', description: 'call 030 1234567', ...time(16) })
  const series = await stage.person.insert({ summary: 'Series', ...time(18), recurrence: ['RRULE:FREQ=DAILY;COUNT=3'] })
  await engine.settle()
  await stage.person.patch(event.id, { summary: 'Dentist moved', ...time(17) })
  await stage.person.remove((await stage.person.instances(series.id))[1]!.id)
  await engine.settle()
  const ofUs = async (name: string) => (await stage.person.events()).find(each => each.summary === name)!
  const ours = await ofUs('Jane Roe, Surgery')
  await stage.person.patch(ours.id, time(20))
  await engine.settle()
  // An edit that we have not heard of when ours is written: 412, read back, merged, written.
  stage.notifications({ dropShare: 1 })
  await stage.person.patch(ours.id, { description: 'Dentist said so' })
  await stage.book('apt_1', { title: 'Jane Roe, Surgery', location: 'Room 8', ...time(20) })
  await engine.settle()
  // Deleted in Google; cancelled here; and both at once.
  await stage.person.remove((await ofUs('Jane Roe apt_2')).id)
  await stage.cancel('apt_3')
  await stage.person.remove((await ofUs('Jane Roe apt_4')).id)
  await stage.cancel('apt_4')
  await engine.advance(20 * MINUTE)
  control(engine, 'POST', `calendars/${inPath(stage.connected.calendarId)}/kill-sync-tokens`)
  await engine.advance(20 * MINUTE)
  const journal = await engine.deps.store.changes(stage.connected.tenantId, 0, 1_000)
  const rules = journal.filter(row => row.side === 'google').map(row => row.rule)
  const [file] = readdirSync(folder)
  return { file: join(folder, file!), rules }
}

describe('a recording of a live run', () => {
  test('holds no title, no address and no token, and is in the form of nock', async () => {
    const { file } = await aDay()
    const text = readFileSync(file, 'utf8')
    for (const secret of SECRETS) expect(text).not.toContain(secret)
    expect(text).not.toContain('030 1234567')
    expect(said).toEqual([])
    const definitions = JSON.parse(text) as nock.Definition[]
    expect(definitions.length).toBeGreaterThan(6)
    expect(nock.define(definitions)).toHaveLength(definitions.length)
    nock.cleanAll()
  })

  test('replays to the decisions that were made when it was live, each request of the day among them', async () => {
    const { file, rules } = await aDay()
    const text = readFileSync(file, 'utf8')
    const statuses = (JSON.parse(text) as nock.Definition[]).map(each => Number(each.status))
    expect([200, 204, 410, 412].filter(status => !statuses.includes(status))).toEqual([])
    const { steps, unrecorded } = await replay(text)
    expect(unrecorded).toEqual([])
    const decided = steps.flatMap(each => each.decisions.map(({ rule }) => rule))
    for (const rule of [
      'new-in-google',
      'google-edit-accepted',
      'google-delete-cancels',
      'occurrence-cancelled-in-google',
    ])
      expect(rules).toContain(rule)
    for (const rule of new Set(rules))
      expect(decided.filter(each => each === rule).length, rule).toBe(rules.filter(each => each === rule).length)
    for (const rule of [
      'list-in-full',
      'insert-taken',
      'update-taken',
      'update-read-back',
      'delete-taken',
      'delete-done',
      'channel-opened',
      'calendars-read',
      'not-found-elsewhere',
    ])
      expect(decided, rule).toContain(rule)
  })

  test('says which decision differs once a rule has changed', async () => {
    const { file } = await aDay()
    expect((await replayFile(file, true)).isSame).toBe(true)
    expect((await replayFile(file, false)).lines.filter(line => line.startsWith('DIFFERENT'))).toEqual([])
    const differing = async (module: string, meddled: (real: Record<string, unknown>) => object): Promise<string[]> => {
      vi.resetModules()
      vi.doMock(module, async real => ({ ...(await real<object>()), ...meddled(await real()) }))
      const { replayFile: otherwise } = await import('../../src/replay/replay-file.ts')
      const { lines, isSame } = await otherwise(file, false)
      vi.doUnmock(module)
      expect(isSame).toBe(false)
      return lines.filter(line => line.startsWith('DIFFERENT'))
    }
    const restored = await differing('../../src/core/sync/ownership.ts', () => ({ answerToDeletion: () => 'restore' }))
    expect(restored).toEqual([
      expect.stringMatching(
        /GET .*event00\d+ cancelled \(google-delete-cancels\) before, event00\d+ restored \(google-delete-restored\) now/,
      ),
    ])
    const parked = await differing('../../src/core/sync/reaction.ts', ({ reactToWrite: real }) => ({
      reactToWrite: (call: never, failure: { kind: string }) =>
        failure.kind === 'edited-meanwhile'
          ? { do: 'park', code: 'x', message: 'x' }
          : (real as typeof reactToWrite)(call, failure as never),
    }))
    expect(parked).toEqual([
      expect.stringMatching(/PUT .*waited \(update-read-back\) before, event00\d+ waited \(update-park\) now/),
    ])
    vi.resetModules()
  })

  test.each([
    ['a listing', 'singleEvents=false', 'singleEvents=true', 'GET'],
    ['an update', 'sendUpdates=none', 'sendUpdates=all', 'PUT'],
  ])('a request that was never recorded is named, and the replay fails: %s', async (_name, was, is, method) => {
    const { file } = await aDay()
    await replayFile(file, true)
    const text = readFileSync(file, 'utf8')
    expect(text).toContain(was)
    writeFileSync(
      file,
      text.replace(
        /("method": "(?:GET|PUT)",\n\s*"path": ")([^"]*)/g,
        (_all, head: string, path: string) => head + path.replace(was, is),
      ),
    )
    const { lines, isSame } = await replayFile(file, false)
    expect(isSame).toBe(false)
    expect(lines.filter(each => each.startsWith(`NOT IN THE RECORDING  ${method} `))).not.toEqual([])
  })

  test('is refused when it is none', async () => {
    await expect(replay('{"scope": 1}')).rejects.toThrow('no recording')
  })
})

describe('the scrubber', () => {
  test('gives the same the same name, so that a change is still a change', () => {
    const scrubber = createScrubber()
    const clean = (summary: string) => (scrubber.body({ summary }) as { summary: string }).summary
    expect([clean('a'), clean('b'), clean('a')]).toEqual(['text 1', 'text 2', 'text 1'])
  })

  test('keeps what says which event and when, not who', () => {
    const scrubber = createScrubber()
    const id = 'abc123abc123_R20261201T140000_20261208T140000Z'
    expect(
      scrubber.body({
        id,
        iCalUID: 'abc123abc123_R20261201T140000@google.com',
        recurringEventId: 'abc123abc123_R20261201T140000',
        attendees: [{ email: 'jane@clinic.test', displayName: 'Jane', responseStatus: 'accepted' }],
        extendedProperties: { private: { lockstepKey: 'k', lockstepRevision: '3', 'jane@clinic.test': 'x' } },
      }),
    ).toEqual({
      id: 'event00001_R20261201T140000_20261208T140000Z',
      iCalUID: 'event00001_R20261201T140000@google.com',
      recurringEventId: 'event00001_R20261201T140000',
      attendees: [{ email: 'person-1@example.com', displayName: 'text 1', responseStatus: 'accepted' }],
      extendedProperties: { private: { lockstepKey: 'text 2', lockstepRevision: '3', 'property-1': 'text 3' } },
    })
  })

  test.each([
    { status: 'jane@clinic.test' },
    { recurrence: ['RRULE:FREQ=DAILY;X-NAME=jane@clinic.test'] },
    { 'jane@clinic.test': 1 },
    { 'ya29.something': 1 },
  ])('refuses %j, which it cannot scrub', body => {
    expect(() => createScrubber().body(body)).toThrow(UnscrubbableError)
  })

  test('what is refused is not written, and said', async () => {
    const lines: string[] = []
    const inner = () => Promise.resolve(new Response(JSON.stringify({ status: 'jane@clinic.test' })))
    const recording = recordingFetch(inner, { folder, now: () => 0, say: line => lines.push(line) })
    await recording('http://google.localhost/calendar/v3/users/me/calendarList')
    expect(lines).toHaveLength(1)
    expect(lines[0]).not.toContain('jane')
    expect(readdirSync(folder)).toEqual([])
  })
})
