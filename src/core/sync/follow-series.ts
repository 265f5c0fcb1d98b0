import type { Appointment } from '../model/appointment.ts'
import type { Link } from '../model/link.ts'
import { isOff } from '../model/status-moves.ts'
import { sameSpan, slotKey, type Slot } from '../model/time.ts'
import { detached } from '../recurrence/detach.ts'
import { isGenerated, notGenerated } from '../recurrence/expand.ts'
import { differences } from './content.ts'
import { CANCELLED_BEFORE_SERIES, decideUnknownTombstone } from './decide-newcomer.ts'
import { endHead } from './decide-split.ts'
import type { PullContext } from './pull-context.ts'
import { familyOf, FOLLOWS_REASON, isUnder, partsOf, underMaster } from './series-parts.ts'
import { verdict, type Verdict } from './verdict.ts'
import { WAITS_FOR_SERIES } from './wait-for-series.ts'

type Verdicts = ReadonlyMap<string, Verdict>

/** Series of ours that were split and still reach into their later part. */
export function endHeads(verdicts: Verdicts, context: PullContext): Verdict[] {
  return [...verdicts.values()].flatMap(each => endHead(each, verdicts, context) ?? [])
}

/**
 * Exceptions that came before their series stood alone or waited until now, those of a split series stand under its first part: each
 * joins the series that this page brought.
 */
export function joinSeries(verdicts: Verdicts, context: PullContext): Verdict[] {
  const series = new Map<string, Link & { appointmentId: string }>()
  for (const { link } of verdicts.values()) {
    if (link === null || link.role === 'parked' || link.recurringEventId !== null || link.appointmentId === null)
      continue
    series.set(link.eventId, { ...link, appointmentId: link.appointmentId })
  }
  if (series.size === 0) return []
  return [...context.known.links.values()].flatMap(link => {
    const masterLink = link.recurringEventId === null ? undefined : series.get(link.recurringEventId)
    const master = masterLink === undefined ? undefined : context.known.appointments.get(masterLink.appointmentId)
    if (masterLink === undefined || master === undefined || link.originalStart === null) return []
    if (link.role === 'parked') return lookAgain(link, context)
    return link.role === masterLink.role ? join(link, master, link.originalStart, verdicts, context) : []
  })
}

function join(link: Link, master: Appointment, slot: Slot, verdicts: Verdicts, context: PullContext): Verdict[] {
  const exception = link.appointmentId === null ? undefined : context.known.appointments.get(link.appointmentId)
  if (exception === undefined || master.archivedAt !== null || isUnder(exception, master, slot)) return []
  const wasAlone = exception.recurringId === null
  if (wasAlone && (link.role === 'ours' || isOff(exception.status))) return []
  const decided = verdicts.get(link.eventId)
  return [
    {
      ...(decided ?? verdict(link.eventId, '', {})),
      rule: wasAlone ? 'exception-joins-its-series' : 'exception-follows-its-series',
      action: 'updated',
      reason: wasAlone ? 'Its series came from Google after it; it is an occurrence of that series.' : FOLLOWS_REASON,
      appointment: {
        ...underMaster(exception, master, slot),
        version: exception.version + 1,
        updatedAt: context.now,
      },
      link,
      change: decided?.change ?? 'appointment.updated',
      isQuiet: false,
    },
  ]
}

/** What waited for this series: a cancellation says all there is to say, of anything else Google is asked. */
function lookAgain(link: Link, context: PullContext): Verdict[] {
  const { eventId, etag, recurringEventId, originalStart } = link
  if (link.error?.code === CANCELLED_BEFORE_SERIES) {
    const decided = decideUnknownTombstone(
      { kind: 'tombstone', eventId, etag, recurringEventId, originalStart },
      context,
    )
    if (decided === null) return [verdict(eventId, 'parked-gone', { forget: link, isQuiet: true })]
    return [decided.link === null ? { ...decided, forget: decided.forget ?? link } : decided]
  }
  return link.error?.code === WAITS_FOR_SERIES && link.missing === null ? [askAbout(link, context)] : []
}

function askAbout(link: Link, { now }: PullContext): Verdict {
  return verdict(link.eventId, 'absence-is-asked-about', {
    link: { ...link, missing: { how: 'absent', since: now } },
    isQuiet: true,
  })
}

/**
 * Exceptions whose slot a change of their series took away, here as Google told it. Google is asked what became of those that have an
 * event; the others are of no series any more. Nothing is predicted: a split moves them, a shift may keep them.
 */
export function leaveSlots(
  verdicts: Verdicts,
  before: ReadonlyMap<string, Appointment>,
  context: PullContext,
): Verdict[] {
  const changed = [...verdicts.values()].flatMap(each => {
    const former = each.appointment === null ? undefined : before.get(each.appointment.id)
    const isSeries = former !== undefined && former.recurrence.length > 0 && former.recurringId === null
    const series = each.appointment === null ? undefined : context.known.appointments.get(each.appointment.id)
    if (!isSeries || series === undefined || isOff(series.status) || isSameSchedule(former, series)) return []
    return [{ eventId: each.eventId, series }]
  })
  if (changed.length === 0) return []
  const exceptions = Map.groupBy(context.known.exceptions.values(), each => each.recurringId ?? '')
  return changed.flatMap(({ eventId, series }) =>
    stale(series, exceptions.get(series.id) ?? []).flatMap(each => leave(each, eventId, verdicts, context)),
  )
}

const isSameSchedule = (a: Appointment, b: Appointment): boolean =>
  sameSpan(a.time, b.time) && JSON.stringify(a.recurrence) === JSON.stringify(b.recurrence)

function stale(series: Appointment, exceptions: readonly Appointment[]): Appointment[] {
  if (series.recurrence.length === 0) return [...exceptions]
  const slots = exceptions.flatMap(({ originalStart }) => (originalStart === null ? [] : [originalStart]))
  const gone = new Set(notGenerated(series, slots).map(slotKey))
  return exceptions.filter(({ originalStart }) => originalStart !== null && gone.has(slotKey(originalStart)))
}

function leave(exception: Appointment, seriesEventId: string, verdicts: Verdicts, context: PullContext): Verdict[] {
  const { known, now } = context
  const link = [...known.links.values()].find(each => each.appointmentId === exception.id && each.role !== 'parked')
  if (link !== undefined) {
    const isListed = verdicts.get(link.eventId)?.link != null
    return link.missing !== null || isListed ? [] : [askAbout(link, context)]
  }
  const { originalStart } = exception
  const tail = partsOf(known, familyOf(seriesEventId)).find(
    part => originalStart !== null && part.archivedAt === null && isGenerated(part, originalStart),
  )
  const next =
    tail === undefined || originalStart === null
      ? detached(exception, now)
      : { ...underMaster(exception, tail, originalStart), version: exception.version + 1, updatedAt: now }
  const isCancelling = tail === undefined && !isOff(exception.status)
  return [
    verdict(
      `${seriesEventId} ${exception.id}`,
      tail === undefined ? 'slot-left-series' : 'exception-follows-its-series',
      {
        action: isCancelling ? 'cancelled' : 'updated',
        reason: tail === undefined ? LEFT_REASON : FOLLOWS_REASON,
        appointment: next,
        change: isCancelling ? 'appointment.cancelled' : 'appointment.updated',
        ...differences(exception, next),
      },
    ),
  ]
}

export const LEFT_REASON = 'Its series was changed and no longer has this occurrence.'

/** An occurrence has one exception: one that comes under another part of its series takes the place of the one that was there. */
export function yieldSlots(
  verdicts: Verdicts,
  before: ReadonlyMap<string, Appointment>,
  context: PullContext,
): Verdict[] {
  const came = new Map<string, string>()
  for (const { appointment } of verdicts.values()) {
    const former = appointment === null ? undefined : before.get(appointment.id)
    const key = appointment === null ? null : keyOf(appointment)
    if (appointment !== null && former !== undefined && key !== null && key !== keyOf(former))
      came.set(key, appointment.id)
  }
  if (came.size === 0) return []
  return [...context.known.appointments.values()].flatMap(exception => {
    const key = keyOf(exception)
    const taker = key === null ? undefined : came.get(key)
    if (taker === undefined || taker === exception.id) return []
    const link = [...context.known.links.values()].find(each => each.appointmentId === exception.id) ?? null
    const next = detached(exception, context.now)
    const isCancelling = !isOff(exception.status)
    return [
      verdict(link?.eventId ?? `${taker} ${exception.id}`, 'exception-yields-its-slot', {
        action: isCancelling ? 'cancelled' : 'updated',
        reason: 'Another exception came to stand for the same occurrence.',
        appointment: next,
        forget: link,
        change: isCancelling ? 'appointment.cancelled' : 'appointment.updated',
        ...differences(exception, next),
      }),
    ]
  })
}

const keyOf = ({ recurringId, originalStart }: Appointment): string | null =>
  recurringId === null || originalStart === null ? null : `${recurringId} ${slotKey(originalStart)}`
