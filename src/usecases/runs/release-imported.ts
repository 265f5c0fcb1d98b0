import { isChosen } from '../../core/model/connection-resource.ts'
import type { Calendar } from '../../core/model/connection.ts'
import type { Link } from '../../core/model/link.ts'
import type { Tx } from '../../ports/store/store.ts'
import type { Deps } from '../deps.ts'
import { archiveImported } from '../connections/archive-imported.ts'
import { linksOf } from '../connections/walk-links.ts'
import { readOpenRun, type PhaseOutcome, type RunKey } from './run-progress.ts'

/**
 * What came from calendars that are no longer read is archived. A calendar that is read for other things than before (its words now, or
 * its times only) keeps its appointments; they are taken in anew by the listing that follows.
 */
export async function releaseImported(
  { store, system }: Pick<Deps, 'store' | 'system'>,
  key: RunKey,
): Promise<PhaseOutcome> {
  const { tenantId, connectionId } = key
  const calendars = await store.calendarsOf(tenantId, connectionId)
  const idsOf = (some: readonly Calendar[]): string[] => some.map(calendar => calendar.id)
  const unread = { theirs: idsOf(calendars.filter(isUnread)), parked: idsOf(calendars.filter(each => !isChosen(each))) }
  const why = {
    rule: 'calendar-no-longer-used',
    reason: 'The calendar that it came from is no longer used.',
    connectionId,
  }
  for (const role of ['theirs', 'parked'] as const)
    for await (const page of linksOf(store, { tenantId, connectionId, calendarIds: unread[role], role })) {
      const isOn = await store.transaction(tenantId, async tx => {
        if ((await readOpenRun(tx, key)) === null) return false
        await archiveImported(tx, tenantId, page, { ...why, now: system.now() })
        return true
      })
      if (!isOn) return { kind: 'stopped' }
    }
  for (const calendar of calendars.filter(isReadAnew))
    for await (const page of linksOf(store, { tenantId, connectionId, calendarIds: [calendar.id], role: 'theirs' }))
      await store.transaction(tenantId, tx => forgetMisread(tx, calendar, page))
  return { kind: 'finished' }
}

/** Nothing of Google's own is taken in from it, though it may be the target. */
export const isUnread = (calendar: Pick<Calendar, 'isSource' | 'isConflict'>): boolean =>
  !calendar.isSource && !calendar.isConflict

/** About to be listed in full, and not for the first time. */
const isReadAnew = (calendar: Calendar): boolean =>
  !isUnread(calendar) && calendar.cursor.syncToken === null && calendar.cursor.generation > 0

async function forgetMisread(tx: Tx, calendar: Calendar, links: readonly Link[]): Promise<void> {
  const wanted = calendar.isSource ? 'event' : 'block'
  const pairs = await tx.appointmentsByIds(
    calendar.tenantId,
    links.flatMap(link => link.appointmentId ?? []),
  )
  const misread = new Set(
    pairs.filter(({ appointment }) => appointment.kind !== wanted).map(({ appointment }) => appointment.id),
  )
  const forgetLinks = links.filter(link => link.appointmentId !== null && misread.has(link.appointmentId))
  if (forgetLinks.length > 0) await tx.apply(calendar.tenantId, { forgetLinks })
}
