import type { DivergenceKind } from '../core/operations/divergence.ts'

/** What is counted and timed as it happens; queues and the like are read when somebody asks (`OverviewReads.figures`). */
export type Metrics = {
  /** A request to Google: which call, what it led to, how long it took. */
  googleRequest(call: { method: string; outcome: string; ms: number }): void
  /** From Google's own `updated` of an event to the commit that stored it. */
  eventStored(lagMs: number): void
  /** From the platform's accepted change to the commit of Google's answer. */
  writeSent(lagMs: number): void
  /** A calendar was compared with what Google shows: how many events, and how many pairs differ, by kind. */
  compared(of: { events: number; differing: Readonly<Partial<Record<DivergenceKind, number>>> }): void
  /** One attempt to deliver to a customer's endpoint. */
  delivery(attempt: { outcome: string; ms: number }): void
  /** One call of the store; a transaction with all that happened in it. */
  databaseCall(call: { operation: string; ms: number }): void
}
