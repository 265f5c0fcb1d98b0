import type { JsonObject } from './json.ts'
import { refuse } from './refusal.ts'
import {
  type Account,
  type Calendar,
  isAtLeast,
  type ListEntry,
  nextUs,
  opaqueName,
  randomId,
  type Role,
  type World,
} from './world.ts'

const COLOURS = ['#9fe1e7', '#f83a22', '#16a765', '#4986e7', '#b99aff', '#fbe983', '#ffad46']

/** A person with a Google account: their primary calendar bears their address. Asking again returns the same account. */
export function addAccount(world: World, input: { email: string; name?: string; timeZone?: string }): Account {
  const known = world.accounts.get(input.email)
  if (known) return known
  const account: Account = {
    email: input.email,
    name: input.name ?? input.email.replace(/@.*/, ''),
    sub: String(BigInt(`0x${Buffer.from(opaqueName(input.email, 12)).toString('hex')}`)).slice(0, 21),
    timeZone: input.timeZone ?? 'UTC',
    entries: new Map(),
    listLog: [],
    listStream: ++world.counter,
    listEpoch: 0,
  }
  world.accounts.set(account.email, account)
  addCalendar(world, { owner: account, summary: account.email, id: account.email, timeZone: account.timeZone })
  return account
}

type NewCalendar = {
  owner: Account
  summary: string
  id?: string
  timeZone?: string
  description?: string
  isWatchable?: boolean
}

/** A calendar owned by `owner` and in their list; its id is made unless given. */
export function addCalendar(world: World, input: NewCalendar): Calendar {
  const us = nextUs(world)
  const calendar: Calendar = {
    id: input.id ?? `c_${randomId(world, 26)}@group.calendar.google.com`,
    stream: ++world.counter,
    summary: input.summary,
    description: input.description ?? '',
    location: '',
    timeZone: input.timeZone ?? 'UTC',
    dataOwner: input.owner.email,
    isPrimary: input.id === input.owner.email,
    isWatchable: input.isWatchable ?? true,
    isDeleted: false,
    acl: new Map([[input.owner.email, { role: 'owner', updatedUs: us }]]),
    events: new Map(),
    ordered: [],
    log: [],
    families: new Map(),
    byUid: new Map(),
    tokenEpoch: 0,
    roleEpochs: new Map(),
    etagUs: us,
    updatedMs: Math.floor(us / 1000),
  }
  world.calendars.set(calendar.id, calendar)
  const backgroundColor = COLOURS[world.calendars.size % COLOURS.length] ?? '#9fe1e7'
  const defaultReminders = calendar.isPrimary ? [{ method: 'popup', minutes: 30 }] : []
  addToList(world, input.owner, calendar, { selected: true, backgroundColor, defaultReminders })
  return calendar
}

/** Puts a calendar into somebody's list, or brings it back. */
export function addToList(world: World, account: Account, calendar: Calendar, fields: JsonObject): ListEntry {
  const defaults: JsonObject = {
    colorId: '14',
    backgroundColor: '#9fe1e7',
    foregroundColor: '#000000',
    defaultReminders: [],
  }
  return changeEntry(world, account, {
    calendarId: calendar.id,
    seq: 0,
    etagUs: 0,
    isDeleted: false,
    fields: { ...defaults, ...fields },
  })
}

/** Stores an entry of somebody's list as its newest change. */
export function changeEntry(world: World, account: Account, entry: ListEntry): ListEntry {
  const stored = account.entries.get(entry.calendarId)
  const next = Object.assign(stored ?? entry, entry, { etagUs: nextUs(world), seq: account.listLog.length + 1 })
  account.entries.set(entry.calendarId, next)
  account.listLog.push(next)
  return next
}

/** What `email` may do in the calendar. */
export const roleOf = (calendar: Calendar, email: string): Role =>
  calendar.acl.get(email)?.role ?? calendar.acl.get('default')?.role ?? 'none'

/**
 * Gives `email` a role in the calendar. Their sync tokens for it die with the change, as the guide says they may.
 * Nobody's calendar list changes by it: sharing does not add, and its feed does not report roles.
 */
export function setRole(world: World, calendar: Calendar, email: string, role: Role): void {
  const us = nextUs(world)
  if (role === 'none') calendar.acl.delete(email)
  else calendar.acl.set(email, { role, updatedUs: us })
  calendar.roleEpochs.set(email, (calendar.roleEpochs.get(email) ?? 0) + 1)
}

/** Deletes a secondary calendar: gone for everybody, and gone from every list. */
export function deleteCalendar(world: World, calendar: Calendar): void {
  calendar.isDeleted = true
  for (const account of world.accounts.values()) {
    const entry = account.entries.get(calendar.id)
    if (entry && !entry.isDeleted) changeEntry(world, account, { ...entry, isDeleted: true })
  }
}

/**
 * The calendar that `idInPath` means to `account`, `primary` resolved.
 * @throws Refusal notFound when it is unknown, deleted or not shared with them; requiredAccessLevel when the role is too low.
 */
export function openCalendar(world: World, account: Account, idInPath: string, needed: Role): Calendar {
  const calendar = world.calendars.get(idInPath === 'primary' ? account.email : idInPath)
  if (!calendar || calendar.isDeleted) throw refuse.notFound()
  const role = roleOf(calendar, account.email)
  if (role === 'none') throw refuse.notFound()
  if (!isAtLeast(role, needed))
    throw refuse.requiredAccessLevel(needed === 'owner' ? 'owner' : needed === 'reader' ? 'reader' : 'writer')
  return calendar
}
