/** One of each resource, as the answers show it; a test holds them against the schemas. */

const TENANT_ID = 'ten_0195f0c27c1e70008000'
const CONNECTION_ID = 'con_0195f0c2-7c1e-7000-8000-3f1c7a5b9d21'
const CALENDAR_ID = 'c_9f2k@group.calendar.google.com'
const EVENT_LINK = 'https://www.google.com/calendar/event?eid=NmRo'
const slot = {
  start: { dateTime: '2026-12-01T09:00:00-05:00', timeZone: 'America/New_York' },
  end: { dateTime: '2026-12-01T09:30:00-05:00', timeZone: 'America/New_York' },
}

export const BOOKING = {
  userId: 'dr-lee',
  title: 'Follow-up, Jane Roe',
  location: 'Room 2',
  ...slot,
  metadata: { anything: 'never sent to Google' },
}

export const APPOINTMENT = {
  id: 'apt_842',
  userId: 'dr-lee',
  kind: 'appointment',
  status: 'confirmed',
  title: 'Follow-up, Jane Roe',
  description: null,
  location: 'Room 2',
  ...slot,
  recurrence: null,
  recurringId: null,
  originalStart: null,
  busy: true,
  colour: null,
  metadata: { anything: 'never sent to Google' },
  origin: 'platform',
  locked: false,
  version: 3,
  archived: false,
  createdAt: '2026-11-21T10:00:00.000Z',
  updatedAt: '2026-11-28T15:20:07.512Z',
  google: { calendarId: CALENDAR_ID, eventId: '6dhkqs0m', htmlLink: EVENT_LINK, state: 'synced', error: null },
}

const RULE = 'RRULE:FREQ=WEEKLY;COUNT=8'
export const SPLIT = {
  series: { ...APPOINTMENT, id: 'apt_90', recurrence: ['RRULE:FREQ=WEEKLY;COUNT=3'] },
  following: { ...APPOINTMENT, id: 'apt_90~R20261222T140000Z', recurrence: ['RRULE:FREQ=WEEKLY;COUNT=5'], version: 1 },
}
export const SPLIT_BODY = {
  originalStart: { dateTime: '2026-12-22T09:00:00-05:00', timeZone: 'America/New_York' },
  changes: { location: 'Room 5' },
}
export const BATCH_BODY = {
  items: [
    { id: 'apt_843', ...BOOKING },
    { id: 'apt_90', ...BOOKING, recurrence: [RULE] },
  ],
}
export const BATCH = {
  items: [
    { id: 'apt_843', status: 201, version: 1 },
    {
      id: 'apt_90',
      status: 400,
      problem: {
        type: 'invalid-request',
        title: 'Invalid request',
        status: 400,
        detail: 'The request is not valid at: start.timeZone.',
        errors: [{ path: 'start.timeZone', message: 'is required for a series' }],
      },
    },
  ],
}
export const HISTORY = {
  items: [
    {
      at: '2026-11-28T15:20:07.512Z',
      side: 'google',
      action: 'accepted',
      reason: 'It was moved in Google Calendar, and edits there are accepted.',
      rule: 'google-edit-accepted',
      before: { start: { dateTime: '2026-12-01T08:00:00-05:00', timeZone: 'America/New_York' } },
      after: { start: slot.start },
    },
  ],
}
export const RECONCILE_BODY = {
  items: [
    { id: 'apt_842', version: 3, updatedAt: '2026-11-28T15:20:07.512Z' },
    { id: 'apt_843', version: 2 },
    { id: 'apt_844', version: 1 },
  ],
  last: true,
}
export const RECONCILED = {
  matched: 1,
  missing: [{ id: 'apt_844', version: 1 }],
  stale: [{ id: 'apt_843', version: 2, here: 1, updatedAt: '2026-11-21T10:00:00.000Z', behind: 'lockstep' }],
  extra: [{ id: 'apt_90', userId: 'dr-lee', origin: 'platform', status: 'confirmed', version: 4 }],
  again: false,
}

const BUSY = { start: '2026-12-01T09:00:00-05:00', end: '2026-12-01T09:30:00-05:00' }
export const AVAILABILITY = {
  busy: [{ ...BUSY, sources: [{ kind: 'appointment', id: 'apt_842' }] }],
  timeZone: 'America/New_York',
}
export const SLOTS = { slots: [BUSY] }
export const CHECKED_SLOTS = {
  slots: [{ ...BUSY, free: false, conflicts: [{ ...BUSY, source: { kind: 'appointment', id: 'apt_842' } }] }],
}

export const CONNECT_LINK = {
  url: 'https://sync.example.org/connect/Jt3iUqkZ1o0n3m8VfX7Qk2aD5sE9rW4y',
  googleUrl: 'https://accounts.google.com/o/oauth2/v2/auth?client_id=…&state=…&code_challenge=…',
  expiresAt: '2026-12-01T14:15:00.000Z',
}

const PRACTICE = {
  id: CALENDAR_ID,
  summary: 'Practice',
  timeZone: 'America/New_York',
  accessRole: 'owner',
  isPrimary: false,
  isTarget: true,
  isSource: true,
  isConflict: false,
}
export const CALENDARS = {
  items: [{ ...PRACTICE, canBeTarget: true, canBeSource: true, canBeConflict: true, reason: null }],
}
export const CALENDAR_CHOICE = { target: { create: 'Practice' }, sources: ['jane@example.com'], conflicts: [] }

export const CONNECTION = {
  id: CONNECTION_ID,
  userId: 'dr-lee',
  googleAccount: { sub: '108204268033311374519', email: 'lee@example.com' },
  mode: 'two_way',
  status: 'active',
  statusReason: null,
  missingScopes: [],
  calendars: [{ ...PRACTICE, isGone: false, lastPulledAt: '2026-12-01T13:59:12.000Z' }],
  window: { daysBack: 30, daysAhead: 365 },
  policies: {
    googleEdits: 'accept',
    googleDeletes: 'cancel',
    concurrentEdits: 'platform',
    cancelled: 'delete',
    imported: 'full',
    presentation: { title: 'busy', description: false, location: false, visibility: 'private', colour: null },
    include: { kinds: ['appointment', 'meeting'], statuses: ['tentative', 'confirmed', 'completed'] },
    duplicates: 'link',
    deletionGuard: { count: 25, share: 0.5 },
  },
  recovering: false,
  lastSyncedAt: '2026-12-01T13:59:12.000Z',
  counts: { linked: 412, missing: 0 },
  links: { self: `https://sync.example.org/v1/connections/${CONNECTION_ID}` },
  version: 6,
  createdAt: '2026-11-21T10:00:00.000Z',
}
export const CONNECTION_CHANGES = { window: { daysBack: 7, daysAhead: 180 }, policies: { googleEdits: 'propose' } }
export const CHECKS = {
  checks: [
    { name: 'token', status: 'ok', detail: 'Google accepts the grant.' },
    {
      name: 'push',
      status: 'failed',
      detail: 'No channel is live.',
      remedy: 'Nothing to do: it is polled until one is.',
    },
  ],
}
export const PLAN = {
  google: [
    {
      action: 'delete',
      appointmentId: 'apt_842',
      eventId: '6dhkqs0m',
      calendarId: CALENDAR_ID,
      summary: 'Follow-up, Jane Roe',
    },
  ],
  local: [{ action: 'archive', appointmentId: 'goo_17' }],
  counts: { insert: 0, update: 0, delete: 1, local: 1 },
}
export const STARTED_RUN = { runId: 'run_0195f0c2-7c1e-7000-8000-7d2c1a5b9d44' }
export const RUN = {
  id: STARTED_RUN.runId,
  connectionId: CONNECTION_ID,
  kind: 'first_sync',
  state: 'running',
  phase: 'reading',
  done: 2_500,
  total: null,
  startedAt: '2026-12-01T14:00:00.000Z',
  finishedAt: null,
  etaSeconds: null,
  error: null,
}
export const PROPOSAL = {
  id: 'prop_0195f0c2',
  appointmentId: 'apt_842',
  connectionId: CONNECTION_ID,
  calendarId: CALENDAR_ID,
  kind: 'edit',
  values: slot,
  state: 'open',
  createdAt: '2026-11-28T15:20:07.512Z',
  expiresAt: '2026-12-05T15:20:07.512Z',
  settledAt: null,
}
export const DUPLICATE = {
  id: 'dup_0195f0c2',
  kind: 'exact-twin',
  appointmentId: 'apt_842',
  googleAppointmentId: 'goo_17',
  connectionId: CONNECTION_ID,
  calendarId: CALENDAR_ID,
  eventId: '6dhkqs0m',
  state: 'open',
  createdAt: '2026-11-28T15:20:07.512Z',
  settledAt: null,
}
export const CHANGES = {
  items: [
    { cursor: 'c842', id: 'chg_842', type: 'appointment.updated', at: '2026-11-28T15:20:07.512Z', data: APPOINTMENT },
  ],
  cursor: 'c842',
  hasMore: false,
}
export const TENANT = {
  id: TENANT_ID,
  name: 'Riverside Clinics',
  createdAt: '2026-11-21T10:00:00.000Z',
  settings: {
    branding: { productName: 'Riverside', logoUrl: 'https://riverside.example.com/logo.svg', colour: '#0a7d55' },
    connectRoles: ['practitioner'],
    oauthClient: null,
    policies: { googleEdits: 'propose' },
    syncing: true,
    locked: ['presentation'],
    offers: null,
  },
  keys: [
    {
      id: 'key_0195f0c2',
      prefix: 'lsk_Zf3',
      scopes: ['read', 'write', 'connect', 'webhooks'],
      createdAt: '2026-11-21T10:00:00.000Z',
      expiresAt: null,
      lastUsedAt: '2026-11-30T08:10:00.000Z',
      revokedAt: null,
    },
  ],
}
export const NEW_TENANT = {
  name: TENANT.name,
  settings: { branding: TENANT.settings.branding, connectRoles: ['practitioner'] },
}
export const MADE_TENANT = { id: TENANT_ID, apiKey: 'lsk_Zf3…' }
export const MADE_KEY = { id: 'key_0195f0c2', apiKey: 'lsk_Zf3…' }

export const ENDPOINT = {
  id: 'whe_0195f0c2-7c1e-7000-8000-3f1c7a5b9d21',
  url: 'https://hooks.example.com/lockstep',
  description: 'production',
  types: ['appointment.created', 'appointment.updated', 'appointment.cancelled'],
  status: 'enabled',
  disabledReason: null,
  failingSince: null,
  lastDeliveredAt: '2026-12-01T14:00:00.000Z',
  createdAt: '2026-11-21T10:00:00.000Z',
}
export const NEW_ENDPOINT = { url: ENDPOINT.url, types: ENDPOINT.types, description: ENDPOINT.description }
export const SHOWN_SECRET = { ...ENDPOINT, secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw0q2rP3b5m1A=' }
export const DELIVERY = {
  id: `${ENDPOINT.id}_842`,
  changeId: 'chg_842',
  type: 'appointment.updated',
  appointmentId: 'apt_842',
  connectionId: null,
  state: 'waiting',
  attempts: 2,
  nextAttemptAt: '2026-12-01T14:05:31.000Z',
  lastAttemptAt: '2026-12-01T14:00:12.000Z',
  lastStatus: 503,
  lastError: 'answered',
}
