import type { Appointment } from '../model/appointment.ts'
import type { LiveEvent } from '../model/calendar-event.ts'
import type { Instant, Range, Span } from '../model/time.ts'
import { overlaps, spanBounds } from '../model/time.ts'

/** What blocks time, without titles: `id` is the appointment's or the event's, `kind` says whose. */
export type BusySource = { kind: 'appointment' | 'calendar'; id: string }

/** One thing that blocks time. */
export type BusyBlock = Range & { source: BusySource }

/** A stretch in which the user is not free, with all that blocks it, each named once. Sorted, never touching the next. */
export type BusyInterval = Range & { sources: BusySource[] }

/**
 * Does this appointment block its owner's time? Tentative does: a slot that may be taken must not be offered. All-day does too, if it
 * says busy (Google's own all-day events are free unless the user says otherwise). Completed did take place.
 */
export function isAppointmentBusy(appointment: Pick<Appointment, 'busy' | 'status' | 'archivedAt'>): boolean {
  if (!appointment.busy || appointment.archivedAt !== null) return false
  return appointment.status !== 'cancelled' && appointment.status !== 'no_show'
}

/** Event types that say where somebody works or when one was born, not that they are taken. */
const FREE_EVENT_TYPES: readonly string[] = ['workingLocation', 'birthday']

/** Does this event of a connected calendar block its owner's time? A declined invitation does not; one not yet answered does. */
export function isEventBusy(
  event: Pick<LiveEvent, 'eventType' | 'selfResponse'> & { content: { busy: boolean } },
): boolean {
  return event.content.busy && event.selfResponse !== 'declined' && !FREE_EVENT_TYPES.includes(event.eventType)
}

/** The stretch that something blocks; an all-day one in the user's zone. Null where it has no length. */
export function blockOf(time: Span, source: BusySource, zoneForAllDay: string): BusyBlock | null {
  const { startAt, endAt } = spanBounds(time, zoneForAllDay)
  return endAt > startAt ? { startAt, endAt, source } : null
}

/** Blocks that overlap or touch become one interval; what lies outside `window` is cut away. */
export function mergeBusy(blocks: readonly BusyBlock[], window: Range): BusyInterval[] {
  const cut = blocks
    .filter(block => overlaps(block, window))
    .map(block => ({
      startAt: Math.max(block.startAt, window.startAt),
      endAt: Math.min(block.endAt, window.endAt),
      source: block.source,
    }))
    .sort((a, b) => a.startAt - b.startAt || a.endAt - b.endAt)
  const intervals: BusyInterval[] = []
  let open: { startAt: Instant; endAt: Instant; sources: Map<string, BusySource> } | null = null
  for (const { startAt, endAt, source } of cut) {
    if (open === null || startAt > open.endAt) {
      if (open !== null) intervals.push(close(open))
      open = { startAt, endAt, sources: new Map() }
    }
    open.endAt = Math.max(open.endAt, endAt)
    open.sources.set(`${source.kind} ${source.id}`, source)
  }
  if (open !== null) intervals.push(close(open))
  return intervals
}

const close = ({ startAt, endAt, sources }: Range & { sources: Map<string, BusySource> }): BusyInterval => ({
  startAt,
  endAt,
  sources: [...sources.values()],
})
