import type { Instant } from '../../core/model/time.ts'
import type { Tx } from '../../ports/store/store.ts'

/** Longer than any step of a run between two of its transactions. */
const REST_MS = 10 * 60 * 1000

type Which = { tenantId: string; connectionId: string }

/**
 * Keeps these calendars from being read while events of ours are taken out of them: what we delete ourselves must never be read as
 * deleted by a person. A listing under way is overtaken by it.
 */
export async function restCalendars(
  tx: Tx,
  { tenantId, connectionId }: Which,
  calendarIds: readonly string[],
  now: Instant,
): Promise<void> {
  const calendars = await tx.calendarsOf(tenantId, connectionId)
  const resting = calendars.filter(calendar => calendarIds.includes(calendar.id))
  await tx.saveCalendars(
    resting.map(each => ({ ...each, holdOffUntil: now + REST_MS, cursorVersion: each.cursorVersion + 1 })),
  )
}

/** Ends what `restCalendars` began. */
export async function letCalendarsBeRead(tx: Tx, { tenantId, connectionId }: Which): Promise<void> {
  const resting = (await tx.calendarsOf(tenantId, connectionId)).filter(calendar => calendar.holdOffUntil !== null)
  await tx.saveCalendars(resting.map(each => ({ ...each, holdOffUntil: null })))
}
