import { mayWrite } from '../sync/admission.ts'
import type { AccessRole, Calendar, Connection } from './connection.ts'

/** What a calendar may be used for, and why not for the rest (one sentence for a person; null: for all). */
export type CalendarUse = { canBeTarget: boolean; canBeSource: boolean; canBeConflict: boolean; reason: string | null }

/**
 * Appointments are written only where the account may write; events are imported only where it sees details; busy times can be read
 * from any calendar that is there. `writerWithoutPrivateAccess` may write but not see private events: no target, since one made private
 * in Google would seem to be gone.
 */
export function calendarUse(role: AccessRole, isDeleted: boolean): CalendarUse {
  if (isDeleted)
    return {
      canBeTarget: false,
      canBeSource: false,
      canBeConflict: false,
      reason: 'This calendar was removed in Google.',
    }
  const canBeTarget = mayWrite(role) && role !== 'writerWithoutPrivateAccess'
  const canBeSource = role !== 'freeBusyReader'
  return { canBeTarget, canBeSource, canBeConflict: true, reason: canBeTarget ? null : REASONS[role] }
}

const REASONS: Record<AccessRole, string | null> = {
  freeBusyReader:
    'Only busy times are shared with this account: no details can be read and nothing can be written here.',
  reader: 'This account may only read this calendar: appointments cannot be written here.',
  writerWithoutPrivateAccess: 'This account cannot see private events here: appointments cannot be written here.',
  writer: null,
  owner: null,
}

/** Whether a calendar in use is still to be matched with Google after the database went back in time. */
export function isRecovering({ mode }: Pick<Connection, 'mode'>, calendars: readonly Calendar[]): boolean {
  return calendars.some(calendar => calendar.recoveringSince !== null && isRead(mode, calendar))
}

/** Push-only connections read their target alone, to see what became of our events. */
export function isRead(mode: Connection['mode'], calendar: Calendar): boolean {
  const isTakenIn = (calendar.isSource || calendar.isConflict) && mode !== 'push_only'
  return (calendar.isTarget || isTakenIn) && !calendar.isGone && mode !== 'off'
}
