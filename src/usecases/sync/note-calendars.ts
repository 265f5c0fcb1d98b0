import type { Calendar, Connection } from '../../core/model/connection.ts'
import { holdReason } from '../../core/sync/admission.ts'
import { calendarTrouble, isCalendarTrouble, type CalendarTrouble } from '../../core/sync/calendar-trouble.ts'
import type { Tx } from '../../ports/store/store.ts'
import { changeConnection } from '../connections/connection-change.ts'
import type { Deps } from '../deps.ts'

/** A calendar that was not found is gone when it is not found again this much later. */
export const GONE_CONFIRM_AFTER_MS = 60_000

/**
 * Calendars were found changed, and are stored so already: writes of a target that takes none wait with the reason, those of one that takes
 * them again are due, and the connection says what is wrong. No appointment is touched by any of it.
 */
export async function noteCalendars(
  deps: Pick<Deps, 'system'>,
  tx: Tx,
  key: { tenantId: string; connectionId: string },
  changed: readonly { before: Calendar; after: Calendar }[],
): Promise<void> {
  const { tenantId, connectionId } = key
  for (const { before, after } of changed.filter(each => each.after.isTarget)) {
    const was = holdReason(before)
    const now = holdReason(after)
    if (now !== null && now.code !== was?.code) await tx.holdQueued(tenantId, connectionId, after.id, now)
    if (now !== null || was === null) continue
    await tx.releaseHeld(tenantId, connectionId, after.id, deps.system.now())
    await tx.wake([{ kind: 'flush', tenantId, connectionId }])
  }
  await tellTrouble(deps, tx, key)
}

/** Only a connection that runs says so; one that is stopped has more to say. */
async function tellTrouble(
  { system }: Pick<Deps, 'system'>,
  tx: Tx,
  { tenantId, connectionId }: { tenantId: string; connectionId: string },
): Promise<void> {
  const connection = await tx.connection(tenantId, connectionId)
  if (connection === null || connection.status !== 'active') return
  const { statusReason } = connection
  if (statusReason !== null && !isCalendarTrouble(statusReason)) return
  const trouble = calendarTrouble(await tx.calendarsOf(tenantId, connectionId))
  if (trouble === statusReason) return
  const next: Connection = { ...connection, statusReason: trouble }
  await changeConnection(tx, connection, next, {
    at: system.now(),
    side: 'google',
    action: trouble === null ? 'calendar_back' : 'calendar_lost',
    rule: 'calendar-lost',
    reason: trouble === null ? 'Every calendar can be used again as it was chosen to be.' : WORDS[trouble],
    type: 'connection.active',
  })
}

const WORDS: Record<CalendarTrouble, string> = {
  target_calendar_gone: 'The calendar that appointments are written to is gone from Google; writes wait.',
  target_read_only: 'The account may no longer write to the calendar that appointments go to; writes wait.',
  source_calendar_gone: 'A calendar that is read is gone from Google; what was read of it stays.',
  source_details_hidden: 'Google shows only busy times of a calendar that is read; what was read of it stays.',
}
