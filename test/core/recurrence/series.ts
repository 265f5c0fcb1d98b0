import { addDays, formatDateTime, parseDateTime } from '../../../src/core/model/time.ts'
import type { Series, SeriesException } from '../../../src/core/recurrence/expand.ts'
import { expandSeries } from '../../../src/core/recurrence/expand.ts'

export const HOUR_MS = 3_600_000
export const at = (text: string, zone = 'UTC'): number => {
  const read = parseDateTime(text, zone)
  if (!read.ok) throw new Error(`${text} ${read.error}`)
  return read.value.at
}
/** A timed series by the wall clock of its zone, one hour long. */
export const timed = (start: string, zone: string, ...recurrence: string[]): Series => {
  const startAt = at(start, zone)
  return { time: { kind: 'timed', startAt, endAt: startAt + HOUR_MS, startZone: zone, endZone: zone }, recurrence }
}
export const allDay = (startDate: string, ...recurrence: string[]): Series => ({
  time: { kind: 'all-day', startDate, endDate: addDays(startDate, 1) },
  recurrence,
})
export const starts = (series: Series, from: string, to: string, exceptions: SeriesException[] = []): string[] => {
  const zone = series.time.kind === 'timed' ? series.time.startZone : 'UTC'
  return expandSeries(series, exceptions, { startAt: at(from), endAt: at(to) }, zone).occurrences.map(({ time }) =>
    time.kind === 'timed' ? formatDateTime(time.startAt, zone).slice(0, 16) : time.startDate,
  )
}
export const EVER = ['1990-01-01T00:00:00Z', '2040-01-01T00:00:00Z'] as const
