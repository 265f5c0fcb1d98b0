import { isChosen } from '../../core/model/connection-resource.ts'
import type { Calendar } from '../../core/model/connection.ts'
import type { WakeUp } from '../../ports/jobs.ts'
import type { Tx } from '../../ports/store/store.ts'

/** Everything that brings a connection up to date: each of its calendars read, what waits written, what went missing settled. */
export function catchUp(of: { tenantId: string; connectionId: string }, calendars: readonly Calendar[]): WakeUp[] {
  const { tenantId, connectionId } = of
  const pulls = calendars
    .filter(calendar => isChosen(calendar) && !calendar.isGone)
    .map((calendar): WakeUp => ({ kind: 'pull', tenantId, connectionId, calendarId: calendar.id }))
  return [...pulls, { kind: 'flush', tenantId, connectionId }, { kind: 'settle-missing', tenantId, connectionId }]
}

/** A run that stopped because its connection did goes on with it: nobody else would take it up. */
export async function continueRun(tx: Tx, of: { tenantId: string; connectionId: string }): Promise<void> {
  const { tenantId, connectionId } = of
  const run = await tx.openRunOf(tenantId, connectionId)
  if (run !== null) await tx.wake([{ kind: 'prepare', tenantId, connectionId, runId: run.id }])
}
