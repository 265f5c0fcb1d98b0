import { setTimeout as pause } from 'node:timers/promises'
import { pullCalendar } from '../src/usecases/sync/pull-calendar.ts'
import { newFloor } from './support/floor.ts'
import { startGoogle, type Google } from './support/google.ts'
import { lineOver } from './support/line.ts'
import { median, mostFigure, pairs, ratioFigure, timed, type Figure } from './support/measure.ts'
import { newEmbedded, newPostgres, type Scratch } from './support/scratch.ts'
import { Statements } from './support/statements.ts'

const EVENTS = 10_000
const MANY = 100_000
const PAIRS = 7

/** A calendar that was never read: download, decide, store. Each round reads the same Google calendar for a tenant of its own. */
export async function firstSync(): Promise<Figure[]> {
  const google = await startGoogle()
  try {
    return [
      ...(await on(google, 'PostgreSQL', newPostgres, PAIRS)),
      ...(await on(google, 'embedded', newEmbedded, 3)),
      ...(await large(google)),
    ]
  } finally {
    google.close()
  }
}

async function on(
  google: Google,
  name: string,
  open: (onStatement: (text: string) => void) => Promise<Scratch>,
  rounds: number,
): Promise<Figure[]> {
  const statements = new Statements()
  const scratch = await open(text => statements.note(text))
  try {
    const listed = await google.ask('calendar', { email: `${name}@example.com`, events: EVENTS })
    const line = lineOver(google, scratch)
    const floor = await newFloor(scratch)
    const measured = await pairs(rounds, {
      ours: async round => pullCalendar(line.deps, await line.connect(listed)).then(() => round),
      floor: round => floor.mirror(google, listed, `round ${round}`, null),
    })
    const figures = [
      ratioFigure(`first sync of ${EVENTS} events, ${name}`, measured, name === 'PostgreSQL' ? 2.5 : null),
    ]
    if (name !== 'PostgreSQL') return figures
    const key = await line.connect(listed)
    await google.ask('requests')
    statements.begin()
    await pullCalendar(line.deps, key)
    const { ofStore, ofPacing } = statements.end()
    const { 'events.list': lists = 0, ...others } = await google.ask('requests')
    const besides = Object.keys(others).length
    return [
      ...figures,
      mostFigure('… requests to Google', lists + besides, { max: EVENTS / 2_500, unit: '' }),
      mostFigure('… statements', ofStore, { max: 16, unit: '', beside: '5' }),
      mostFigure('… statements for pacing, beside them', ofPacing, { max: null, unit: '' }),
    ]
  } finally {
    await scratch.drop()
  }
}

/** A tenth of the calendar first, so that what both leave behind can be compared. */
async function large(google: Google): Promise<Figure[]> {
  const scratch = await newPostgres()
  try {
    const line = lineOver(google, scratch)
    const small = await google.ask('calendar', { email: 'small@example.com', events: 100 })
    const medium = await google.ask('calendar', { email: 'medium@example.com', events: EVENTS })
    const many = await google.ask('calendar', { email: 'large@example.com', events: MANY })
    await pullCalendar(line.deps, await line.connect(small))
    await pullCalendar(line.deps, await line.connect(medium)) // what is compiled and allocated once
    const ofMedium = await watched(async () => pullCalendar(line.deps, await line.connect(medium)))
    const ofMany = await watched(async () => pullCalendar(line.deps, await line.connect(many)))
    const floor = await newFloor(scratch)
    const floorMs = await timed(() => floor.mirror(google, many, 'large', null))
    return [
      ratioFigure(`first sync of ${MANY} events, PostgreSQL`, [{ ours: ofMany.ms, floor: floorMs }], null),
      memoryOf(EVENTS, ofMedium),
      memoryOf(MANY, ofMany),
      mostFigure(
        `… ${MANY} events against ${EVENTS}, half of the time`,
        median(ofMany.grown) - median(ofMedium.grown),
        {
          max: 40,
          unit: 'MB',
          noise: 20,
        },
      ),
    ]
  } finally {
    await scratch.drop()
  }
}

const memoryOf = (events: number, { grown }: { grown: readonly number[] }): Figure =>
  mostFigure(`memory above idle, first sync of ${events}`, Math.max(...grown), {
    max: 150,
    unit: 'MB',
    beside: `half of the time ≤ ${Math.round(median(grown))} MB`,
  })

/** What the process grows by meanwhile, looked at every 20 ms. Megabytes. */
async function watched(work: () => Promise<unknown>): Promise<{ ms: number; grown: number[] }> {
  await pause(500)
  globalThis.gc?.()
  const idle = process.memoryUsage.rss()
  const grown: number[] = []
  const looking = setInterval(() => grown.push((process.memoryUsage.rss() - idle) / 2 ** 20), 20)
  const ms = await timed(work)
  clearInterval(looking)
  return { ms, grown }
}
