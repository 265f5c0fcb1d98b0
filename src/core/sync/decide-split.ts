import type { Appointment } from '../model/appointment.ts'
import type { LiveEvent } from '../model/calendar-event.ts'
import type { Link } from '../model/link.ts'
import type { Projection } from '../model/projection.ts'
import { slotKey, slotOf, spanBounds, type Slot } from '../model/time.ts'
import { readSplitId } from '../recurrence/edit-series.ts'
import { isGenerated, seriesBounds } from '../recurrence/expand.ts'
import { differences } from './content.ts'
import { decidePair } from './decide-ours.ts'
import { oursLink } from './links.ts'
import { placeOf, type PullContext } from './pull-context.ts'
import { endedBefore, familyOf, tailId } from './series-parts.ts'
import { verdict, type Verdict } from './verdict.ts'

type Head = { appointment: Appointment; link: Link | null }

/**
 * "This and following" on a series of ours in Google: the new series becomes an appointment of its own, decided field by field against
 * what the series was, and is given its own mark. Under `revert` it is taken away again, since the old series is written whole.
 * Undefined: the event continues no series of ours.
 */
export function decideTail(event: LiveEvent, context: PullContext): Verdict | undefined {
  const head = headOf(event, context)
  if (head === null) return undefined
  const tail = tailOf(event, head.appointment, context)
  if (context.policies.googleEdits === 'revert') return takeAway(event, tail, context)
  const { time, recurrence } = event.content
  const returned: Projection = { ...(head.link?.base?.returned ?? event.content), time, recurrence }
  // Of a series that is not read yet nothing was agreed on: the platform's values stand, and Google is brought to them.
  const sent: Projection = { ...(head.link?.base?.sent ?? event.content), time, recurrence }
  const unmarked = oursLink(
    event,
    tail,
    placeOf(context),
    {
      base: { sent, returned },
      shownVersion: null,
      generation: 0,
    },
    context.policies,
  )
  const decided = decidePair(event, unmarked, tail, context)
  return {
    ...decided,
    rule: 'series-split-in-google',
    action: 'created',
    reason: 'The series was split in Google; this is its later part.',
    appointment: { ...(decided.appointment ?? tail), version: tail.version },
    change: 'appointment.created',
    isQueued: true, // its own mark is to be written
    isQuiet: false,
    before: null,
  }
}

function tailOf(event: LiveEvent, series: Appointment, { now, known }: PullContext): Appointment {
  const id = tailId(series.id, slotAt(event))
  const previous = known.appointments.get(id)
  return {
    ...series,
    id,
    time: event.content.time,
    recurrence: event.content.recurrence,
    version: previous === undefined ? 1 : previous.version + 1,
    createdAt: previous?.createdAt ?? now,
    updatedAt: now,
  }
}

const slotAt = (event: LiveEvent): Slot => readSplitId(event.eventId)?.slot ?? slotOf(event.content.time)

/** The record of what was taken away stays, archived: it is what the deletion in Google is carried out by. */
function takeAway(event: LiveEvent, tail: Appointment, context: PullContext): Verdict {
  const appointment: Appointment = { ...tail, status: 'cancelled', archivedAt: context.now }
  return verdict(event.eventId, 'google-split-reverted', {
    action: 'reverted',
    reason: 'The series was split in Google; the new part is taken away and the series written whole again.',
    appointment,
    link: oursLink(
      event,
      appointment,
      placeOf(context),
      {
        base: { sent: event.content, returned: event.content },
        shownVersion: 0,
        generation: 0,
      },
      context.policies,
    ),
    isQueued: true,
  })
}

/**
 * The series of ours that an event goes on from: by the id that Google gives the later part; or, where the time was changed with the
 * split and Google made a new id, by the copied mark of a series that ends before this one begins.
 */
function headOf(event: LiveEvent, context: PullContext): Head | null {
  if (event.recurringEventId !== null) return null
  const { known } = context
  const marked = markedSeries(event, context)
  const named = readSplitId(event.eventId)
  if (marked !== null && named !== null && marked.appointment.id === tailId(marked.appointment.id, named.slot))
    return null
  if (named === null) return marked !== null && isContinued(marked, event) ? marked : null
  const parts = [...known.links.values()].flatMap((link): Head[] => {
    const appointment = link.appointmentId === null ? undefined : known.appointments.get(link.appointmentId)
    const isPart = link.role === 'ours' && link.recurringEventId === null && familyOf(link.eventId) === named.baseId
    return isPart && appointment !== undefined && startsBefore(appointment, named.slot) ? [{ appointment, link }] : []
  })
  const latest = parts.reduce<Head | null>((best, each) => (best === null || isLater(each, best) ? each : best), null)
  return latest ?? marked
}

const startKey = (appointment: Appointment): string => slotKey(slotOf(appointment.time))
const startsBefore = (appointment: Appointment, slot: Slot): boolean => startKey(appointment) < slotKey(slot)
const isLater = (a: Head, b: Head): boolean => startKey(a.appointment) > startKey(b.appointment)

function markedSeries({ marker }: LiveEvent, { known, connection }: PullContext): Head | null {
  const id = marker === null ? undefined : known.markers.get(marker.key)
  const appointment = id === undefined ? undefined : known.appointments.get(id)
  const isOurs = appointment?.origin === 'platform' && appointment.userId === connection.userId
  if (appointment === undefined || !isOurs || appointment.recurrence.length === 0) return null
  const link = [...known.links.values()].find(each => each.role === 'ours' && each.appointmentId === id) ?? null
  return { appointment, link }
}

/** A copy that a person made of a series lies beside it; what a split makes begins where the series ends. */
function isContinued({ link }: Head, { eventId, content }: LiveEvent): boolean {
  const was = link?.base?.returned
  if (was === undefined || link?.eventId === eventId || content.recurrence.length === 0) return false
  const { endAt } = seriesBounds(was.time, was.recurrence)
  return endAt !== null && endAt <= spanBounds(content.time, 'UTC').startAt + SLACK_MS
}
/** An UNTIL on the evening before leaves room for an occurrence that is not there. */
const SLACK_MS = 86_400_000

/**
 * The series itself, where it still has occurrences that the tail has taken over: its own end comes with a later listing, or lost
 * against an edit made here. It ends as Google ended it. Null: it has ended already.
 */
export function endHead(tail: Verdict, verdicts: ReadonlyMap<string, Verdict>, context: PullContext): Verdict | null {
  if (tail.rule !== 'series-split-in-google' || tail.link === null) return null
  const { eventId } = tail.link
  const slot = readSplitId(eventId)?.slot
  const family = familyOf(eventId)
  if (slot === undefined) return null
  for (const link of context.known.links.values()) {
    const head = link.appointmentId === null ? undefined : context.known.appointments.get(link.appointmentId)
    if (link.role !== 'ours' || link.eventId === eventId || familyOf(link.eventId) !== family || head === undefined)
      continue
    if (head.recurrence.length === 0 || !startsBefore(head, slot) || !isGenerated(head, slot)) continue
    const ended = endedBefore(head, slot, context.calendar.timeZone)
    const next = { ...ended, version: head.version + 1, updatedAt: context.now }
    return {
      ...(verdicts.get(link.eventId) ?? verdict(link.eventId, '', { about: head.id })),
      rule: 'series-split-in-google',
      action: 'updated',
      reason: 'The series was split in Google; it ends where its later part begins.',
      appointment: next,
      change: 'appointment.updated',
      isQueued: true,
      isQuiet: false,
      ...differences(head, next),
    }
  }
  return null
}
