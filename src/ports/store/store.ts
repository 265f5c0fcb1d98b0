import type { WakeUp } from '../jobs.ts'
import type { AppointmentReads, AppointmentWrites, ChangeSet } from './appointments.ts'
import type { ComparisonReads } from './comparison.ts'
import type { ConnectionReads, ConnectionWrites, Intake } from './connections.ts'
import type { FeedReads, FeedWrites } from './feeds.ts'
import type { OperationReads, OperationWrites } from './operations.ts'
import type { OverviewReads } from './overview.ts'
import type { SampleReads, SampleWrites } from './samples.ts'
import type { TenantReads, TenantWrites } from './tenants.ts'
import type { WebhookReads, WebhookWrites } from './webhooks.ts'

/** Every read names its tenant; those that serve the scheduler say "across tenants". */
export interface Reads
  extends
    TenantReads,
    ConnectionReads,
    AppointmentReads,
    OperationReads,
    WebhookReads,
    FeedReads,
    ComparisonReads,
    SampleReads {}

/** A transaction of one tenant. All of it commits, with its wake-ups, or none of it. */
export interface Tx
  extends
    Reads,
    TenantWrites,
    ConnectionWrites,
    AppointmentWrites,
    OperationWrites,
    WebhookWrites,
    FeedWrites,
    SampleWrites {
  wake(wakeUps: readonly WakeUp[]): Promise<void>
}

export interface Store extends Reads, Intake, OverviewReads {
  /**
   * Runs `work` under the tenant's lock: transactions of one tenant follow one another, so what `work` reads stays true until it commits.
   * No network call may happen inside. Retried by the store when the database asks for it (serialization, deadlock), so `work` must be repeatable.
   * Writes for another tenant, or for one that does not exist (any more), throw.
   */
  transaction<T>(tenantId: string, work: (tx: Tx) => Promise<T>): Promise<T>
  /** A hint, never needed: what can be done for `apply` of these changes before its transaction begins is done now. */
  prepare(tenantId: string, changes: ChangeSet): void
  /** Resolves when a change-feed item after `after` exists for the tenant, with the abort, or after `timeoutMs`. */
  awaitChange(tenantId: string, after: number, timeoutMs: number, signal?: AbortSignal): Promise<void>
  /** Throws unless the database answers and is migrated. */
  ping(): Promise<void>
}
