import type { Appointment } from '../../src/core/model/appointment.ts'
import type { Calendar, Channel, Connection } from '../../src/core/model/connection.ts'
import type { Duplicate } from '../../src/core/model/duplicate.ts'
import type { JournalRow } from '../../src/core/model/journal.ts'
import type { Link } from '../../src/core/model/link.ts'
import type { OutboxEntry } from '../../src/core/model/outbox.ts'
import type { Proposal } from '../../src/core/model/proposal.ts'
import type { Delivery, WebhookEndpoint } from '../../src/core/webhooks/endpoint.ts'
import { storableText } from '../../src/adapters/db/storable.ts'
import type { ConnectLink, Credentials, OAuthFlow } from '../../src/ports/store/connections.ts'
import type { Feed } from '../../src/ports/store/feeds.ts'
import type { RememberedReply, Run } from '../../src/ports/store/operations.ts'
import type { Sample } from '../../src/ports/store/samples.ts'
import type { ApiKey, Tenant } from '../../src/ports/store/tenants.ts'

export type StoredAppointment = { appointment: Appointment; markerKey: string | null; startAt: number; endAt: number }

/** What each table holds. */
export type Tables = {
  tenants: Tenant & { journalSeq: number }
  apiKeys: ApiKey
  connections: Connection
  calendars: Calendar
  channels: Channel
  credentials: Credentials
  connectLinks: ConnectLink
  oauthFlows: OAuthFlow
  appointments: StoredAppointment
  links: Link
  outbox: OutboxEntry
  proposals: Proposal
  duplicates: Duplicate
  journal: JournalRow
  runs: Run
  rememberedReplies: RememberedReply
  webhookEndpoints: WebhookEndpoint
  webhookDeliveries: Delivery
  feeds: Feed
  samples: Sample
}

export type TableName = keyof Tables
type Rows = { [N in TableName]: Map<string, Tables[N]> }
export type Overlay = { [N in TableName]: Map<string, Tables[N] | null> }

export const TABLES: readonly TableName[] = [
  'tenants',
  'apiKeys',
  'connections',
  'calendars',
  'channels',
  'credentials',
  'connectLinks',
  'oauthFlows',
  'appointments',
  'links',
  'outbox',
  'proposals',
  'duplicates',
  'journal',
  'runs',
  'rememberedReplies',
  'webhookEndpoints',
  'webhookDeliveries',
  'feeds',
  'samples',
]

/** What can be read: the committed rows, or these under what a transaction wrote. */
export type View = {
  get<N extends TableName>(table: N, tenantId: string, ...key: readonly (string | number)[]): Tables[N] | null
  of<N extends TableName>(table: N, tenantId: string): Tables[N][]
  across<N extends TableName>(table: N): Tables[N][]
}

export type Draft = View & {
  put<N extends TableName>(table: N, row: Tables[N], ...key: readonly (string | number)[]): void
  remove(table: TableName, ...key: readonly (string | number)[]): void
  erase(): void
  commit(): void
  written: Overlay
}

const keyOf = (key: readonly (string | number)[]): string => key.join('\0')

/** Tables by tenant. A transaction writes into a layer of its own, which its commit lays over the rows; nothing is ever copied whole. */
export function createWorld() {
  const tenants = new Map<string, Rows>()

  const rowsOf = <N extends TableName>(table: N, tenantId: string): Rows[N] | undefined =>
    tenants.get(tenantId)?.[table]

  const committed: View = {
    get: (table, tenantId, ...key) => rowsOf(table, tenantId)?.get(keyOf(key)) ?? null,
    of: (table, tenantId) => [...(rowsOf(table, tenantId)?.values() ?? [])],
    across: table => [...tenants.values()].flatMap(rows => [...rows[table].values()]),
  }

  /** Outside any transaction: one row, at once. */
  const replace = <N extends TableName>(
    table: N,
    tenantId: string,
    row: Tables[N],
    ...key: readonly (string | number)[]
  ): void => {
    rowsOf(table, tenantId)?.set(keyOf(key), asStored(row))
  }

  const draft = (tenantId: string): Draft => {
    const overlay = emptyTables() as Overlay
    let isErased = false

    const of = <N extends TableName>(table: N): Tables[N][] => {
      const written = overlay[table]
      const base = isErased ? undefined : rowsOf(table, tenantId)
      const rows: Tables[N][] = []
      for (const [key, row] of base ?? []) {
        const newer = written.size === 0 ? undefined : written.get(key)
        if (newer !== null) rows.push(newer ?? row)
      }
      for (const [key, row] of written) if (row !== null && !base?.has(key)) rows.push(row)
      return rows
    }
    const get = <N extends TableName>(table: N, key: string): Tables[N] | null => {
      const newer = overlay[table].get(key)
      if (newer !== undefined) return newer
      return (isErased ? null : rowsOf(table, tenantId)?.get(key)) ?? null
    }
    return {
      written: overlay,
      get: (table, of, ...key) => (of === tenantId ? get(table, keyOf(key)) : committed.get(table, of, ...key)),
      of: (table, whose) => (whose === tenantId ? of(table) : committed.of(table, whose)),
      across: table =>
        [...tenants.keys(), tenantId].flatMap(id => (id === tenantId ? [] : committed.of(table, id))).concat(of(table)),
      put: (table, row, ...key) => void overlay[table].set(keyOf(key), asStored(row)),
      remove: (table, ...key) => void overlay[table].set(keyOf(key), null),
      erase: () => {
        isErased = true
        for (const table of TABLES) overlay[table].clear()
      },
      commit: () => {
        if (isErased) tenants.delete(tenantId)
        for (const table of TABLES) layOver(table, tenantId, overlay)
      },
    }
  }

  const layOver = (table: TableName, tenantId: string, overlay: Overlay): void => {
    if (overlay[table].size === 0) return
    const rows = tenants.get(tenantId) ?? (emptyTables() as Rows)
    tenants.set(tenantId, rows)
    const stored: Map<string, unknown> = rows[table]
    for (const [key, row] of overlay[table]) {
      if (row === null) stored.delete(key)
      else stored.set(key, keepNotified(stored.get(key), row))
    }
  }

  /** Rows are frozen: copies of the maps that hold them are enough. */
  const copied = (): Map<string, Rows> =>
    new Map(
      [...tenants].map(([id, rows]) => [
        id,
        Object.fromEntries(TABLES.map(table => [table, new Map<string, unknown>(rows[table])])) as unknown as Rows,
      ]),
    )
  const backUp = (): (() => void) => {
    const backup = copied()
    return () => {
      tenants.clear()
      for (const [id, rows] of backup) tenants.set(id, rows)
    }
  }

  return { committed, draft, replace, backUp }
}

const emptyTables = (): unknown => Object.fromEntries(TABLES.map(table => [table, new Map()]))

/** Notifications are noted beside open transactions: what they counted up stays. */
function keepNotified(was: unknown, row: unknown): unknown {
  const [before, after] = [was, row] as [Partial<Calendar & Channel> | undefined, Partial<Calendar & Channel>]
  if (before?.wakeSeq !== undefined && before.wakeSeq > (after.wakeSeq ?? 0))
    return Object.freeze({ ...after, wakeSeq: before.wakeSeq })
  const { lastNotifiedAt } = before ?? {}
  if (lastNotifiedAt != null && 'lastNotifiedAt' in after && lastNotifiedAt > (after.lastNotifiedAt ?? 0))
    return Object.freeze({ ...after, lastNotifiedAt })
  return row
}

/**
 * As a database gives it back: a copy, without what it cannot keep. Frozen, so that nobody changes the stored row in passing; and what
 * was frozen here once is not copied again.
 */
function asStored<T>(row: T): T {
  return copyOf(row) as T // JSON keeps the shape
}

const stored = new WeakSet<object>()

function copyOf(value: unknown): unknown {
  if (typeof value === 'string') return IS_PLAIN.test(value) ? value : storableText(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value !== 'object' || value === null || stored.has(value)) return value
  const copy = Array.isArray(value) ? value.map(copyOfItem) : copyOfObject(value)
  Object.freeze(copy)
  stored.add(copy)
  return copy
}

const IS_PLAIN = /^[\x01-\ud7ff\ue000-\uffff]*$/
const copyOfItem = (item: unknown): unknown => (item === undefined ? null : copyOf(item))

function copyOfObject(value: object): object {
  const copy: Record<string, unknown> = {}
  for (const [key, part] of Object.entries(value)) if (part !== undefined) copy[storableText(key)] = copyOf(part)
  return copy
}
