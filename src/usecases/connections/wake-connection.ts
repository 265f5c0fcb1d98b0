import { isChosen } from '../../core/model/connection-resource.ts'
import type { Calendar, Connection } from '../../core/model/connection.ts'
import type { Instant } from '../../core/model/time.ts'
import { holdReason } from '../../core/sync/admission.ts'
import type { WakeUp } from '../../ports/jobs.ts'
import type { Tx } from '../../ports/store/store.ts'

/** Everything that brings a connection up to date: each of its calendars read, what waits written, what went missing settled. */
export function catchUp(of: { tenantId: string; connectionId: string }, calendars: readonly Calendar[]): WakeUp[] {
  const { tenantId, connectionId } = of
  const pulls = calendars
    .filter(calendar => isChosen(calendar) && !calendar.isGone)
    .map((calendar): WakeUp => ({ kind: 'pull', tenantId, connectionId, calendarId: calendar.id }))
  return [
    ...pulls,
    { kind: 'flush', tenantId, connectionId },
    { kind: 'settle-missing', tenantId, connectionId },
    { kind: 'refresh-calendars', tenantId, connectionId },
  ]
}

/** Writes that waited for the grant, or for the account to rest, are due again, where their calendar takes them. */
export async function releaseWrites(tx: Tx, connection: Connection, calendars: readonly Calendar[], now: Instant) {
  const { tenantId, id } = connection
  for (const calendar of calendars)
    if (calendar.isTarget && holdReason(calendar) === null) await tx.releaseHeld(tenantId, id, calendar.id, now)
}

/** A run that stopped because its connection did goes on with it: nobody else would take it up. */
export async function continueRun(tx: Tx, of: { tenantId: string; connectionId: string }): Promise<void> {
  const { tenantId, connectionId } = of
  const run = await tx.openRunOf(tenantId, connectionId)
  if (run !== null) await tx.wake([{ kind: 'prepare', tenantId, connectionId, runId: run.id }])
}
