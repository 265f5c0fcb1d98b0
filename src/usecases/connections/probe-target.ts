import type { Calendar } from '../../core/model/connection.ts'
import type { RemoteFailure } from '../../core/model/failures.ts'
import type { Projection } from '../../core/model/projection.ts'
import type { Instant } from '../../core/model/time.ts'
import type { Deps } from '../deps.ts'
import { isGone } from './remove-events.ts'

type ProbeDeps = Pick<Deps, 'store' | 'system' | 'google' | 'names'>

/** What a write into a target calendar, taken back at once, has shown. `googleAt`: when it was by Google's clock at `askedAt` of ours. */
export type Probe =
  | { kind: 'written'; askedAt: Instant; googleAt: Instant; isTakenBack: boolean }
  | { kind: 'refused'; failure: RemoteFailure }

/** Where nobody looks, and before any window. */
const FAR_PAST = Date.parse('2001-01-01T12:00:00Z')
const CONTENT: Projection = {
  time: { kind: 'timed', startAt: FAR_PAST, endAt: FAR_PAST + 60_000, startZone: 'UTC', endZone: 'UTC' },
  recurrence: [],
  title: 'Connection test',
  description: '',
  location: '',
  busy: false,
  status: 'confirmed',
  colour: null,
}
const DELETE_TRIES_MAX = 3
const PAUSE_MS = 500

/** Writes an event far in the past and deletes it again: only that shows that writing works. It carries a mark of nobody. */
export async function probeTarget(
  deps: ProbeDeps,
  { tenantId, connectionId, id: calendarId }: Calendar,
): Promise<Probe> {
  const who = { tenantId, connectionId }
  const appointmentId = `check ${deps.system.newId()}`
  const eventId = deps.names.eventId({ tenantId, calendarId, appointmentId, generation: 0 })
  const marker = { key: deps.names.markerKey({ tenantId, appointmentId }), revision: 0 }
  const askedAt = deps.system.now()
  const written = await deps.google.insertEvent(
    who,
    { calendarId, eventId },
    { content: CONTENT, marker, visibility: 'private' },
  )
  if (!written.ok) return { kind: 'refused', failure: written.error }
  for (let attempt = 0; attempt < DELETE_TRIES_MAX; attempt++) {
    const deleted = await deps.google.deleteEvent(who, { calendarId, eventId }, null)
    if (deleted.ok || isGone(deleted.error))
      return { kind: 'written', askedAt, googleAt: written.value.updatedAt, isTakenBack: true }
    await deps.system.sleep(PAUSE_MS)
  }
  return { kind: 'written', askedAt, googleAt: written.value.updatedAt, isTakenBack: false }
}

const HEARD_WITHIN_MS = 10_000
const LOOK_EVERY_MS = 250

/** Whether Google's word of a change made at `since` reaches us: on a channel of this calendar, through the address that Google posts to. */
export async function isHeard({ store, system }: ProbeDeps, calendar: Calendar, since: Instant): Promise<boolean> {
  for (let waitedMs = 0; waitedMs <= HEARD_WITHIN_MS; waitedMs += LOOK_EVERY_MS) {
    const channels = await store.channelsOf(calendar.tenantId, calendar.connectionId)
    const isOn = channels.some(
      ({ calendarId, lastNotifiedAt }) =>
        calendarId === calendar.id && lastNotifiedAt !== null && lastNotifiedAt >= since,
    )
    if (isOn) return true
    await system.sleep(LOOK_EVERY_MS)
  }
  return false
}
