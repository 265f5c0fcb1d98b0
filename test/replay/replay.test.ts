import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import nock from 'nock'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { recordingFetch } from '../../src/adapters/google/record.ts'
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

/** A morning of both sides, recorded. @returns the file and what the engine decided at the time. */
async function aMorning(): Promise<{ file: string; rules: string[] }> {
  const record = (inner: typeof fetch) =>
    recordingFetch(inner, { folder, now: () => engine?.clock.now ?? 0, say: line => said.push(line) })
  let engine: Engine | null = null
  engine = createEngine(wake => createMemoryStore(wake), 1, MINUTE, record)
  const stage = onStage(engine)
  await stage.start()
  await stage.book('apt_1', { title: 'Jane Roe, Surgery', location: 'Room 7' })
  const event = await stage.person.insert({ summary: 'Dentist', description: 'call 030 1234567', ...time(16) })
  const series = await stage.person.insert({ summary: 'Series', ...time(18), recurrence: ['RRULE:FREQ=DAILY;COUNT=3'] })
  await engine.settle()
  await stage.person.patch(event.id, { summary: 'Dentist moved', ...time(17) })
  await stage.person.remove((await stage.person.instances(series.id))[1]!.id)
  await engine.settle()
  const [ours] = (await stage.person.events()).filter(each => each.summary?.startsWith('Jane'))
  await stage.person.patch(ours!.id, time(20))
  await engine.settle()
  control(engine, 'POST', `calendars/${inPath(stage.connected.calendarId)}/kill-sync-tokens`)
  await engine.advance(20 * MINUTE)
  const journal = await engine.deps.store.changes(stage.connected.tenantId, 0, 1_000)
  const rules = journal.filter(row => row.side === 'google').map(row => row.rule)
  const [file] = readdirSync(folder)
  return { file: join(folder, file!), rules }
}

describe('a recording of a live run', () => {
  test('holds no title, no address and no token, and is in the form of nock', async () => {
    const { file } = await aMorning()
    const text = readFileSync(file, 'utf8')
    for (const secret of SECRETS) expect(text).not.toContain(secret)
    expect(text).not.toContain('030 1234567')
    expect(said).toEqual([])
    const definitions = JSON.parse(text) as nock.Definition[]
    expect(definitions.length).toBeGreaterThan(6)
    expect(nock.define(definitions)).toHaveLength(definitions.length)
    nock.cleanAll()
  })

  test('replays to the decisions that were made when it was live', async () => {
    const { file, rules } = await aMorning()
    const { listings, unrecorded } = await replay(readFileSync(file, 'utf8'))
    expect(unrecorded).toEqual([])
    const decided = listings.flatMap(each => each.decisions.map(({ rule }) => rule))
    expect(rules).toContain('new-in-google')
    expect(rules).toContain('google-edit-accepted')
    for (const rule of new Set(rules))
      expect(decided.filter(each => each === rule).length, rule).toBe(rules.filter(each => each === rule).length)
    expect(decided).toContain('list-in-full')
  })

  test('says which decision differs once a rule has changed, and which request was never recorded', async () => {
    const { file } = await aMorning()
    expect((await replayFile(file, true)).isSame).toBe(true)
    expect((await replayFile(file, false)).isSame).toBe(true)
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replace('"rule": "new-in-google"', '"rule": "ignored-as-of-old"'))
    const changed = await replayFile(file, false)
    expect(changed.isSame).toBe(false)
    expect(changed.lines.filter(line => line.startsWith('DIFFERENT'))).toEqual([
      expect.stringMatching(/event00\d+ \w+ \(ignored-as-of-old\) before, event00\d+ \w+ \(new-in-google\) now/),
    ])
    writeFileSync(file, text.replace('singleEvents=false', 'singleEvents=true'))
    const other = await replayFile(file, false)
    expect(other.isSame).toBe(false)
    expect(other.lines.some(line => line.startsWith('NOT IN THE RECORDING  GET '))).toBe(true)
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
