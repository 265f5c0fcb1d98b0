import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  customType,
  doublePrecision,
  index,
  integer,
  json,
  jsonb,
  pgTable,
  primaryKey,
} from 'drizzle-orm/pg-core'
import type { Appointment, AppointmentKind, AppointmentStatus, Origin } from '../../core/model/appointment.ts'
import type { AccessRole, Channel, ConnectionMode, ConnectionStatus, GuardAnswer } from '../../core/model/connection.ts'
import type { Duplicate } from '../../core/model/duplicate.ts'
import type { ChangeType, JournalEntry } from '../../core/model/journal.ts'
import type { Base, Link, Missing } from '../../core/model/link.ts'
import type { Intent, Lane, OutboxEntry } from '../../core/model/outbox.ts'
import type { PolicyOverrides, SyncWindow } from '../../core/model/policies.ts'
import { SCOPES, type Scope } from '../../core/model/key-scopes.ts'
import type { Proposal } from '../../core/model/proposal.ts'
import type { Slot, Span } from '../../core/model/time.ts'
import type { DatabaseFingerprint } from '../../core/operations/installation.ts'
import type { Delivery, WebhookEndpoint } from '../../core/webhooks/endpoint.ts'
import type { AuditEntry } from '../../ports/audit.ts'
import type { RunKind, RunState } from '../../ports/store/operations.ts'
import type { Sample } from '../../ports/store/samples.ts'
import type { TenantSettings } from '../../ports/store/tenants.ts'
import { instantFromText, instantToText } from './instant.ts'
import { storableText } from './storable.ts'

/**
 * What is kept. Every primary key and unique constraint begins with the tenant, so that a distributed PostgreSQL can shard by it and
 * no constraint of one tenant can tell of another's rows. The plain indexes that do not begin with it serve the scheduler and
 * look-ups by hash, which span tenants.
 *
 * There are no foreign keys: on the tables that a first sync fills each costs a trigger per row, all writers of a tenant are in a
 * line anyway, and `eraseTenant` empties every table that has a tenant_id (a test asks the catalog).
 */
const instant = customType<{ data: number; driverData: string }>({
  dataType: () => 'timestamp with time zone',
  toDriver: instantToText,
  fromDriver: instantFromText,
})

const text = customType<{ data: string; driverData: string }>({ dataType: () => 'text', toDriver: storableText })

const tenantId = () => text('tenant_id').notNull()
const counter = (name: string) => bigint(name, { mode: 'number' })

export const tenants = pgTable('tenants', {
  tenantId: text('tenant_id').primaryKey(),
  name: text('name').notNull(),
  settings: jsonb('settings').$type<TenantSettings>().notNull(),
  createdAt: instant('created_at').notNull(),
  /** The number of the newest journal row. Its row is the tenant's lock. */
  journalSeq: counter('journal_seq').notNull().default(0),
})

export const apiKeys = pgTable(
  'api_keys',
  {
    tenantId: tenantId(),
    id: text('id').notNull(),
    hash: text('hash').notNull(),
    prefix: text('prefix').notNull(),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at'),
    revokedAt: instant('revoked_at'),
    scopes: jsonb('scopes')
      .$type<readonly Scope[]>()
      .notNull()
      .default([...SCOPES]),
    lastUsedAt: instant('last_used_at'),
  },
  t => [primaryKey({ columns: [t.tenantId, t.id] }), index('api_keys_by_hash').on(t.hash)],
)

export const connections = pgTable(
  'connections',
  {
    tenantId: tenantId(),
    id: text('id').notNull(),
    userId: text('user_id').notNull(),
    googleSub: text('google_sub').notNull(),
    googleEmail: text('google_email').notNull(),
    mode: text('mode').$type<ConnectionMode>().notNull(),
    status: text('status').$type<ConnectionStatus>().notNull(),
    statusReason: text('status_reason'),
    grantedScopes: jsonb('granted_scopes').$type<readonly string[]>().notNull(),
    missingScopes: jsonb('missing_scopes').$type<readonly string[]>().notNull(),
    window: jsonb('window').$type<SyncWindow>().notNull(),
    policies: jsonb('policies').$type<PolicyOverrides>().notNull(),
    version: integer('version').notNull(),
    createdAt: instant('created_at').notNull(),
    lastSyncedAt: instant('last_synced_at'),
    guardAnswer: jsonb('guard_answer').$type<GuardAnswer>(),
    writesPausedUntil: instant('writes_paused_until'),
    writeRefusals: integer('write_refusals').notNull().default(0),
  },
  t => [primaryKey({ columns: [t.tenantId, t.id] }), index('connections_by_user').on(t.tenantId, t.userId)],
)

export const calendars = pgTable(
  'calendars',
  {
    tenantId: tenantId(),
    connectionId: text('connection_id').notNull(),
    id: text('id').notNull(),
    summary: text('summary').notNull(),
    timeZone: text('time_zone').notNull(),
    accessRole: text('access_role').$type<AccessRole>().notNull(),
    isPrimary: boolean('is_primary').notNull(),
    isTarget: boolean('is_target').notNull(),
    isSource: boolean('is_source').notNull(),
    isConflict: boolean('is_conflict').notNull(),
    syncToken: text('sync_token'),
    pageToken: text('page_token'),
    generation: integer('generation').notNull(),
    parameters: text('parameters').notNull(),
    listedFrom: instant('listed_from'),
    cursorVersion: counter('cursor_version').notNull(),
    wakeSeq: counter('wake_seq').notNull(),
    pulledSeq: counter('pulled_seq').notNull(),
    lastPulledAt: instant('last_pulled_at'),
    nextPollAt: instant('next_poll_at').notNull(),
    holdOffUntil: instant('hold_off_until'),
    failures: integer('failures').notNull(),
    absentSince: instant('absent_since'),
    isGone: boolean('is_gone').notNull(),
    recoveringSince: instant('recovering_since'),
  },
  t => [
    primaryKey({ columns: [t.tenantId, t.connectionId, t.id] }),
    index('calendars_by_poll')
      .on(t.nextPollAt)
      .where(sql`not is_gone`),
  ],
)

export const channels = pgTable(
  'channels',
  {
    tenantId: tenantId(),
    id: text('id').notNull(),
    connectionId: text('connection_id').notNull(),
    calendarId: text('calendar_id'),
    resourceId: text('resource_id'),
    state: text('state').$type<Channel['state']>().notNull(),
    expiresAt: instant('expires_at').notNull(),
    createdAt: instant('created_at').notNull(),
    lastNotifiedAt: instant('last_notified_at'),
    expectedAt: instant('expected_at'),
    dueAt: instant('due_at')
      .notNull()
      .default(sql`now()`),
  },
  t => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    index('channels_of_connection').on(t.tenantId, t.connectionId),
    index('channels_by_id').on(t.id),
    index('channels_by_due')
      .on(t.dueAt)
      .where(sql`state <> 'retired'`),
  ],
)

export const credentials = pgTable(
  'credentials',
  {
    tenantId: tenantId(),
    connectionId: text('connection_id').notNull(),
    sealedRefreshToken: text('sealed_refresh_token'),
    sealedAccessToken: text('sealed_access_token'),
    accessTokenExpiresAt: instant('access_token_expires_at').notNull(),
    version: integer('version').notNull(),
    refreshLeaseUntil: instant('refresh_lease_until'),
  },
  t => [primaryKey({ columns: [t.tenantId, t.connectionId] })],
)

export const connectLinks = pgTable(
  'connect_links',
  {
    tenantId: tenantId(),
    hash: text('hash').notNull(),
    userId: text('user_id').notNull(),
    role: text('role'),
    returnUrl: text('return_url'),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    usedAt: instant('used_at'),
  },
  t => [primaryKey({ columns: [t.tenantId, t.hash] }), index('connect_links_by_hash').on(t.hash)],
)

export const oauthFlows = pgTable(
  'oauth_flows',
  {
    tenantId: tenantId(),
    stateHash: text('state_hash').notNull(),
    linkHash: text('link_hash').notNull(),
    userId: text('user_id').notNull(),
    returnUrl: text('return_url'),
    browserHash: text('browser_hash'),
    sealedCodeVerifier: text('sealed_code_verifier').notNull(),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    usedAt: instant('used_at'),
  },
  t => [primaryKey({ columns: [t.tenantId, t.stateHash] }), index('oauth_flows_by_state').on(t.stateHash)],
)

export const appointments = pgTable(
  'appointments',
  {
    tenantId: tenantId(),
    id: text('id').notNull(),
    userId: text('user_id').notNull(),
    kind: text('kind').$type<AppointmentKind>().notNull(),
    status: text('status').$type<AppointmentStatus>().notNull(),
    title: text('title'),
    description: text('description'),
    location: text('location'),
    time: jsonb('time').$type<Span>().notNull(),
    recurrence: jsonb('recurrence').$type<readonly string[]>().notNull(),
    recurringId: text('recurring_id'),
    originalStart: jsonb('original_start').$type<Slot>(),
    busy: boolean('busy').notNull(),
    colour: text('colour'),
    metadata: jsonb('metadata').$type<Appointment['metadata']>().notNull(),
    origin: text('origin').$type<Origin>().notNull(),
    version: integer('version').notNull(),
    archivedAt: instant('archived_at'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
    markerKey: text('marker_key'),
    /** Derived from time and recurrence: `seriesBounds`; an endless series ends at the last instant there is. */
    rangeStart: instant('range_start').notNull(),
    rangeEnd: instant('range_end').notNull(),
  },
  t => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    index('appointments_of_user').on(t.tenantId, t.userId, t.rangeStart, t.id, t.rangeEnd),
    index('appointments_of_series')
      .on(t.tenantId, t.recurringId)
      .where(sql`recurring_id is not null`),
    index('appointments_by_bytes')
      .on(t.tenantId, sql`id collate "C"`)
      .where(sql`origin = 'platform'`),
    index('appointments_by_marker')
      .on(t.tenantId, t.markerKey)
      .where(sql`marker_key is not null`),
  ],
)

export const links = pgTable(
  'links',
  {
    tenantId: tenantId(),
    connectionId: text('connection_id').notNull(),
    calendarId: text('calendar_id').notNull(),
    eventId: text('event_id').notNull(),
    role: text('role').$type<Link['role']>().notNull(),
    appointmentId: text('appointment_id'),
    iCalUID: text('ical_uid'),
    etag: text('etag'),
    recurringEventId: text('recurring_event_id'),
    originalStart: jsonb('original_start').$type<Slot>(),
    base: jsonb('base').$type<Base>(),
    contentHash: text('content_hash'),
    raw: jsonb('raw').$type<unknown>(),
    htmlLink: text('html_link'),
    generation: integer('generation').notNull(),
    shownVersion: integer('shown_version'),
    missingHow: text('missing_how').$type<Missing['how']>(),
    missingSince: instant('missing_since'),
    seenGeneration: integer('seen_generation').notNull(),
    error: jsonb('error').$type<NonNullable<Link['error']>>(),
  },
  t => [
    primaryKey({ columns: [t.tenantId, t.connectionId, t.calendarId, t.eventId] }),
    index('links_of_appointment')
      .on(t.tenantId, t.appointmentId)
      .where(sql`appointment_id is not null`),
    index('links_of_series')
      .on(t.tenantId, t.recurringEventId)
      .where(sql`recurring_event_id is not null`),
    index('links_by_ical_uid')
      .on(t.tenantId, t.iCalUID)
      .where(sql`ical_uid is not null`),
    index('links_parked')
      .on(t.tenantId, t.connectionId)
      .where(sql`role = 'parked'`),
    index('links_orphaned')
      .on(t.tenantId, t.contentHash)
      .where(sql`error->>'code' = 'orphan'`),
    index('links_missing')
      .on(t.tenantId, t.connectionId, t.missingSince)
      .where(sql`missing_how is not null`),
  ],
)

export const outbox = pgTable(
  'outbox',
  {
    tenantId: tenantId(),
    appointmentId: text('appointment_id').notNull(),
    calendarId: text('calendar_id').notNull(),
    connectionId: text('connection_id').notNull(),
    lane: text('lane').$type<Lane>().notNull(),
    state: text('state').$type<OutboxEntry['state']>().notNull(),
    notBefore: instant('not_before').notNull(),
    attempts: integer('attempts').notNull(),
    intent: jsonb('intent').$type<Intent>(),
    error: jsonb('error').$type<NonNullable<OutboxEntry['error']>>(),
    queuedAt: instant('queued_at').notNull(),
  },
  t => [
    primaryKey({ columns: [t.tenantId, t.appointmentId, t.calendarId] }),
    // The lanes' names sort backwards into their order: people, catchup, backfill.
    index('outbox_by_turn')
      .on(t.tenantId, t.connectionId, t.lane.desc(), t.queuedAt, t.appointmentId)
      .where(sql`state = 'queued'`),
    index('outbox_by_due')
      .on(t.notBefore)
      .where(sql`state = 'queued'`),
    index('outbox_of_connection').on(t.tenantId, t.connectionId, t.notBefore),
  ],
)

export const proposals = pgTable(
  'proposals',
  {
    tenantId: tenantId(),
    id: text('id').notNull(),
    appointmentId: text('appointment_id').notNull(),
    connectionId: text('connection_id').notNull(),
    calendarId: text('calendar_id').notNull(),
    eventId: text('event_id').notNull(),
    kind: text('kind').$type<Proposal['kind']>().notNull(),
    values: jsonb('values').$type<Proposal['values']>().notNull(),
    state: text('state').$type<Proposal['state']>().notNull(),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    settledAt: instant('settled_at'),
  },
  t => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    index('proposals_open')
      .on(t.tenantId, t.appointmentId)
      .where(sql`state = 'open'`),
    index('proposals_by_expiry')
      .on(t.expiresAt)
      .where(sql`state = 'open'`),
  ],
)

export const duplicates = pgTable(
  'duplicates',
  {
    tenantId: tenantId(),
    id: text('id').notNull(),
    kind: text('kind').$type<Duplicate['kind']>().notNull(),
    appointmentId: text('appointment_id').notNull(),
    twinId: text('twin_id'),
    connectionId: text('connection_id').notNull(),
    calendarId: text('calendar_id').notNull(),
    eventId: text('event_id').notNull(),
    ownEventId: text('own_event_id'),
    state: text('state').$type<Duplicate['state']>().notNull(),
    createdAt: instant('created_at').notNull(),
    settledAt: instant('settled_at'),
  },
  t => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    index('duplicates_of_appointment').on(t.tenantId, t.appointmentId),
  ],
)

/** Written once, read whole, never looked into: as `json` it is kept as it came, which costs a third of what `jsonb` does. */
export const journal = pgTable(
  'journal',
  {
    tenantId: tenantId(),
    seq: counter('seq').notNull(),
    at: instant('at').notNull(),
    appointmentId: text('appointment_id'),
    connectionId: text('connection_id'),
    side: text('side').$type<JournalEntry['side']>().notNull(),
    action: text('action').notNull(),
    rule: text('rule').notNull(),
    reason: text('reason').notNull(),
    before: json('before').$type<NonNullable<JournalEntry['before']>>(),
    after: json('after').$type<NonNullable<JournalEntry['after']>>(),
    changeType: text('change_type').$type<ChangeType>(),
    changeData: json('change_data').$type<NonNullable<JournalEntry['change']>['data']>(),
  },
  t => [
    primaryKey({ columns: [t.tenantId, t.seq] }),
    index('journal_of_appointment')
      .on(t.tenantId, t.appointmentId, t.seq)
      .where(sql`appointment_id is not null`),
    index('journal_changes')
      .on(t.tenantId, t.seq)
      .where(sql`change_type is not null`),
  ],
)

export const runs = pgTable(
  'runs',
  {
    tenantId: tenantId(),
    id: text('id').notNull(),
    connectionId: text('connection_id').notNull(),
    kind: text('kind').$type<RunKind>().notNull(),
    state: text('state').$type<RunState>().notNull(),
    phase: text('phase').notNull(),
    done: integer('done').notNull(),
    total: integer('total'),
    phaseStartedAt: instant('phase_started_at'),
    phaseStartedDone: integer('phase_started_done').notNull().default(0),
    error: text('error'),
    createdAt: instant('created_at').notNull(),
    startedAt: instant('started_at'),
    finishedAt: instant('finished_at'),
  },
  t => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    index('runs_open')
      .on(t.tenantId, t.connectionId, t.createdAt)
      .where(sql`state in ('queued', 'running')`),
  ],
)

export const rememberedReplies = pgTable(
  'remembered_replies',
  {
    tenantId: tenantId(),
    key: text('key').notNull(),
    requestHash: text('request_hash').notNull(),
    status: integer('status').notNull(),
    body: jsonb('body').$type<unknown>(),
    createdAt: instant('created_at').notNull(),
  },
  t => [primaryKey({ columns: [t.tenantId, t.key] })],
)

export const webhookEndpoints = pgTable(
  'webhook_endpoints',
  {
    tenantId: tenantId(),
    id: text('id').notNull(),
    url: text('url').notNull(),
    description: text('description'),
    types: jsonb('types').$type<readonly ChangeType[]>(),
    status: text('status').$type<WebhookEndpoint['status']>().notNull(),
    disabledReason: text('disabled_reason').$type<NonNullable<WebhookEndpoint['disabledReason']>>(),
    sealedSecret: text('sealed_secret').notNull(),
    sealedOldSecret: text('sealed_old_secret'),
    oldSecretUntil: instant('old_secret_until'),
    /** How far the journal was delivered. */
    cursor: counter('cursor').notNull(),
    failures: integer('failures').notNull(),
    lastFailureAt: instant('last_failure_at'),
    failingSince: instant('failing_since'),
    lastDeliveredAt: instant('last_delivered_at'),
    restUntil: instant('rest_until'),
    createdAt: instant('created_at').notNull(),
  },
  t => [primaryKey({ columns: [t.tenantId, t.id] })],
)

export const webhookDeliveries = pgTable(
  'webhook_deliveries',
  {
    tenantId: tenantId(),
    endpointId: text('endpoint_id').notNull(),
    seq: counter('seq').notNull(),
    appointmentId: text('appointment_id'),
    connectionId: text('connection_id'),
    type: text('type').$type<ChangeType>().notNull(),
    state: text('state').$type<Delivery['state']>().notNull(),
    isDetached: boolean('is_detached').notNull(),
    attempts: integer('attempts').notNull(),
    nextAttemptAt: instant('next_attempt_at').notNull(),
    lastAttemptAt: instant('last_attempt_at'),
    lastStatus: integer('last_status'),
    lastError: text('last_error'),
    createdAt: instant('created_at').notNull(),
  },
  t => [
    primaryKey({ columns: [t.tenantId, t.endpointId, t.seq] }),
    index('webhook_deliveries_waiting')
      .on(t.tenantId, t.endpointId, t.nextAttemptAt)
      .where(sql`state = 'waiting'`),
  ],
)

export const feeds = pgTable(
  'feeds',
  {
    tenantId: tenantId(),
    userId: text('user_id').notNull(),
    hash: text('hash').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  t => [primaryKey({ columns: [t.tenantId, t.userId] }), index('feeds_by_hash').on(t.hash)],
)

/** The last comparison of each calendar with what Google shows. */
export const samples = pgTable(
  'samples',
  {
    tenantId: tenantId(),
    connectionId: text('connection_id').notNull(),
    calendarId: text('calendar_id').notNull(),
    at: instant('at').notNull(),
    compared: integer('compared').notNull(),
    differing: integer('differing').notNull(),
    findings: jsonb('findings').$type<Sample['findings']>().notNull(),
  },
  t => [primaryKey({ columns: [t.tenantId, t.connectionId, t.calendarId] })],
)

/**
 * Who did what. Its trigger refuses every change of a row, and it outlives its tenants: that one was erased is itself on record. `chain`
 * is the tenant's id, or '' for the operator's own.
 */
export const auditLog = pgTable(
  'audit_log',
  {
    chain: text('chain').notNull(),
    seq: counter('seq').notNull(),
    at: instant('at').notNull(),
    actorKind: text('actor_kind').$type<AuditEntry['actor']['kind']>().notNull(),
    actorId: text('actor_id'),
    via: text('via').$type<AuditEntry['via']>().notNull(),
    action: text('action').notNull(),
    object: text('object'),
    result: text('result').notNull(),
    hash: text('hash').notNull(),
  },
  t => [primaryKey({ columns: [t.chain, t.seq] })],
)

/**
 * One row about the database itself. `fingerprint` says which database on which server this was when it was last looked at: a restored or
 * cloned one is another. `instanceId` names the installation it belongs to. `canary` is a sealed word that shows whether the keys fit.
 */
export const installation = pgTable('installation', {
  name: text('name').primaryKey(),
  instanceId: text('instance_id'),
  fingerprint: jsonb('fingerprint').$type<DatabaseFingerprint>().notNull(),
  canary: text('canary'),
  restoredAt: instant('restored_at'),
})

/** Google's quotas as buckets, shared by all instances; of projects and of users, so not of one tenant. Instants as milliseconds. */
export const quotaMeters = pgTable('quota_meters', {
  name: text('name').primaryKey(),
  tokens: doublePrecision('tokens').notNull(),
  filledAt: doublePrecision('filled_at').notNull(),
  perMinute: doublePrecision('per_minute').notNull(),
  slowedAt: doublePrecision('slowed_at'),
})
