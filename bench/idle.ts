import { createEngine } from '../test/support/engine.ts'
import { createMemoryStore } from '../test/support/memory-store.ts'
import { mostFigure, type Figure } from './support/measure.ts'

const CONNECTIONS = 100
const HOURS = 4
const HOUR_MS = 3_600_000
const POLLS_AN_HOUR = 4

/** Nothing happens anywhere: what connections ask of Google, in virtual time. */
export async function idle(): Promise<Figure[]> {
  const engine = createEngine(wake => createMemoryStore(wake))
  for (let place = 0; place < CONNECTIONS; place += 1) await engine.connect({ userId: `user-${place}` })
  await engine.advance(HOUR_MS)
  const { requestLog } = engine.simulator.world
  const before = requestLog.length
  const timersBefore = process.getActiveResourcesInfo().filter(each => each === 'Timeout').length
  await engine.advance(HOURS * HOUR_MS)
  const timers = process.getActiveResourcesInfo().filter(each => each === 'Timeout').length - timersBefore
  const kinds = Map.groupBy(requestLog.slice(before), entry => entry.kind)
  const perHour = (kind: string): number => (kinds.get(kind)?.length ?? 0) / HOURS / CONNECTIONS
  const others = [...kinds.keys()]
    .filter(kind => kind !== 'events.list')
    .map(kind => `${kind} ${perHour(kind).toFixed(2)}`)
  return [
    mostFigure('idle connection: lists an hour', perHour('events.list'), {
      max: POLLS_AN_HOUR * 1.1,
      unit: '',
      beside: others.join(', '),
    }),
    mostFigure(`… timers of ${CONNECTIONS} of them`, timers, { max: 0, unit: '' }),
  ]
}
