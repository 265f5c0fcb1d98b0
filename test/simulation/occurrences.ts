import { expandSeries } from '../../src/core/recurrence/expand.ts'
import { isOff } from '../../src/core/model/status-moves.ts'
import { slotKey, slotOf, type Span } from '../../src/core/model/time.ts'
import type { Paired } from '../../src/ports/store/appointments.ts'
import { DAY, NOW } from '../support/builders.ts'
import type { Glimpse, personAt } from '../support/person.ts'

const UNTIL = NOW + 150 * DAY
const SPAN = { startAt: NOW - 100 * DAY, endAt: UNTIL + 40 * DAY }

/** What does not hold of series: each takes place when Google says, and an occurrence has at most one exception (S3). */
export function compareOccurrences(
  pairs: readonly Paired[],
  person: Pick<ReturnType<typeof personAt>, 'glance'>,
): string[] {
  const problems = doubled(pairs)
  for (const { appointment, links } of pairs) {
    const [link] = links
    const isGone = isOff(appointment.status) || appointment.archivedAt !== null
    if (appointment.recurrence.length === 0 || link === undefined || isGone) continue
    const exceptions = pairs.flatMap(pair => {
      const { originalStart, recurringId, time, status, archivedAt } = pair.appointment
      if (recurringId !== appointment.id || originalStart === null) return []
      return [{ originalStart, time: isOff(status) || archivedAt !== null ? null : time }]
    })
    const { occurrences } = expandSeries(appointment, exceptions, SPAN, 'America/New_York')
    const here = occurrences.map(each => startKey(each.time)).filter(isNear)
    const there = person
      .glance(link.eventId, UNTIL + DAY)
      .map(each => eventKey(each))
      .filter(isNear)
    if (here.toSorted().join() !== there.toSorted().join())
      problems.push(`${appointment.id} takes place ${here.toSorted().join()}, in Google ${there.toSorted().join()}`)
  }
  return problems
}

function doubled(pairs: readonly Paired[]): string[] {
  const seen = new Set<string>()
  return pairs.flatMap(({ appointment: { id, recurringId, originalStart } }) => {
    if (recurringId === null || originalStart === null) return []
    const key = `${recurringId} ${slotKey(originalStart)}`
    if (seen.has(key)) return [`${id} is a second exception of ${key}`]
    seen.add(key)
    return []
  })
}

const startKey = (time: Span): string => slotKey(slotOf(time))

function eventKey({ start }: Glimpse): string {
  return slotKey(
    'date' in start ? { kind: 'all-day', date: start.date } : { kind: 'timed', at: Date.parse(start.dateTime) },
  )
}

const LAST = slotKey({ kind: 'timed', at: UNTIL })
const isNear = (key: string): boolean => key < LAST
