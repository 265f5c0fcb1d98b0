import type { Link } from '../../core/model/link.ts'
import type { Lane, OutboxEntry } from '../../core/model/outbox.ts'
import type { Instant } from '../../core/model/time.ts'
import type { ConnectionFacts, Trouble } from '../../core/operations/trouble.ts'
import type { Paired } from './appointments.ts'
import type { Run } from './operations.ts'

/** Facts with what is wrong by them (`troublesOf`), so that the store can filter and count. */
export type ConnectionHealth = ConnectionFacts & { troubles: readonly Trouble[] }

export type HealthFilter = {
  /** Null: across tenants. */
  tenantId: string | null
  /** `any`: those with any trouble. Null: all. */
  trouble: Trouble | 'any' | null
  /** Part of a user's id, or the beginning of a Google address or a connection's id; null: any. */
  text: string | null
  offset: number
  limit: number
}

export type HealthPage = {
  /** The troubled first, then by user. */
  rows: ConnectionHealth[]
  /** How many the filter finds, how many there are without it, and with each trouble. */
  found: number
  total: number
  troubled: number
  counts: Readonly<Partial<Record<Trouble, number>>>
}

export type LaneDepth = { lane: Lane; state: OutboxEntry['state']; count: number; oldestAt: Instant }

export type TenantSummary = { id: string; name: string; createdAt: Instant; connections: number; users: number }

/** What the scrape of the metrics asks; across tenants. */
export type Figures = {
  lanes: LaneDepth[]
  connections: { status: string; count: number }[]
  channels: { state: string; count: number }[]
  /** The live channel that was silent longest: since its last message, or since it was opened. */
  longestSilentSince: Instant | null
  endpoints: { status: string; count: number }[]
  deliveriesWaiting: number
  oldestDeliveryAt: Instant | null
  openProposals: number
  openDuplicates: number
  /** Calendars that are still matched with Google after a restore, and events whose appointments it lost. */
  recoveringCalendars: number
  orphans: number
}

/** An endpoint that does not take what it is sent: switched off, or failing for a while. */
export type EndpointTrouble = {
  tenantId: string
  id: string
  url: string
  status: string
  disabledReason: string | null
  failingSince: Instant | null
  failures: number
}

/** What operators look at: each one statement, however many connections there are. */
export interface OverviewReads {
  connectionHealth(filter: HealthFilter, now: Instant): Promise<HealthPage>
  healthOf(tenantId: string, connectionId: string, now: Instant): Promise<ConnectionHealth | null>
  /** By name, those whose name or id contains `text` (null: any). */
  tenants(text: string | null, limit: number): Promise<TenantSummary[]>
  /** Waiting writes by lane and state; of one connection, one tenant, or all. */
  laneDepths(scope: { tenantId: string | null; connectionId: string | null }): Promise<LaneDepth[]>
  /** Writes that are held or failed, the failed first, then the oldest. */
  stuckWrites(tenantId: string, connectionId: string | null, limit: number): Promise<Paired[]>
  /** Events that stand for themselves, by calendar and event. */
  parkedLinks(tenantId: string, connectionId: string, limit: number): Promise<Link[]>
  /** The newest first. */
  runsOf(tenantId: string, connectionId: string, limit: number): Promise<Run[]>
  /** Links with this Google event id or iCalUID, in whichever calendar. */
  linksOfEvent(tenantId: string, eventId: string, limit: number): Promise<Link[]>
  /** Appointments whose title contains `text`, whatever the case; the latest first. */
  appointmentsTitled(tenantId: string, text: string, limit: number): Promise<Paired[]>
  /** Of one tenant or all (null): failing, or switched off by failing or by its own answer; the longest failing first. */
  endpointsInTrouble(tenantId: string | null, limit: number): Promise<EndpointTrouble[]>
  figures(): Promise<Figures>
}
