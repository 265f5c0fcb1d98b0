import type { Instant } from '../../core/model/time.ts'

export type RunKind = 'first_sync' | 'resync' | 'push_existing' | 'reset' | 'switch'
export type RunState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled'

/** A long piece of work as the API shows it. */
export type Run = {
  tenantId: string
  id: string
  connectionId: string
  kind: RunKind
  state: RunState
  phase: string
  done: number
  total: number | null
  /** When the present phase began, and what `done` was then: its pace is what the rest is reckoned by. */
  phaseStartedAt: Instant | null
  phaseStartedDone: number
  /** Why it failed, or what it waits for. */
  error: string | null
  createdAt: Instant
  startedAt: Instant | null
  finishedAt: Instant | null
}

/** A remembered answer to a POST. `requestHash` covers method, route and body. */
export type RememberedReply = {
  tenantId: string
  key: string
  requestHash: string
  status: number
  body: unknown
  createdAt: Instant
}

export interface OperationReads {
  run(tenantId: string, id: string): Promise<Run | null>
  openRunOf(tenantId: string, connectionId: string): Promise<Run | null>
  rememberedReply(tenantId: string, key: string): Promise<RememberedReply | null>
}

export interface OperationWrites {
  saveRun(run: Run): Promise<void>
  rememberReply(reply: RememberedReply): Promise<void>
}
