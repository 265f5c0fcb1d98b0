import { SCOPES } from '../../src/core/model/key-scopes.ts'
import { randomUUID } from 'node:crypto'
import type { Appointment } from '../../src/core/model/appointment.ts'
import type { Duplicate } from '../../src/core/model/duplicate.ts'
import type { JournalEntry } from '../../src/core/model/journal.ts'
import type { OutboxEntry } from '../../src/core/model/outbox.ts'
import type { Proposal } from '../../src/core/model/proposal.ts'
import type { WakeUp } from '../../src/ports/jobs.ts'
import type { ChangeSet } from '../../src/ports/store/appointments.ts'
import type { Store, Tx } from '../../src/ports/store/store.ts'
import { aCalendar, aConnection, aLink, anAppointment, at, DAY, HOUR, NOW } from '../support/builders.ts'
import { aDelivery, anEndpoint } from '../support/webhook-builders.ts'

/** A store to be examined. `counted` runs `work` and tells how many statements it took; null: this store has none. */
export type StoreUnderTest = {
  store: Store
  /** What committed transactions woke, all tests together. */
  woken: readonly WakeUp[]
  counted(work: () => Promise<unknown>): Promise<number | null>
  /** Rows of the tenant by table, straight from the database's catalog; null: this store has no tables. */
  rowsOf(tenantId: string): Promise<Record<string, number> | null>
  close(): Promise<void>
}

/** A tenant of the test's own, founded; `write` and `read` run in its transactions. */
export async function newTenant(store: Store) {
  const tenantId = `t_${randomUUID()}`
  const settings = {
    branding: { productName: 'Clinic', logoUrl: null, colour: null },
    connectRoles: ['doctor'],
    oauthClient: null,
    policies: { googleEdits: 'propose' as const },
  }
  const tenant = { id: tenantId, name: 'Clinic', settings, createdAt: NOW }
  await store.transaction(tenantId, tx => tx.saveTenant(tenant))
  return {
    tenantId,
    tenant,
    write: <T>(work: (tx: Tx) => Promise<T>): Promise<T> => store.transaction(tenantId, work),
    apply: (changes: ChangeSet) => store.transaction(tenantId, tx => tx.apply(tenantId, changes)),
    appointment: (fields: Partial<Appointment & { markerKey: string | null }> = {}) => ({
      ...anAppointment({ ...fields, tenantId }),
      markerKey: fields.markerKey ?? null,
    }),
    link: (fields: Parameters<typeof aLink>[0] = {}) => aLink({ ...fields, tenantId }),
    connection: (fields: Parameters<typeof aConnection>[0] = {}) => aConnection({ ...fields, tenantId }),
    calendar: (fields: Parameters<typeof aCalendar>[0] = {}) => aCalendar({ ...fields, tenantId }),
    outbox: (fields: Partial<OutboxEntry> = {}) => anOutboxEntry({ ...fields, tenantId }),
    proposal: (fields: Partial<Proposal> = {}) => aProposal({ ...fields, tenantId }),
    duplicate: (fields: Partial<Duplicate> = {}) => aDuplicate({ ...fields, tenantId }),
  }
}

export type TestTenant = Awaited<ReturnType<typeof newTenant>>

export function anOutboxEntry(fields: Partial<OutboxEntry> = {}): OutboxEntry {
  return {
    tenantId: 'clinic',
    connectionId: 'con_1',
    calendarId: 'cal_1',
    appointmentId: 'apt_1',
    lane: 'people',
    state: 'queued',
    notBefore: NOW,
    attempts: 0,
    intent: null,
    error: null,
    queuedAt: NOW,
    ...fields,
  }
}

export function aProposal(fields: Partial<Proposal> = {}): Proposal {
  return {
    tenantId: 'clinic',
    id: 'prop_1',
    appointmentId: 'apt_1',
    connectionId: 'con_1',
    calendarId: 'cal_1',
    eventId: 'event1',
    kind: 'edit',
    values: { title: 'Moved' },
    state: 'open',
    createdAt: NOW,
    expiresAt: NOW + DAY,
    settledAt: null,
    ...fields,
  }
}

export function aDuplicate(fields: Partial<Duplicate> = {}): Duplicate {
  return {
    tenantId: 'clinic',
    id: 'dup_1',
    kind: 'exact-twin',
    appointmentId: 'apt_1',
    twinId: 'g_1',
    connectionId: 'con_1',
    calendarId: 'cal_1',
    eventId: 'event1',
    ownEventId: null,
    state: 'open',
    createdAt: NOW,
    settledAt: null,
    ...fields,
  }
}

export function aJournalEntry(fields: Partial<JournalEntry> = {}): JournalEntry {
  return {
    at: NOW,
    appointmentId: 'apt_1',
    connectionId: null,
    side: 'platform',
    action: 'created',
    rule: 'create',
    reason: 'The platform booked it.',
    before: null,
    after: { title: 'A' },
    change: null,
    ...fields,
  }
}

export const aChange = (fields: Partial<JournalEntry> = {}): JournalEntry =>
  aJournalEntry({ change: { type: 'appointment.created', data: { id: 'apt_1' } }, ...fields })

/** One row in every table. */
export async function fill(
  tenant: TestTenant,
): Promise<{ hash: string; stateHash: string; keyHash: string; channelId: string }> {
  const { tenantId } = tenant
  const [hash, stateHash, keyHash, channelId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()]
  await tenant.write(async tx => {
    await tx.saveApiKey({
      tenantId,
      id: 'key_1',
      hash: keyHash,
      prefix: 'lk_',
      createdAt: NOW,
      expiresAt: null,
      revokedAt: null,
      scopes: SCOPES,
      lastUsedAt: null,
    })
    await tx.saveConnection(tenant.connection())
    await tx.saveCalendars([tenant.calendar()])
    await tx.saveChannel(aChannel(tenantId, channelId))
    await tx.saveCredentials(someCredentials(tenantId))
    const until = { createdAt: NOW, expiresAt: NOW + HOUR, usedAt: null }
    await tx.saveConnectLink({ tenantId, hash, userId: 'dr-lee', role: null, returnUrl: null, ...until })
    const flow = { tenantId, stateHash, linkHash: hash, userId: 'dr-lee', returnUrl: null, browserHash: 'b' }
    await tx.saveOAuthFlow({ ...flow, sealedCodeVerifier: 'sealed', ...until })
    await tx.saveRun(aRun(tenantId))
    const reply = { tenantId, key: 'key', requestHash: 'h', status: 201, body: { id: 1 }, createdAt: NOW }
    await tx.rememberReply(reply)
    await tx.saveWebhookEndpoint(anEndpoint({ tenantId }))
    await tx.saveDeliveries([aDelivery({ tenantId })])
    await tx.saveSample({
      tenantId,
      connectionId: 'con_1',
      calendarId: 'cal_1',
      at: NOW,
      compared: 9,
      differing: 0,
      findings: [],
    })
    await tx.saveFeed({ tenantId, userId: 'dr-lee', hash: randomUUID(), createdAt: NOW })
    await tx.apply(tenantId, {
      appointments: [
        tenant.appointment({ markerKey: 'marker' }),
        tenant.appointment({ id: 'apt_2', time: at(NOW + DAY) }),
      ],
      links: [
        tenant.link({ missing: { how: 'absent', since: NOW } }),
        tenant.link({
          eventId: 'lost',
          role: 'parked',
          appointmentId: null,
          contentHash: 'mark lost',
          error: { code: 'orphan', message: 'lost' },
        }),
      ],
      outbox: [tenant.outbox({ lane: 'backfill' })],
      proposals: [tenant.proposal()],
      duplicates: [tenant.duplicate()],
      journal: [aChange()],
    })
  })
  return { hash, stateHash, keyHash, channelId }
}

export const aChannel = (tenantId: string, id: string) => ({
  tenantId,
  id,
  connectionId: 'con_1',
  calendarId: 'cal_1' as string | null,
  resourceId: 'resource' as string | null,
  state: 'live' as const,
  expiresAt: NOW + DAY,
  createdAt: NOW,
  lastNotifiedAt: null,
  expectedAt: null,
  dueAt: NOW,
})

export const someCredentials = (tenantId: string) => ({
  tenantId,
  connectionId: 'con_1',
  sealedRefreshToken: 'refresh',
  sealedAccessToken: 'access',
  accessTokenExpiresAt: NOW + HOUR,
  version: 1,
  refreshLeaseUntil: null as number | null,
})

export const aRun = (tenantId: string) => ({
  tenantId,
  id: 'run_1',
  connectionId: 'con_1',
  kind: 'first_sync' as const,
  state: 'running' as 'running' | 'done' | 'queued',
  phase: 'reading',
  done: 10,
  total: null,
  phaseStartedAt: NOW as number | null,
  phaseStartedDone: 0,
  error: null,
  createdAt: NOW,
  startedAt: NOW,
  finishedAt: null,
})
