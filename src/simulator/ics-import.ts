import { deleteEvent, insertEvent, livingByUid, type WriteContext, writeEvent } from './event-writes.ts'
import { findEvent } from './instances.ts'
import { type IcsEvent, type IcsProblem, loadIcs } from './ics.ts'
import { stringAt } from './json.ts'
import { instanceIdOf } from './recurrence.ts'
import { Refusal } from './refusal.ts'
import type { Calendar, World } from './world.ts'

export type IcsImport = { name: string | null; inserted: number; problems: IcsProblem[] }

/**
 * Puts the events of an iCalendar file into a calendar, as its owner's own: masters and single events first, then the
 * exceptions onto their series. What cannot be taken is reported with its reason, and the rest goes on.
 */
export function importIcs(world: World, calendar: Calendar, text: string): IcsImport {
  const { name, events, problems } = loadIcs(text, calendar.timeZone)
  const context: WriteContext = { writer: { email: calendar.dataOwner }, ifMatch: null, hasConferenceVersion: true }
  const masters = new Map<string, string>()
  let inserted = 0
  const attempt = (event: IcsEvent, write: () => boolean): void => {
    try {
      if (write()) inserted += 1
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      problems.push({ uid: event.uid, summary: stringAt(event.body, 'summary') ?? null, reason: error.message })
    }
  }
  for (const event of newestOfEach(events)) {
    if (!event.isCancelled) attempt(event, () => insertMaster(world, calendar, { event, masters, context }))
  }
  for (const event of events.filter(one => one.original !== null)) {
    attempt(event, () => insertException(world, calendar, { event, masters, context }))
  }
  return { name, inserted, problems }
}

type Writing = { event: IcsEvent; masters: Map<string, string>; context: WriteContext }

/** Masters and single events; of several with one UID, the one with the highest sequence. */
function newestOfEach(events: IcsEvent[]): IcsEvent[] {
  const newest = new Map<string | symbol, IcsEvent>()
  for (const event of events.filter(one => one.original === null)) {
    const key = event.uid ?? Symbol('an event without UID')
    const known = newest.get(key)
    if (!known || event.sequence >= known.sequence) newest.set(key, event)
  }
  return [...newest.values()]
}

function insertMaster(world: World, calendar: Calendar, { event, masters, context }: Writing): boolean {
  const { uid, sequence, body } = event
  const known = uid === null ? undefined : livingByUid(calendar, uid)
  if (uid !== null && known !== undefined) {
    masters.set(uid, known.id)
    throw new Refusal(409, 'duplicate', 'an event with this UID is in the calendar already')
  }
  const named = uid === null ? {} : { iCalUID: uid }
  const stored = insertEvent(world, calendar, { ...body, ...named, sequence }, context)
  if (uid !== null) masters.set(uid, stored.id)
  return true
}

/** An exception of a series in the file; without its series it stands alone, as an invitation to one occurrence does. */
function insertException(world: World, calendar: Calendar, { event, masters, context }: Writing): boolean {
  const { uid, original, body, isCancelled } = event
  const masterId = uid === null ? undefined : masters.get(uid)
  if (masterId === undefined) {
    if (!isCancelled) insertEvent(world, calendar, body, context)
    return !isCancelled
  }
  if (original === null) return false
  const id = instanceIdOf(masterId, original)
  if (!findEvent(calendar, id)) throw new Refusal(404, 'notFound', 'its series has no occurrence at this RECURRENCE-ID')
  if (isCancelled) deleteEvent(world, calendar, id, null)
  else writeEvent(world, calendar, { id, body, mode: 'patch' }, context)
  return true
}
