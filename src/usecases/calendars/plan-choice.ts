import { checkChoice, sameCalendar, type ChosenCalendars } from '../../core/model/calendar-choice.ts'
import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import { effectivePolicies } from '../../core/model/policies.ts'
import { windowBounds } from '../../core/model/time.ts'
import type { Deps } from '../deps.ts'
import { planOf, type Plan } from '../connections/plan.ts'
import { plannedDeletions, plannedInserts } from '../connections/plan-writes.ts'
import { remoteProblem } from '../connections/remote-problem.ts'
import { readChoosable } from './choose-calendars.ts'

/** Stands for the calendar that would be made. */
const NEW_CALENDAR = '(new calendar)'

/** What `chooseCalendars` would write: moved away from the old target, all in the window into the new one. Makes nothing in Google. */
export async function planChoice(
  { store, google, system }: Pick<Deps, 'store' | 'google' | 'system'>,
  { tenantId, connectionId, choice }: { tenantId: string; connectionId: string; choice: ChosenCalendars },
): Promise<Result<Plan, DomainError>> {
  const ready = await readChoosable(store, { tenantId, connectionId }, choice)
  if (!ready.ok) return ready
  const listed = await google.listCalendars({ tenantId, connectionId })
  if (!listed.ok) return fail(remoteProblem(listed.error))
  const checked = checkChoice(choice, listed.value)
  if (!checked.ok) return fail({ kind: 'invalid', problems: checked.error })
  const old = (await store.calendarsOf(tenantId, connectionId)).find(calendar => calendar.isTarget)
  const targetId = targetOf(choice.target, listed.value)
  const { userId, window, policies: own } = ready.value
  const leaving =
    old !== undefined && old.id !== targetId ? await plannedDeletions(store, { tenantId, userId, connectionId }) : []
  if (targetId === null) return succeed(planOf(leaving))
  const policies = effectivePolicies((await store.tenant(tenantId))?.settings.policies ?? {}, own)
  const timeZone = listed.value.find(each => each.id === targetId)?.timeZone ?? 'UTC'
  const range = windowBounds(window, system.now(), timeZone)
  const of = { tenantId, userId, connectionId, calendarId: targetId, range, policies }
  return succeed(planOf([...leaving, ...(await plannedInserts(store, of))]))
}

function targetOf(target: ChosenCalendars['target'], listed: Parameters<typeof sameCalendar>[1]): string | null {
  if (target === null) return null
  if ('calendarId' in target) return target.calendarId
  return sameCalendar(target.create, listed)?.id ?? NEW_CALENDAR
}
