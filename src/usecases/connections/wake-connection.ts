import { isChosen } from '../../core/model/connection-resource.ts'
import type { Calendar } from '../../core/model/connection.ts'
import type { WakeUp } from '../../ports/jobs.ts'

/** Everything that brings a connection up to date: each of its calendars read, what waits written, what went missing settled. */
export function catchUp(of: { tenantId: string; connectionId: string }, calendars: readonly Calendar[]): WakeUp[] {
  const { tenantId, connectionId } = of
  const pulls = calendars
    .filter(calendar => isChosen(calendar) && !calendar.isGone)
    .map((calendar): WakeUp => ({ kind: 'pull', tenantId, connectionId, calendarId: calendar.id }))
  return [...pulls, { kind: 'flush', tenantId, connectionId }, { kind: 'settle-missing', tenantId, connectionId }]
}
