import type { Court } from './checks.ts'
import { createCourt, type Check, type Violation } from './checks.ts'
import { assemble } from './cast.ts'
import { calmDown, judgeEnd } from './calm.ts'
import { newEndpoint, receiver } from './endpoint.ts'
import type { FaultKind } from './faults.ts'
import { createFleet } from './fleet.ts'
import { newLedger } from '../ledger.ts'
import { noteEdit, take, type Life } from './steps.ts'
import type { FleetStory } from './story.ts'
import { word } from './words.ts'

export type Outcome = {
  violations: Violation[]
  /** The same for the same seed, whenever and wherever it is lived. */
  hash: string
  struck: Map<FaultKind, number>
  requests: number
}

/**
 * Lives a story through, checks after each step, lets all trouble end, and says what does not hold.
 * @param atEnd sees the world after the last judgement, for whoever looks for a cause.
 */
export async function liveFleet(
  story: FleetStory,
  without: ReadonlySet<Check> = new Set(),
  atEnd: (life: Life) => Promise<void> = async () => undefined,
): Promise<Outcome> {
  const court = createCourt(without)
  const endpoint = newEndpoint()
  const fleet = createFleet(story, court, receiver(endpoint, court))
  const struck = new Map<FaultKind, number>()
  try {
    const cast = await assemble(fleet, story)
    const ledgers = new Map(cast.members.map(member => [member, newLedger()]))
    const life: Life = { fleet, court, cast, ledgers, struck, endpoint, adversary: { left: 0 }, laid: [] }
    letAdversaryIn(life)
    for (const step of story.steps) {
      fleet.trace.note(step.do)
      await take(life, step)
      fleet.judge.afterStep()
    }
    await calmDown(life)
    fleet.judge.afterStep()
    await judgeEnd(life)
    fleet.judge.afterStep()
    await atEnd(life)
  } catch (error) {
    accuseOfError(court, error)
  }
  return {
    violations: court.violations(),
    hash: fleet.trace.digest(),
    struck,
    requests: fleet.simulator.world.requestLog.length,
  }
}

function accuseOfError(court: Court, error: unknown): void {
  if (error instanceof Error && error.message === 'the engine did not come to rest') return
  court.accuse('X', error instanceof Error ? (error.stack ?? error.message) : String(error))
}

/** Somebody edits the very event that the engine is about to write. */
function letAdversaryIn(life: Life): void {
  const { world } = life.fleet
  const judgeCall = world.onCall
  world.onCall = (who, method, args) => {
    const tell = judgeCall(who, method, args)
    if (life.adversary.left > 0 && method === 'updateEvent')
      meddle(life, args[1] as { calendarId: string; eventId: string })
    return tell
  }
}

function meddle(life: Life, { calendarId, eventId }: { calendarId: string; eventId: string }): void {
  const place = life.cast.places.find(each => each.calendarId === calendarId)
  const event = life.fleet.simulator.world.calendars.get(calendarId)?.events.get(eventId)
  if (place === undefined || event === undefined || event.status === 'cancelled') return
  life.adversary.left -= 1
  void place.person
    .patch(eventId, { summary: `${word(life.adversary.left)} meanwhile` })
    .then(patched => noteEdit(life, place, patched, 'title'))
    .catch(() => undefined) // the calendar is out of reach just now
}
