import { calendarUse, type CalendarUse } from '../../core/model/calendar-use.ts'
import type { Calendar } from '../../core/model/connection.ts'
import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import type { ListedCalendar } from '../../ports/google-calendar.ts'
import type { Deps } from '../deps.ts'
import { remoteProblem } from '../connections/remote-problem.ts'

/** A calendar of the account, what it may be used for and what it is used for. */
export type CalendarChoice = CalendarUse & {
  id: string
  summary: string
  timeZone: string
  accessRole: string
  isPrimary: boolean
  isTarget: boolean
  isSource: boolean
  isConflict: boolean
}

/** Google's list as it is now, the primary calendar first. */
export async function listCalendars(
  { store, google }: Pick<Deps, 'store' | 'google'>,
  { tenantId, connectionId }: { tenantId: string; connectionId: string },
): Promise<Result<CalendarChoice[], DomainError>> {
  const connection = await store.connection(tenantId, connectionId)
  if (connection === null) return fail({ kind: 'not-found' })
  if (connection.status === 'disconnected')
    return fail({ kind: 'conflict', slug: 'disconnected', detail: 'This connection was ended; connect again first.' })
  const listed = await google.listCalendars({ tenantId, connectionId })
  if (!listed.ok) return fail(remoteProblem(listed.error))
  const known = new Map((await store.calendarsOf(tenantId, connectionId)).map(calendar => [calendar.id, calendar]))
  const choices = listed.value.filter(each => !each.isDeleted).map(each => choiceOf(each, known.get(each.id)))
  return succeed(choices.toSorted(byPlace))
}

function choiceOf(listed: ListedCalendar, known: Calendar | undefined): CalendarChoice {
  return {
    id: listed.id,
    summary: listed.summary,
    timeZone: listed.timeZone,
    accessRole: listed.accessRole,
    isPrimary: listed.isPrimary,
    isTarget: known?.isTarget ?? false,
    isSource: known?.isSource ?? false,
    isConflict: known?.isConflict ?? false,
    ...calendarUse(listed.accessRole, listed.isDeleted),
  }
}

function byPlace(a: CalendarChoice, b: CalendarChoice): number {
  return Number(b.isPrimary) - Number(a.isPrimary) || (a.summary < b.summary ? -1 : a.summary > b.summary ? 1 : 0)
}
