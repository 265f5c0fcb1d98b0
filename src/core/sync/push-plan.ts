import type { Appointment } from '../model/appointment.ts'
import type { Link } from '../model/link.ts'
import type { Policies } from '../model/policies.ts'
import type { Projection } from '../model/projection.ts'
import { isGenerated } from '../recurrence/expand.ts'
import { isShown } from './admission.ts'
import { differingFields } from './fingerprint.ts'
import { contentToWrite } from './merge.ts'
import { project } from './projection.ts'

export type PushInput = {
  appointment: Appointment
  /** The event of ours that shows it in the target calendar; null: none yet. */
  link: Link | null
  /** For an exception: its series' event; null where it is a single or the series is not in Google yet. */
  masterLink: Link | null
  /** For an exception: the series it belongs to. */
  master: Appointment | null
  policies: Policies
}

/** The one call that brings Google to the appointment's state. `local` is recorded as sent. */
export type PushPlan =
  | { call: 'nothing'; local: Projection }
  | { call: 'insert'; local: Projection; content: Projection }
  | { call: 'update'; local: Projection; content: Projection; link: Link }
  /** An occurrence that has no event of its own yet: Google's is fetched, then updated. */
  | { call: 'update-occurrence'; local: Projection; master: Link }
  | { call: 'delete'; link: Link }
  | { call: 'cancel-occurrence'; master: Link }
  /** The series no longer has the slot that this exception replaces: it replaces nothing. */
  | { call: 'drop-exception' }
  /** Its series must be written first. */
  | { call: 'wait-for-series' }

export function planPush({ appointment, link, masterLink, master, policies }: PushInput): PushPlan {
  const local = project(appointment, policies)
  const isWanted = isShown(appointment, policies)
  if (link !== null) {
    if (!isWanted) return { call: 'delete', link }
    if (link.base === null) return { call: 'update', local, content: local, link }
    const content = contentToWrite(link.base, local)
    const isUnmarked = link.shownVersion === null && appointment.recurringId === null
    return differingFields(content, link.base.returned).length === 0 && !isUnmarked
      ? { call: 'nothing', local }
      : { call: 'update', local, content, link }
  }
  if (appointment.recurringId !== null) {
    if (isStale(appointment, master)) return isWanted ? { call: 'drop-exception' } : { call: 'nothing', local }
    if (master !== null && !isShown(master, policies)) return { call: 'nothing', local }
    if (masterLink === null || !hasSlot(masterLink, appointment)) {
      // What is cancelled before its series stands in Google is cancelled there when the series is written.
      return isWanted ? { call: 'wait-for-series' } : { call: 'nothing', local }
    }
    return isWanted
      ? { call: 'update-occurrence', local, master: masterLink }
      : { call: 'cancel-occurrence', master: masterLink }
  }
  // One that was called off before it ever stood in Google is not put there to say so.
  const isNew = isWanted && appointment.status !== 'cancelled'
  return isNew ? { call: 'insert', local, content: local } : { call: 'nothing', local }
}

/** An occurrence can be written once Google's series has its slot. */
function hasSlot({ base }: Link, { originalStart }: Appointment): boolean {
  return originalStart === null || base === null || isGenerated(base.returned, originalStart)
}

function isStale({ originalStart }: Appointment, master: Appointment | null): boolean {
  return originalStart !== null && master !== null && !isGenerated(master, originalStart)
}
