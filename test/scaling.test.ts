import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { FLEET_CONNECTIONS_MAX, JOB_CONNECTIONS_MAX } from '../src/adapters/db/postgres.ts'
import { PATCH_WEIGHT } from '../src/adapters/google/calendar.ts'
import { WORKERS } from '../src/adapters/worker/queues.ts'
import { DUE_MAX, scheduledTasks } from '../src/adapters/worker/schedule.ts'
import { DATABASE_CONNECTIONS_MAX, GOOGLE_PAGE_MAX } from '../src/compose.ts'
import { SETTINGS } from '../src/config.ts'
import { allowanceOf } from '../src/core/pacing/meter.ts'
import { JITTER_SHARE, RENEW_AT_SHARE } from '../src/core/sync/channel-plan.ts'
import { nextPollAt } from '../src/usecases/sync/note-pull.ts'
import { SAMPLES_MAX } from '../src/usecases/sync/pick-samples.ts'
import { createEngine } from './support/engine.ts'
import { createMemoryStore } from './support/memory-store.ts'

/** The tables of docs/scaling.md, reckoned from the code's constants. */

const DAY_S = 86_400
const MINUTES = 1_440
const YEAR = 365
const PAGE = 'docs/scaling.md'
const SIZES = [1_000, 100_000, 10_000_000]

/** What docs/scaling.md assumes, and what it names as measured or as others' numbers. */
const ASSUMED = { events: 500, changesInGoogle: 10, changesOfPlatform: 10, busyTimes: 3, placeS: 0.3 }
const MEASURED = { eventBytes: 1_441, journalBytes: 1_368, jobsPerS: 415 }
const OTHERS = { unitsPerDay: 1_000_000, connectionsMax: 100 }

const { deps } = createEngine(wake => createMemoryStore(wake))
const setting = (name: 'POLL_INTERVAL_SECONDS' | 'CHANNEL_TTL_SECONDS' | 'SAMPLE_SHARE' | 'GOOGLE_PROJECT_RPM') =>
  Number(SETTINGS[name].default)
const everyS = (name: string): number => {
  const tasks = scheduledTasks({ ...deps, pollIntervalMs: pollS * 1_000, ...RUNS })
  return (tasks.find(task => task.name === name)?.everyMs ?? Number.NaN) / 1_000
}
const nothing = () => Promise.resolve()
const RUNS = { renewChannels: nothing, expireProposals: nothing, pickSamples: nothing }

const pollS = setting('POLL_INTERVAL_SECONDS')
const settings = { ...deps.settings, pollIntervalMs: pollS * 1_000 }
const polledAfterS = nextPollAt({ system: { ...deps.system, random: () => 0.5 }, settings }, 0, true) / 1_000
/** Two channels, each replaced with a request to open and one to stop. */
const renewals = (2 * DAY_S) / (setting('CHANNEL_TTL_SECONDS') * (RENEW_AT_SHARE + JITTER_SHARE / 2))
const ofOne = {
  polls: DAY_S / polledAfterS,
  notifications: ASSUMED.changesInGoogle + ASSUMED.changesOfPlatform,
  writes: ASSUMED.changesOfPlatform,
  samples: setting('SAMPLE_SHARE') * Math.ceil(ASSUMED.events / GOOGLE_PAGE_MAX),
}
const own = ofOne.polls + 2 * renewals + ofOne.samples
const caused = ofOne.notifications + ofOne.writes * PATCH_WEIGHT
const unitsPerDay = own + caused
const busyUnitsPerMinute = (own + ASSUMED.busyTimes * caused) / MINUTES
const busyPerS = (perDay: number) => (ASSUMED.busyTimes * perDay) / DAY_S
const busyPulls = ofOne.polls / DAY_S + busyPerS(ofOne.notifications)
/** Each change is told to one endpoint of the platform's. */
const busyJobs = busyPulls + busyPerS(ofOne.writes) + busyPerS(ofOne.notifications)
const statements = statementsOfPulls()
const projectRpm = allowanceOf(setting('GOOGLE_PROJECT_RPM')).perMinute
/** The store's, the fleet's, the job engine's, the owner's, and the one that listens. */
const connectionsOfOne = DATABASE_CONNECTIONS_MAX + FLEET_CONNECTIONS_MAX + JOB_CONNECTIONS_MAX + 1 + 1
const pullsOfInstance = WORKERS.pull.postgres / ASSUMED.placeS
const writesOfInstance = WORKERS.flush.postgres / ASSUMED.placeS

function statementsOfPulls(): { quiet: number; changed: number } {
  const text = readFileSync('docs/performance.md', 'utf8')
  const figure = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? Number.NaN)
  return {
    quiet: figure(/nothing changed: [^\n]+\n\| … event rows[^\n]+\n\| … statements \| (\d+) \|/u),
    changed: figure(/… statements, at any of these sizes \| (\d+) \|/u),
  }
}

const instancesFor = (count: number) =>
  Math.max(
    1,
    Math.ceil((count * busyPulls) / pullsOfInstance),
    Math.ceil((count * busyPerS(ofOne.writes)) / writesOfInstance),
  )

/** A row of the first table: its words, and its figure at so many calendars. */
const FIGURES: readonly [string, (count: number) => string][] = [
  ['units a day', count => amount(count * unitsPerDay)],
  ['units a minute in busy hours', count => amount(count * busyUnitsPerMinute)],
  ['Google projects for that', count => amount(Math.ceil((count * busyUnitsPerMinute) / projectRpm))],
  ['Google projects below the daily threshold', count => amount(Math.ceil((count * unitsPerDay) / OTHERS.unitsPerDay))],
  ['notifications a second, busy', count => amount(count * busyPerS(ofOne.notifications))],
  ['channels', count => amount(count * 2)],
  ['pulls a second, busy', count => amount(count * busyPulls)],
  [
    'statements a second for pulls, busy',
    count =>
      amount(count * ((ofOne.polls / DAY_S) * statements.quiet + busyPerS(ofOne.notifications) * statements.changed)),
  ],
  ['jobs a second, busy', count => amount(count * busyJobs)],
  ['rows: appointments and links', count => amount(count * ASSUMED.events * 2)],
  ['bytes of these', count => bytes(count * ASSUMED.events * MEASURED.eventBytes)],
  ['rows of the journal in a year', count => amount(count * ofOne.notifications * YEAR)],
  ['bytes of these', count => bytes(count * ofOne.notifications * YEAR * MEASURED.journalBytes)],
  ['instances', count => amount(instancesFor(count))],
  ['connections to PostgreSQL', count => amount(instancesFor(count) * connectionsOfOne)],
]

/** What bounds the number of calendars, and the number. */
const LIMITS: readonly [string, number][] = [
  ['units a day below the threshold, one Google project', OTHERS.unitsPerDay / unitsPerDay],
  [
    `polls: ${DUE_MAX} calendars each ${everyS('poll-due-calendars')} s`,
    (DUE_MAX / everyS('poll-due-calendars')) * polledAfterS,
  ],
  ['units a minute in busy hours, one Google project', projectRpm / busyUnitsPerMinute],
  [
    `connections: ${Math.floor(OTHERS.connectionsMax / connectionsOfOne)} instances of ${connectionsOfOne} at PostgreSQL’s default`,
    (Math.floor(OTHERS.connectionsMax / connectionsOfOne) * pullsOfInstance) / busyPulls,
  ],
  ['jobs a second, busy, one PostgreSQL', MEASURED.jobsPerS / busyJobs],
  [
    `channels: ${DUE_MAX} looked at each ${everyS('renew-channels')} s`,
    ((DUE_MAX / everyS('renew-channels')) * DAY_S) / renewals,
  ],
  [
    `samples: ${SAMPLES_MAX} calendars each ${everyS('pick-samples')} s`,
    ((SAMPLES_MAX / everyS('pick-samples')) * DAY_S) / setting('SAMPLE_SHARE'),
  ],
]

const tables = {
  figures: table([
    ['', ...SIZES.map(size => `${amount(size)} calendars`)],
    ...FIGURES.map(([words, at]) => [words, ...SIZES.map(at)]),
  ]),
  limits: table([
    ['what gives way', 'beyond so many calendars'],
    ...LIMITS.toSorted(([, a], [, b]) => a - b).map(([words, count]) => [words, amount(count)]),
  ]),
}

function table(rows: readonly string[][]): string {
  const [head = [], ...body] = rows
  return [head, head.map(() => '---'), ...body].map(cells => `| ${cells.join(' | ')} |`).join('\n')
}

/** Three digits that count, or whole numbers below a thousand. */
function amount(value: number): string {
  if (Number.isInteger(value) && value < 1_000) return String(value)
  return Number(value.toPrecision(3)).toLocaleString('en', { maximumFractionDigits: 3 })
}

function bytes(value: number): string {
  const [size, unit] = value >= 1e12 ? [1e12, 'TB'] : [1e9, 'GB']
  return `${amount(value / size)} ${unit}`
}

const between = (name: string) =>
  new RegExp(`(<!-- ${name}: [^\\n]+\\n<!-- prettier-ignore-start -->\\n)([^]*?)(<!-- prettier-ignore-end -->)`, 'u')

describe('docs/scaling.md', () => {
  test.each(Object.entries(tables))('its %s are those that the code’s constants give', (name, expected) => {
    const text = readFileSync(PAGE, 'utf8')
    if (process.env['UPDATE_DOCS'] === '1')
      writeFileSync(
        PAGE,
        text.replace(between(name), (_all, head, _old, tail) => `${head}\n${expected}\n\n${tail}`),
      )
    expect(between(name).exec(readFileSync(PAGE, 'utf8'))?.[2]?.trim()).toBe(expected)
    expect(expected).not.toContain('NaN')
  })

  test.each([
    ['polls a day', ofOne.polls.toFixed(1)],
    ['seconds between two polls', polledAfterS.toFixed(1)],
    ['requests for channels a day', (2 * renewals).toFixed(2)],
    ['units a day', unitsPerDay.toFixed(1)],
    ['units a minute in busy hours', busyUnitsPerMinute.toFixed(3)],
    ['bytes of an event', MEASURED.eventBytes.toLocaleString('en')],
    ['bytes of a journal row', MEASURED.journalBytes.toLocaleString('en')],
    ['statements of a quiet pull', statements.quiet === 4 ? 'four statements' : 'no longer four'],
    ['statements of a pull', statements.changed === 5 ? 'with changes five' : 'no longer five'],
  ])('its steps name the same %s', (_what, figure) => expect(readFileSync(PAGE, 'utf8')).toContain(figure))
})
