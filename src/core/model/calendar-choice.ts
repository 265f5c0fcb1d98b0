import { calendarUse } from './calendar-use.ts'
import type { AccessRole } from './connection.ts'
import { fail, succeed, type Result } from './failures.ts'
import type { InputProblem } from './policy-input.ts'

/** What the platform or the user chose. `target` null: nothing is written through this connection. */
export type ChosenCalendars = {
  target: { create: string } | { calendarId: string } | null
  sources: readonly string[]
  conflicts: readonly string[]
  /** Retire the user's calendar feed, which would show every appointment twice. */
  replaceFeed?: boolean
}

type Listed = { id: string; summary: string; accessRole: AccessRole; isPrimary: boolean; isDeleted: boolean }

/** Google's own limit on a calendar's title is not documented; this is what fits every screen. */
const NAME_LENGTH_MAX = 100

/** Checks a choice against Google's list: unknown calendars and roles that do not allow the use are problems, all named at once. */
export function checkChoice(choice: ChosenCalendars, listed: readonly Listed[]): Result<null, InputProblem[]> {
  const problems: InputProblem[] = []
  const { target, sources, conflicts } = choice
  if (target === null && sources.length === 0 && conflicts.length === 0)
    problems.push({ path: 'target', message: 'choose a target, a source or a conflict calendar' })
  if (target !== null && 'create' in target) {
    const name = target.create.trim()
    if (name === '' || name.length > NAME_LENGTH_MAX)
      problems.push({ path: 'target.create', message: `must be a name of 1 to ${NAME_LENGTH_MAX} characters` })
  }
  const check = (path: string, id: string, use: 'canBeTarget' | 'canBeSource' | 'canBeConflict'): void => {
    const calendar = listed.find(each => each.id === id)
    if (calendar === undefined) problems.push({ path, message: 'is not a calendar of this Google account' })
    else {
      const allowed = calendarUse(calendar.accessRole, calendar.isDeleted)
      if (!allowed[use]) problems.push({ path, message: allowed.reason ?? 'cannot be used for this' })
    }
  }
  if (target !== null && 'calendarId' in target) check('target.calendarId', target.calendarId, 'canBeTarget')
  sources.forEach((id, index) => check(`sources.${index}`, id, 'canBeSource'))
  conflicts.forEach((id, index) => check(`conflicts.${index}`, id, 'canBeConflict'))
  return problems.length > 0 ? fail(problems) : succeed(null)
}

/**
 * The calendar that a wish for a new one is already met by: owned by the account, not its primary one, of that very name. So a repeated
 * request, a crash after the creation and a second connecting do not litter the account with calendars of one name.
 */
export function sameCalendar<T extends Listed>(name: string, listed: readonly T[]): T | null {
  const isMet = (each: T): boolean =>
    each.accessRole === 'owner' && !each.isPrimary && !each.isDeleted && each.summary === name.trim()
  return listed.find(isMet) ?? null
}
