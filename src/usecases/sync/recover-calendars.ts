import type { Calendar, Connection } from '../../core/model/connection.ts'
import { isRead } from '../../core/model/calendar-use.ts'
import type { JournalEntry } from '../../core/model/journal.ts'
import type { Instant } from '../../core/model/time.ts'
import type { PullContext } from '../../core/sync/pull-context.ts'
import type { Tx } from '../../ports/store/store.ts'
import type { Deps } from '../deps.ts'

/** A tombstone keeps its id for weeks: so many ids are tried before a person is asked. */
export const GENERATIONS_MAX = 8

/** What a pull must know to tell that the database has gone back in time, and to mend it. */
export function restoreContext(
  { names }: Pick<Deps, 'names'>,
  calendar: Calendar,
): Pick<PullContext, 'isOwnMark' | 'generationOf' | 'recovery'> {
  const { tenantId, id: calendarId, recoveringSince } = calendar
  const isOwnMark = (mark: string): boolean => names.isOwnMark(tenantId, mark)
  const generationOf = (appointmentId: string, eventId: string): number | null => {
    for (let generation = 0; generation < GENERATIONS_MAX; generation += 1)
      if (names.eventId({ tenantId, calendarId, appointmentId, generation }) === eventId) return generation
    return null
  }
  return { isOwnMark, generationOf, ...(recoveringSince === null ? {} : { recovery: { since: recoveringSince } }) }
}

/**
 * The connection's calendars are listed in full before anything is written or settled. Journal rows are numbered by the clock from
 * now on: numbers that were given out before the restore are not known any more, and none may be given out twice.
 */
export async function beginRecovery(tx: Tx, connection: Connection, now: Instant): Promise<void> {
  const { tenantId, id: connectionId } = connection
  const calendars = (await tx.calendarsOf(tenantId, connectionId)).filter(each => isRead(connection.mode, each))
  await tx.skipJournal(tenantId, now)
  await tx.saveCalendars(calendars.map(each => inRecovery(each, now)))
  await tx.apply(tenantId, { journal: [entryOf(connection, now, NOTICED)] })
  await tx.wake(calendars.map(({ id: calendarId }) => ({ kind: 'pull', tenantId, connectionId, calendarId })))
}

/** A sync token would bring the changes since; what is needed is everything there is. */
function inRecovery(calendar: Calendar, now: Instant): Calendar {
  return {
    ...calendar,
    cursor: { ...calendar.cursor, syncToken: null, pageToken: null },
    cursorVersion: calendar.cursorVersion + 1,
    nextPollAt: now,
    holdOffUntil: null,
    recoveringSince: now,
  }
}

/** Everything that Google shows was matched: what is missing is settled and what waits is written, once no calendar is left. */
export async function endRecovery(tx: Tx, calendar: Calendar, now: Instant): Promise<void> {
  const { tenantId, connectionId } = calendar
  const connection = await tx.connection(tenantId, connectionId)
  await tx.saveCalendars([{ ...calendar, recoveringSince: null }])
  if (connection !== null) await tx.apply(tenantId, { journal: [entryOf(connection, now, ENDED)] })
  await tx.wake([
    { kind: 'settle-missing', tenantId, connectionId },
    { kind: 'flush', tenantId, connectionId },
  ])
}

type Told = Pick<JournalEntry, 'action' | 'rule' | 'reason'>

const NOTICED: Told = {
  action: 'recovering',
  rule: 'restore-noticed',
  reason: 'The database was restored from an older state. Everything in Google is matched before anything is written.',
}
const ENDED: Told = {
  action: 'recovered',
  rule: 'restore-recovered',
  reason: 'A calendar was matched with what Google shows after a restore.',
}

function entryOf({ id: connectionId }: Connection, at: Instant, told: Told): JournalEntry {
  return { at, appointmentId: null, connectionId, side: 'lockstep', ...told, before: null, after: null, change: null }
}
