import type { Instant } from '../core/model/time.ts'

/**
 * A keyed wake-up. The state it works on lives in our tables; a wake-up that comes twice or too often is harmless.
 * Two with the same kind and key waiting are one; one that comes while its kind and key run is run afterwards.
 */
export type WakeUp =
  | { kind: 'pull'; tenantId: string; connectionId: string; calendarId: string; startAfter?: Instant }
  | { kind: 'refresh-calendars'; tenantId: string; connectionId: string; startAfter?: Instant }
  | { kind: 'settle-missing'; tenantId: string; connectionId: string; startAfter?: Instant }
  | { kind: 'flush'; tenantId: string; connectionId: string; startAfter?: Instant }
  | { kind: 'prepare'; tenantId: string; connectionId: string; runId: string; startAfter?: Instant }
  | { kind: 'close-connection'; tenantId: string; connectionId: string; startAfter?: Instant }
  | { kind: 'deliver'; tenantId: string; endpointId: string; startAfter?: Instant }
  | { kind: 'compare'; tenantId: string; connectionId: string; calendarId: string; startAfter?: Instant }

/** Identifies what runs one at a time. */
export function wakeUpKey(wakeUp: WakeUp): string {
  const { kind, tenantId } = wakeUp
  if (kind === 'deliver') return `${tenantId}/${wakeUp.endpointId}`
  const key = `${tenantId}/${wakeUp.connectionId}`
  return kind === 'pull' || kind === 'compare' ? `${key}/${wakeUp.calendarId}` : key
}

/** Whom it concerns, as fields of a log line. */
export function wakeUpFields(wakeUp: WakeUp): { tenantId: string; connectionId?: string; endpointId?: string } {
  const { tenantId } = wakeUp
  return wakeUp.kind === 'deliver'
    ? { tenantId, endpointId: wakeUp.endpointId }
    : { tenantId, connectionId: wakeUp.connectionId }
}

/** Outside a transaction; inside one, `Tx.wake` commits with the change. */
export interface Jobs {
  wake(wakeUps: readonly WakeUp[]): Promise<void>
}

/** What a run of a wake-up ended in: finished, or to be run again at that instant. A thrown error is a crash and backs off. */
export type JobOutcome = { kind: 'done' } | { kind: 'again'; at: Instant }
