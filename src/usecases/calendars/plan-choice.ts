import { checkChoice, sameCalendar, type ChosenCalendars } from '../../core/model/calendar-choice.ts'
import type { Calendar } from '../../core/model/connection.ts'
import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import { effectivePolicies, type Policies } from '../../core/model/policies.ts'
import { windowBounds } from '../../core/model/time.ts'
import type { Reads } from '../../ports/store/store.ts'
import type { Deps } from '../deps.ts'
import { planOf, type Plan, type PlannedWrite } from '../connections/plan.ts'
import { plannedArchiving, plannedDeletions, plannedInserts } from '../connections/plan-writes.ts'
import { withTwins } from '../connections/plan-twins.ts'
import { remoteProblem } from '../connections/remote-problem.ts'
import { isShownIn, leavingOf } from '../runs/leaving.ts'
import { isUnread } from '../runs/release-imported.ts'
import { readChoosable } from './choose-calendars.ts'

/** Stands for the calendar that would be made. */
const NEW_CALENDAR = '(new calendar)'

type Whose = { tenantId: string; userId: string; connectionId: string }

/** What `chooseCalendars` would lead to: into the new target, then away from the old one. Makes nothing in Google. */
export async function planChoice(
  deps: Pick<Deps, 'store' | 'google' | 'system'>,
  { tenantId, connectionId, choice }: { tenantId: string; connectionId: string; choice: ChosenCalendars },
): Promise<Result<Plan, DomainError>> {
  const { store, google, system } = deps
  const ready = await readChoosable(store, { tenantId, connectionId }, choice)
  if (!ready.ok) return ready
  const listed = await google.listCalendars({ tenantId, connectionId })
  if (!listed.ok) return fail(remoteProblem(listed.error))
  const checked = checkChoice(choice, listed.value)
  if (!checked.ok) return fail({ kind: 'invalid', problems: checked.error })
  const before = await store.calendarsOf(tenantId, connectionId)
  const { userId, window, policies: own } = ready.value
  const whose: Whose = { tenantId, userId, connectionId }
  const calendarIds = before.filter(calendar => isUnread(usesAfter(calendar, choice))).map(calendar => calendar.id)
  const local = await plannedArchiving(store, { ...whose, calendarIds })
  const policies = effectivePolicies((await store.tenant(tenantId))?.settings.policies ?? {}, own)
  const targetId = targetOf(choice.target, listed.value)
  const old = before.find(calendar => calendar.isTarget)
  const isSwitch = old !== undefined && old.id !== targetId
  const now = system.now()
  const { startAt, endAt } = windowBounds(
    window,
    now,
    listed.value.find(each => each.id === targetId)?.timeZone ?? 'UTC',
  )
  const range = { startAt: isSwitch ? Math.max(now, startAt) : startAt, endAt }
  const scope = { ...whose, calendarId: targetId ?? '', range, policies }
  const met = await withTwins(deps, scope, targetId === null ? [] : await plannedInserts(store, scope))
  const here = [...local, ...met.local]
  if (!isSwitch) return succeed(planOf(met.google, here))
  const leaving = await plannedLeaving(store, { ...whose, targetId, policies, now, inserts: met.google })
  return succeed(planOf([...met.google, ...leaving], here))
}

const usesAfter = ({ id }: Calendar, { sources, conflicts }: ChosenCalendars) => ({
  isSource: sources.includes(id),
  isConflict: conflicts.includes(id),
})

function targetOf(target: ChosenCalendars['target'], listed: Parameters<typeof sameCalendar>[1]): string | null {
  if (target === null) return null
  if ('calendarId' in target) return target.calendarId
  return sameCalendar(target.create, listed)?.id ?? NEW_CALENDAR
}

type Switch = Whose & { targetId: string | null; policies: Policies; now: number; inserts: readonly PlannedWrite[] }

function plannedLeaving(reads: Reads, of: Switch): Promise<PlannedWrite[]> {
  const { tenantId, targetId, policies, now } = of
  const written = new Set(of.inserts.map(write => write.appointmentId))
  const isInTarget: Parameters<typeof leavingOf>[1]['isInTarget'] =
    targetId === null ? null : pair => written.has(pair.appointment.id) || isShownIn(targetId)(pair)
  return plannedDeletions(reads, of, links =>
    leavingOf(
      reads,
      { tenantId, policies, now, isInTarget },
      links.filter(link => link.calendarId !== targetId),
    ),
  )
}
