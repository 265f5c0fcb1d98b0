import type { Appointment } from '../../src/core/model/appointment.ts'
import type { LiveEvent, Tombstone } from '../../src/core/model/calendar-event.ts'
import type { Calendar, Connection } from '../../src/core/model/connection.ts'
import type { Base, Link } from '../../src/core/model/link.ts'
import { DEFAULT_POLICIES, DEFAULT_WINDOW, type Policies } from '../../src/core/model/policies.ts'
import type { Projection } from '../../src/core/model/projection.ts'
import type { Span } from '../../src/core/model/time.ts'
import { contentHash } from '../../src/core/sync/fingerprint.ts'
import { project } from '../../src/core/sync/projection.ts'

/** Builders state only what matters to a test; the rest is ordinary. Now is Monday 2026-11-30, 08:00 in New York. */
export const NOW = Date.parse('2026-11-30T13:00:00Z')
export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

export const at = (startAt: number, minutes = 30, zone = 'America/New_York'): Span => ({
  kind: 'timed',
  startAt,
  endAt: startAt + minutes * MINUTE,
  startZone: zone,
  endZone: zone,
})

export const onDay = (startDate: string, endDate: string): Span => ({ kind: 'all-day', startDate, endDate })

export function anAppointment(fields: Partial<Appointment> = {}): Appointment {
  return {
    tenantId: 'clinic',
    id: 'apt_1',
    userId: 'dr-lee',
    kind: 'appointment',
    status: 'confirmed',
    title: 'Follow-up, Jane Roe',
    description: null,
    location: 'Room 2',
    time: at(NOW + DAY),
    recurrence: [],
    recurringId: null,
    originalStart: null,
    busy: true,
    colour: null,
    metadata: {},
    origin: 'platform',
    version: 1,
    archivedAt: null,
    createdAt: NOW - DAY,
    updatedAt: NOW - DAY,
    ...fields,
  }
}

export function aProjection(fields: Partial<Projection> = {}): Projection {
  return { ...project(anAppointment(), DEFAULT_POLICIES), ...fields }
}

export function aLiveEvent(fields: Partial<LiveEvent> = {}): LiveEvent {
  return {
    kind: 'live',
    eventId: 'event1',
    etag: '"2"',
    iCalUID: 'event1@google.com',
    updatedAt: NOW,
    content: aProjection(),
    recurringEventId: null,
    originalStart: null,
    marker: null,
    eventType: 'default',
    selfResponse: null,
    hasGuests: false,
    isOrganizer: true,
    isPrivate: false,
    htmlLink: 'https://calendar.google.com/event?eid=1',
    raw: { id: 'event1' },
    ...fields,
  }
}

export function aTombstone(fields: Partial<Tombstone> = {}): Tombstone {
  return { kind: 'tombstone', eventId: 'event1', etag: '"3"', recurringEventId: null, originalStart: null, ...fields }
}

export function aBase(content: Projection = aProjection()): Base {
  return { sent: content, returned: content }
}

export function aLink(fields: Partial<Link> = {}): Link {
  return {
    tenantId: 'clinic',
    connectionId: 'con_1',
    calendarId: 'cal_1',
    eventId: 'event1',
    role: 'ours',
    appointmentId: 'apt_1',
    iCalUID: 'event1@google.com',
    etag: '"1"',
    recurringEventId: null,
    originalStart: null,
    base: aBase(),
    contentHash: contentHash(aLiveEvent()),
    raw: { id: 'event1' },
    htmlLink: null,
    generation: 0,
    shownVersion: 1,
    missing: null,
    seenGeneration: 1,
    error: null,
    ...fields,
  }
}

export function aConnection(fields: Partial<Connection> = {}): Connection {
  return {
    tenantId: 'clinic',
    id: 'con_1',
    userId: 'dr-lee',
    googleSub: 'sub_1',
    googleEmail: 'lee@example.com',
    mode: 'two_way',
    status: 'active',
    statusReason: null,
    grantedScopes: [],
    missingScopes: [],
    window: DEFAULT_WINDOW,
    policies: {},
    version: 1,
    createdAt: NOW - DAY,
    lastSyncedAt: null,
    guardAnswer: null,
    writesPausedUntil: null,
    writeRefusals: 0,
    ...fields,
  }
}

export function aCalendar(fields: Partial<Calendar> = {}): Calendar {
  return {
    tenantId: 'clinic',
    connectionId: 'con_1',
    id: 'cal_1',
    summary: 'Lee',
    timeZone: 'America/New_York',
    accessRole: 'owner',
    isPrimary: true,
    isTarget: true,
    isSource: true,
    isConflict: false,
    cursor: { syncToken: 'token', pageToken: null, generation: 1, parameters: 'p', listedFrom: NOW - 30 * DAY },
    cursorVersion: 1,
    wakeSeq: 0,
    pulledSeq: 0,
    lastPulledAt: null,
    nextPollAt: NOW,
    holdOffUntil: null,
    failures: 0,
    absentSince: null,
    isGone: false,
    recoveringSince: null,
    ...fields,
  }
}

export const policiesWith = (fields: Partial<Policies>): Policies => ({ ...DEFAULT_POLICIES, ...fields })
