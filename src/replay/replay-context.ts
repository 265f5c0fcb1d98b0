import type { Grantee } from '../ports/google-calendar.ts'
import { LIST_PARAMETERS } from '../adapters/google/calendar.ts'
import type { Calendar, Connection } from '../core/model/connection.ts'
import { DEFAULT_POLICIES, DEFAULT_WINDOW } from '../core/model/policies.ts'
import type { Instant } from '../core/model/time.ts'
import { knownFrom, type PullContext } from '../core/sync/pull-context.ts'

export const WHO: Grantee = { tenantId: 'replay', connectionId: 'replay' }
const { tenantId, connectionId } = WHO

/** A user of ordinary policies whose calendar is written to and read, and who knows nothing yet. */
export function replayContext(calendarId: string, now: Instant, timeZone: string): PullContext {
  return {
    now,
    calendar: { ...aCalendar(calendarId, now), timeZone },
    connection: aConnection(now),
    policies: DEFAULT_POLICIES,
    importedId: eventId => `imported ${eventId}`,
    known: knownFrom({ links: [], elsewhere: [], appointments: [], markers: new Map() }),
  }
}

function aCalendar(id: string, now: Instant): Calendar {
  return {
    tenantId,
    connectionId,
    id,
    summary: id,
    timeZone: 'UTC',
    accessRole: 'owner',
    isPrimary: false,
    isTarget: true,
    isSource: true,
    isConflict: false,
    cursor: { syncToken: null, pageToken: null, generation: 0, parameters: LIST_PARAMETERS, listedFrom: null },
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

function aConnection(now: Instant): Connection {
  return {
    tenantId,
    id: connectionId,
    userId: 'replay',
    googleSub: 'replay',
    googleEmail: 'person-1@example.com',
    mode: 'two_way',
    status: 'active',
    statusReason: null,
    grantedScopes: [],
    missingScopes: [],
    window: DEFAULT_WINDOW,
    policies: {},
    version: 1,
    createdAt: now,
    lastSyncedAt: null,
    writesPausedUntil: null,
    writeRefusals: 0,
    guardAnswer: null,
  }
}
