import type { Calendar, Connection } from '../../core/model/connection.ts'
import type { ListedCalendar } from '../../ports/google-calendar.ts'

/** A calendar of the account that is not in use (yet). */
export function newCalendar(connection: Connection, listed: ListedCalendar, now: number, parameters: string): Calendar {
  return {
    tenantId: connection.tenantId,
    connectionId: connection.id,
    id: listed.id,
    summary: listed.summary,
    timeZone: listed.timeZone,
    accessRole: listed.accessRole,
    isPrimary: listed.isPrimary,
    isTarget: false,
    isSource: false,
    isConflict: false,
    cursor: { syncToken: null, pageToken: null, generation: 0, parameters, listedFrom: null },
    cursorVersion: 0,
    wakeSeq: 0,
    pulledSeq: 0,
    lastPulledAt: null,
    nextPollAt: now,
    holdOffUntil: null,
    failures: 0,
    absentSince: null,
    isGone: false,
    recoveringSince: null,
  }
}
