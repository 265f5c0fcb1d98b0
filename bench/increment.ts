import { pullCalendar } from '../src/usecases/sync/pull-calendar.ts'
import { newFloor } from './support/floor.ts'
import { startGoogle, type Google } from './support/google.ts'
import { lineOver } from './support/line.ts'
import { median, mostFigure, pairs, ratioFigure, type Figure } from './support/measure.ts'
import { newPostgres, type Scratch } from './support/scratch.ts'
import { Statements } from './support/statements.ts'

const SIZES = [100, 10_000, 100_000]
const CHANGES = 10
const PAIRS = 9

/** Ten events change in Google: what the next pull costs, in calendars of three sizes. */
export async function increment(): Promise<Figure[]> {
  const google = await startGoogle()
  const statements = new Statements()
  const scratch = await newPostgres(text => statements.note(text))
  try {
    const figures: Figure[] = []
    const medians: number[] = []
    const statementsOf: number[] = []
    for (const size of SIZES) {
      const found = await ofSize(google, scratch, statements, size)
      figures.push(...found.figures)
      medians.push(found.median)
      statementsOf.push(found.statements)
    }
    const growth = (medians.at(-1) ?? NaN) / (medians.at(0) ?? NaN)
    const most = Math.max(...statementsOf)
    return [
      ...figures,
      mostFigure(`… statements, at any of these sizes`, most, { max: Math.min(10, ...statementsOf), unit: '' }),
      mostFigure(`… ${SIZES.at(-1)} events against ${SIZES.at(0)}`, growth, { max: 2, unit: '×', noise: 0.5 }),
    ]
  } finally {
    await scratch.drop()
    google.close()
  }
}

async function ofSize(google: Google, scratch: Scratch, statements: Statements, size: number) {
  const line = lineOver(google, scratch, `increment-${size}`)
  const listed = await google.ask('calendar', { email: `of-${size}@example.com`, events: size })
  const key = await line.connect(listed)
  await pullCalendar(line.deps, key)
  const floor = await newFloor(scratch)
  let { syncToken } = await floor.mirror(google, listed, `of ${size}`, null)
  const change = (round: number) =>
    google.ask('change', { calendarId: listed.calendarId, ids: listed.ids.slice(0, CHANGES), title: `Moved ${round}` })

  const ours: number[] = []
  const floors: number[] = []
  for (let round = 0; round < PAIRS + 2; round += 1) {
    await change(round)
    const [pair] = await pairs(
      1,
      {
        ours: () => pullCalendar(line.deps, key),
        floor: async () => ({ syncToken } = await floor.mirror(google, listed, `of ${size}`, syncToken)),
      },
      0,
    )
    if (pair === undefined || round < 2) continue
    ours.push(pair.ours)
    floors.push(pair.floor)
  }
  const measured = ours.map((each, index) => ({ ours: each, floor: floors[index] ?? NaN }))
  const time = ratioFigure(`${CHANGES} changes in a calendar of ${size}`, measured, 4)
  const counted = await counts(
    google,
    statements,
    () => pullCalendar(line.deps, key),
    () => change(-1),
  )
  const quiet = await counts(
    google,
    statements,
    () => pullCalendar(line.deps, key),
    () => Promise.resolve(),
  )
  const figures = [time]
  if (size === 10_000) {
    figures.push(
      mostFigure('… requests to Google', counted.requests, { max: 1, unit: '' }),
      mostFigure('… statements', counted.ofStore, { max: 10, unit: '', beside: '2' }),
      mostFigure('nothing changed: requests to Google', quiet.requests, { max: 1, unit: '' }),
      mostFigure('… event rows written', quiet.onEvents, { max: 0, unit: '' }),
      mostFigure('… statements', quiet.ofStore, { max: null, unit: '' }),
    )
  }
  return { figures, median: median(ours), statements: counted.ofStore }
}

async function counts(
  google: Google,
  statements: Statements,
  work: () => Promise<unknown>,
  before: () => Promise<unknown>,
): Promise<{ requests: number; ofStore: number; onEvents: number }> {
  await before()
  await google.ask('requests')
  statements.begin()
  await work()
  const { ofStore, texts } = statements.end()
  const requests = Object.values(await google.ask('requests')).reduce((sum, count) => sum + count, 0)
  const onEvents = texts.filter(text => /(insert into|update|delete from) "?(appointments|links|journal)"?/.test(text))
  return { requests, ofStore, onEvents: onEvents.length }
}
