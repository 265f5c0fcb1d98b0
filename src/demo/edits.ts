import { LockstepError } from '../client/client.ts'
import { randomUUID } from 'node:crypto'
import type { Google } from './google.ts'
import type { Appointment, Platform } from './platform.ts'
import { timeOfWall } from './week.ts'

/** What a person did to one box; what is left out stays. Times as on the page's wall clock. */
export type BoxEdit = { title?: string; from?: string; to?: string }

export type Whose = { userId: string; email: string; timeZone: string }

/** Said to the person at the page. */
export class EditRefused extends Error {
  override readonly name = 'EditRefused'
}

type Fields = Record<string, unknown>

/** A box's edit in the words of both APIs, which agree in how they write times. */
function timesOf({ from, to }: BoxEdit, timeZone: string): Fields {
  if (from === undefined || to === undefined) return {}
  const start = timeOfWall(from, timeZone)
  const end = timeOfWall(to, timeZone)
  if (start === null || end === null) throw new EditRefused('That is no time.')
  return { start, end }
}

/** Edits as the clinic's own software makes them. */
export function platformEdits(platform: Platform) {
  return {
    add: ({ userId, timeZone }: Whose, edit: BoxEdit): Promise<Appointment> =>
      platform.put(`apt_${randomUUID()}`, { userId, title: edit.title ?? 'Appointment', ...timesOf(edit, timeZone) }),
    change: async ({ timeZone }: Whose, id: string, edit: BoxEdit): Promise<Appointment> => {
      const fields = { ...(edit.title === undefined ? {} : { title: edit.title }), ...timesOf(edit, timeZone) }
      const occurrence = await occurrenceOf(platform, id)
      return occurrence === null ? platform.patch(id, fields) : platform.put(id, { ...occurrence, ...fields })
    },
    cancel: async (id: string): Promise<Appointment> => {
      const occurrence = await occurrenceOf(platform, id)
      return occurrence === null ? platform.cancel(id) : platform.put(id, { ...occurrence, status: 'cancelled' })
    },
  }
}

/**
 * An occurrence that follows its rule is no appointment of its own yet: what it takes to make it one, under the id that the
 * listing gave it. Null: there is an appointment of this id.
 */
async function occurrenceOf(platform: Platform, id: string): Promise<Fields | null> {
  const [, seriesId, slot] = /^(.+)_(\d{8}T\d{6}Z)$/.exec(id) ?? []
  if (seriesId === undefined || slot === undefined || (await isThere(platform, id))) return null
  const { userId, kind, status, title, location, start, end } = await platform.appointment(seriesId)
  const at = slot.replace(/^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/, '$1-$2-$3T$4:$5:$6Z')
  if (!('dateTime' in start) || !('dateTime' in end))
    throw new EditRefused('A series of whole days is not edited here.')
  const lengthMs = Date.parse(end.dateTime) - Date.parse(start.dateTime)
  const slotTime = (ms: number): Fields => ({ dateTime: new Date(ms).toISOString(), timeZone: start.timeZone })
  return {
    userId,
    kind,
    status,
    title,
    location,
    start: slotTime(Date.parse(at)),
    end: slotTime(Date.parse(at) + lengthMs),
    recurringId: seriesId,
    originalStart: slotTime(Date.parse(at)),
  }
}

async function isThere(platform: Platform, id: string): Promise<boolean> {
  try {
    await platform.appointment(id)
    return true
  } catch (error) {
    if (error instanceof LockstepError && error.status === 404) return false
    throw error
  }
}

/** Edits as the person makes them in Google. */
export function googleEdits(google: Google) {
  const fieldsOf = (edit: BoxEdit, timeZone: string): Fields => ({
    ...(edit.title === undefined ? {} : { summary: edit.title }),
    ...timesOf(edit, timeZone),
  })
  return {
    add: ({ email, timeZone }: Whose, edit: BoxEdit) =>
      google.insert(email, email, { summary: 'Event', ...fieldsOf(edit, timeZone) }),
    change: ({ email, timeZone }: Whose, at: { calendarId: string; eventId: string }, edit: BoxEdit) =>
      google.patch(email, at.calendarId, at.eventId, fieldsOf(edit, timeZone)),
    remove: ({ email }: Whose, at: { calendarId: string; eventId: string }) =>
      google.remove(email, at.calendarId, at.eventId),
  }
}
