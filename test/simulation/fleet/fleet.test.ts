import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { createCourt } from './checks.ts'
import { liveFleet } from './live.ts'
import { makeFleetStory, type FleetStory, type Step } from './story.ts'

/** `SCHEDULES=2000` for more. */
const SCHEDULES = process.env['SCHEDULES'] ?? '400'

test('random worlds break no law, and the same seed lives the same life', { timeout: 1_200_000 }, async () => {
  const args = ['test/simulation/soak.ts', '--schedules', SCHEDULES, '--seed', '1']
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1e8 }).catch(
    (error: { stdout: string }) => error,
  )
  expect(stdout).toContain(`${SCHEDULES} schedules`)
  expect(stdout.match(/ at seed .*/g) ?? []).toEqual([])
  expect(stdout).toContain('0 went two ways')
})

test('a law that is left out accuses nobody', () => {
  const court = createCourt(new Set(['S3']))
  court.accuse('S3', 'twice')
  court.accuse('S4', 'not ours')
  expect(court.violations()).toEqual([{ check: 'S4', text: 'not ours' }])
})

test('two lives of one seed leave one trace, and another seed another', { timeout: 60_000 }, async () => {
  const short = (seed: number): FleetStory => ({
    ...makeFleetStory(seed),
    steps: makeFleetStory(seed).steps.slice(0, 12),
  })
  const first = await liveFleet(short(11))
  expect((await liveFleet(short(11))).hash).toBe(first.hash)
  expect((await liveFleet(short(12))).hash).not.toBe(first.hash)
})

/** Short lives that once broke a law; each names what was wrong. */
const ONCE_BROKEN: [sentence: string, knobs: Partial<FleetStory['knobs']>, steps: Step[]][] = [
  [
    'an edit in Google made while the answer to our insert is on its way is not passed over by that answer',
    {},
    [
      { do: 'fault', fault: { kind: 'slow', of: 'events.insert', ms: 2_429 } },
      { do: 'book', id: 'apt_3', slot: 1, series: false },
      { do: 'work' },
      { do: 'google-rename', where: 0, pick: 0, word: 25 },
    ],
  ],
  [
    'an account whose list of calendars was given two channels at one moment goes on being watched',
    { channelTtlSeconds: 2_400 },
    [
      { do: 'fault', fault: { kind: 'calendar-gone' } },
      { do: 'book', id: 'apt_2', slot: 90, series: true },
      { do: 'work' },
      { do: 'wait', minutes: 37 },
    ],
  ],
  [
    'a listing under way when a user disconnects does not put the calendar back to use, and all is read again afterwards',
    { grain: 1, pollIntervalMs: 300_000, channelTtlSeconds: 2_400 },
    [
      { do: 'google-add', where: 1, word: 17, slot: 163, series: false },
      { do: 'google-add', where: 1, word: 48, slot: 105, series: false },
      { do: 'rename', id: 'apt_2', word: 19 },
      { do: 'disconnect', who: 0 },
    ],
  ],
  [
    'an occurrence that a split took over and that was then cancelled does not take place here',
    { isWatchable: false },
    [
      { do: 'google-add', where: 0, word: 4, slot: 142, series: true, rule: 1, isDay: false },
      { do: 'wait', minutes: 36 },
      { do: 'google-occurrence-rename', pick: 0, nth: 3, word: 20 },
      { do: 'wait', minutes: 36 },
      { do: 'google-split', pick: 0, nth: 3, slot: 48 },
      { do: 'google-delete', where: 0, pick: 1 },
    ],
  ],
]

test.each(ONCE_BROKEN)('%s', async (_sentence, knobs, steps) => {
  const calm = { instances: 1, grain: 0.05, pageSize: 2_500, pollIntervalMs: 900_000, channelTtlSeconds: 604_800 }
  const plain = { rotatesTokens: false, isWatchable: true, rewritesRules: false, isEndpointThere: false }
  const policies = { deletionGuard: { count: 1_000, share: 1 } }
  const story: FleetStory = {
    seed: 303_796,
    knobs: { ...calm, ...plain, ...knobs },
    cast: ['conflict'],
    policies,
    steps,
  }
  expect((await liveFleet(story)).violations).toEqual([])
})
