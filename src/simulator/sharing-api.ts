import { type Answer, answer, type Call, noContent, param } from './call.ts'
import { openCalendar, roleOf, setRole } from './calendars.ts'
import { isBusy } from './event-json.ts'
import { instancesOf } from './instances.ts'
import { arrayAt, isObject, type JsonObject, objectAt, stringAt } from './json.ts'
import { refuse } from './refusal.ts'
import { formatInstant, instantOf, isZone, parseInstant } from './times.ts'
import { type AclRule, type Calendar, isRole } from './world.ts'

const FREEBUSY_DAYS_MAX = 92
const FREEBUSY_CALENDARS_MAX = 50
const DAY_MS = 86_400_000

const ruleJson = (scopeValue: string, rule: AclRule): JsonObject => ({
  kind: 'calendar#aclRule',
  etag: `"${String(rule.updatedUs).padStart(20, '0')}"`,
  id: scopeValue === 'default' ? 'default' : `user:${scopeValue}`,
  scope: scopeValue === 'default' ? { type: 'default' } : { type: 'user', value: scopeValue },
  role: rule.role,
})

export function listRules(call: Call): Answer {
  const calendar = openCalendar(call.world, call.account, param(call, 'calendarId'), 'writer')
  const items = [...calendar.acl].map(([value, rule]) => ruleJson(value, rule))
  const newest = Math.max(0, ...[...calendar.acl.values()].map(rule => rule.updatedUs))
  const nextSyncToken = String(newest).padStart(20, '0')
  return answer({ kind: 'calendar#acl', etag: `"${newest}"`, nextSyncToken, items })
}

/** The person a rule id names: `user:a@b.c`, or `default` for everybody. */
const scopeOf = (ruleId: string): string => ruleId.replace(/^user:/, '')

export function getRule(call: Call): Answer {
  const calendar = openCalendar(call.world, call.account, param(call, 'calendarId'), 'writer')
  const value = scopeOf(param(call, 'ruleId'))
  const rule = calendar.acl.get(value)
  if (!rule) throw refuse.notFound()
  return answer(ruleJson(value, rule))
}

/** `acl.insert`, `.patch` and `.update`. Sharing puts the calendar into nobody's list. */
export function writeRule(call: Call): Answer {
  const calendar = openCalendar(call.world, call.account, param(call, 'calendarId'), 'owner')
  const scope = objectAt(call.body, 'scope') ?? {}
  const type = stringAt(scope, 'type')
  const ruleId = call.params['ruleId']
  const value = ruleId === undefined ? (type === 'default' ? 'default' : stringAt(scope, 'value')) : scopeOf(ruleId)
  const role = stringAt(call.body, 'role')
  if (value === undefined || role === undefined || !isRole(role)) throw refuse.invalid('Invalid Value')
  if (value === calendar.dataOwner)
    throw refuse.calendarRule('cannotChangeOwnAcl', 'Cannot change your own access level.')
  if (ruleId !== undefined && !calendar.acl.has(value)) throw refuse.notFound()
  setRole(call.world, calendar, value, role)
  return answer(ruleJson(value, calendar.acl.get(value) ?? { role, updatedUs: call.world.lastUs }))
}

export function deleteRule(call: Call): Answer {
  const calendar = openCalendar(call.world, call.account, param(call, 'calendarId'), 'owner')
  const value = scopeOf(param(call, 'ruleId'))
  if (!calendar.acl.has(value)) throw refuse.notFound()
  if (value === calendar.dataOwner)
    throw refuse.calendarRule('cannotChangeOwnAcl', 'Cannot change your own access level.')
  setRole(call.world, calendar, value, 'none')
  return noContent
}

/** `freebusy.query`: 200 even when a calendar cannot be asked; then it has an `errors` list and an empty `busy`. */
export function freeBusy(call: Call): Answer {
  const window = readWindow(call.body)
  const zone = stringAt(call.body, 'timeZone') ?? 'UTC'
  if (!isZone(zone)) throw refuse.invalid('Invalid Value', 'timeZone')
  const items = (arrayAt(call.body, 'items') ?? []).filter(isObject)
  const calendars: JsonObject = {}
  items.forEach((item, position) => {
    const id = stringAt(item, 'id') ?? ''
    const calendar = call.world.calendars.get(id === 'primary' ? call.account.email : id)
    const isOpen = calendar && !calendar.isDeleted && roleOf(calendar, call.account.email) !== 'none'
    if (position >= FREEBUSY_CALENDARS_MAX) calendars[id] = failed('tooManyCalendarsRequested')
    else if (isOpen) calendars[id] = { busy: busyTimes(calendar, window) }
    else calendars[id] = failed('notFound')
  })
  const iso = (ms: number): string => new Date(ms).toISOString()
  return answer({ kind: 'calendar#freeBusy', timeMin: iso(window.fromMs), timeMax: iso(window.toMs), calendars })
}

const failed = (reason: string): JsonObject => ({ errors: [{ domain: 'global', reason }], busy: [] })

function readWindow(body: JsonObject): { fromMs: number; toMs: number } {
  const [fromMs, toMs] = ['timeMin', 'timeMax'].map(name => {
    const text = stringAt(body, name)
    if (text === undefined) throw refuse.required(`Missing ${name} parameter.`)
    const ms = parseInstant(text)
    if (ms === undefined) throw refuse.invalid('Invalid Value', name)
    return ms
  })
  if (fromMs === undefined || toMs === undefined || toMs <= fromMs) throw refuse.timeRangeEmpty()
  if (toMs - fromMs > FREEBUSY_DAYS_MAX * DAY_MS) throw refuse.timeRangeTooLong()
  return { fromMs, toMs }
}

/** The busy times of a calendar within a window, joined where they touch. */
function busyTimes(calendar: Calendar, window: { fromMs: number; toMs: number }): JsonObject[] {
  const zone = calendar.timeZone
  const spans = calendar.ordered
    .filter(event => !event.isTombstone && event.recurringEventId === null)
    .flatMap(event => instancesOrSelf(calendar, event, window))
    .filter(event => isBusy(calendar, event))
    .map(event => ({ from: instantOf(event.start, zone), to: instantOf(event.end, zone) }))
    .filter(span => span.from < window.toMs && span.to > window.fromMs)
    .sort((a, b) => a.from - b.from)
  const joined: { from: number; to: number }[] = []
  for (const span of spans) {
    const last = joined.at(-1)
    const from = Math.max(span.from, window.fromMs)
    const to = Math.min(span.to, window.toMs)
    if (last && from <= last.to) last.to = Math.max(last.to, to)
    else joined.push({ from, to })
  }
  const text = (ms: number): string => formatInstant(ms, zone)
  return joined.map(span => ({ start: text(span.from), end: text(span.to) }))
}

const instancesOrSelf = (
  calendar: Calendar,
  event: Calendar['ordered'][number],
  window: { fromMs: number; toMs: number },
) => (event.recurrence === null ? [event] : instancesOf(calendar, event, window))
