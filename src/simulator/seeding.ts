import { insertEvent } from './event-writes.ts'
import type { JsonObject } from './json.ts'
import { stringAt } from './json.ts'
import { Refusal } from './refusal.ts'
import type { Calendar, World } from './world.ts'

/** Inserts many events at once, as their calendar's owner. One that is refused is reported; the others go in. */
export function seedEvents(world: World, calendar: Calendar, events: JsonObject[]): JsonObject {
  const context = { writer: { email: calendar.dataOwner }, ifMatch: null, hasConferenceVersion: true }
  const ids: string[] = []
  const refused: JsonObject[] = []
  for (const body of events) {
    try {
      ids.push(insertEvent(world, calendar, body, context).id)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      refused.push({ summary: stringAt(body, 'summary') ?? null, reason: error.reason, message: error.message })
    }
  }
  return { inserted: ids.length, ids, refused }
}
