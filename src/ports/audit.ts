import type { Instant } from '../core/model/time.ts'

/** Who did it: the operator by the admin token, or a tenant by one of its keys; `nobody`: the credential was no good. */
export type Actor = { kind: 'admin' | 'tenant' | 'nobody'; id: string | null }

/** One action of a person or a platform. No content: ids, names of actions, and how it ended. */
export type AuditEntry = {
  at: Instant
  /** Whose chain it belongs to; null: the operator's own, of no tenant. */
  tenantId: string | null
  actor: Actor
  /** `console` or `api`. */
  via: 'console' | 'api'
  action: string
  /** What it was done to, as `connection con_1`; null: to nothing in particular. */
  object: string | null
  /** `done`, `refused` or `failed`, and the status or the problem's slug. */
  result: string
}

/** `hash` covers the entry and the hash before it, so that a changed or missing row shows. */
export type AuditRow = AuditEntry & { seq: number; hash: string }

/** Append-only: nobody changes or erases a row, the erasure of a tenant included. */
export interface AuditLog {
  append(entry: AuditEntry): Promise<void>
  /** The newest first, with `seq` below `before`. */
  read(tenantId: string | null, filter: { before: number | null; limit: number }): Promise<AuditRow[]>
  /** The first row of the chain that does not fit the one before it; null: the chain is whole. */
  firstBroken(tenantId: string | null): Promise<number | null>
}
