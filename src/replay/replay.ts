import { googleCalendar, LIST_PARAMETERS } from '../adapters/google/calendar.ts'
import type { Calendar } from '../core/model/connection.ts'
import { succeed } from '../core/model/failures.ts'
import type { RemoteFailure } from '../core/model/failures.ts'
import { decidePage } from '../core/sync/decide-page.ts'
import { learn, type PullContext } from '../core/sync/pull-context.ts'
import { freshList, planPull } from '../core/sync/pull-plan.ts'
import { reactToList } from '../core/sync/reaction.ts'
import type { EventPage } from '../ports/google-calendar.ts'
import { isDefinition, playing, type Recorded } from './playing.ts'
import { replayContext, WHO } from './replay-context.ts'
import { replayStep } from './steps.ts'

/** What the engine makes of one event, or of an answer as a whole (`eventId` null). */
export type ReplayedDecision = { eventId: string | null; rule: string; action: string; reason: string }

export type Replay = {
  /** In the order of the recording: what was decided about the answer to each request. `place`: which of the definitions it was. */
  steps: {
    place: number
    method: string
    path: string
    decisions: ReplayedDecision[]
    stored: ReplayedDecision[] | null
  }[]
  /** Requests that this build makes and the recording has not. */
  unrecorded: string[]
}

/**
 * Runs this build over a recorded conversation: each request is made anew, lists are read, planned and decided, questions about events are
 * settled, and refusals lead to what they lead to. Own writes are taken as made, so that their echoes are known.
 * @throws Error when the text is no recording.
 */
export async function replay(text: string): Promise<Replay> {
  const recorded: unknown = JSON.parse(text)
  if (!Array.isArray(recorded) || !recorded.every(isDefinition)) throw new Error('this file is no recording')
  const session = playing(recorded)
  const google = googleCalendar({
    tokens: { accessToken: () => Promise.resolve(succeed('none')) },
    now: () => session.now(),
    fetch: session.fetch,
  })
  const contexts = new Map<string, PullContext>()
  const steps: Replay['steps'] = []
  for (let next = session.peek(); next !== undefined; next = session.peek()) {
    const { definition, asked } = next
    const { calendarId } = asked
    const context = contexts.get(calendarId) ?? replayContext(calendarId, session.now(), session.timeZone())
    contexts.set(calendarId, context)
    context.now = session.now()
    const decisions =
      asked.kind === 'list'
        ? await listOnce(google, context, session.unrecorded)
        : await replayStep({ google, context, asked, definition })
    const { method, path } = definition
    steps.push({ place: recorded.indexOf(definition), method, path, decisions, stored: definition.decisions ?? null })
    session.skip()
  }
  return { steps, unrecorded: session.unrecorded }
}

async function listOnce(
  google: ReturnType<typeof googleCalendar>,
  context: PullContext,
  unrecorded: readonly string[],
): Promise<ReplayedDecision[]> {
  const { calendar, connection, now } = context
  const plan = planPull(calendar, connection.window, LIST_PARAMETERS, now)
  const cursor = plan.kind === 'list' ? plan.cursor : calendar.cursor
  const before = unrecorded.length
  const reply = await google.listEvents(WHO, {
    calendarId: calendar.id,
    syncToken: cursor.syncToken,
    pageToken: cursor.pageToken,
    timeMin: cursor.syncToken === null ? cursor.listedFrom : null,
    pageSize: 2_500,
  })
  if (unrecorded.length > before) return []
  if (!reply.ok) return [noteFailure(context, reply.error)]
  context.calendar = afterPage({ ...calendar, cursor }, reply.value)
  const verdicts = decidePage(reply.value.events, context)
  for (const verdict of verdicts) learn(context.known, verdict)
  return verdicts.map(({ eventId, rule, action, reason }) => ({ eventId, rule, action, reason }))
}

function afterPage(calendar: Calendar, page: EventPage): Calendar {
  const cursor = {
    ...calendar.cursor,
    syncToken: page.nextSyncToken ?? calendar.cursor.syncToken,
    pageToken: page.nextPageToken,
  }
  return { ...calendar, timeZone: page.timeZone, accessRole: page.accessRole, cursor }
}

function noteFailure(context: PullContext, failure: RemoteFailure): ReplayedDecision {
  const reaction = reactToList(failure)
  const { calendar, connection, now } = context
  if (reaction.do === 'list-in-full')
    context.calendar = { ...calendar, cursor: freshList(calendar, connection.window, LIST_PARAMETERS, now) }
  if (reaction.do === 'restart-listing')
    context.calendar = { ...calendar, cursor: { ...calendar.cursor, pageToken: null } }
  return { eventId: null, rule: reaction.do, action: 'waited', reason: `Google answered with ${failure.kind}.` }
}

/** Where this build decides otherwise than what is stored with the recording; empty: the same. */
export function differences({ steps }: Replay): string[] {
  return steps.flatMap(({ method, path, decisions, stored }) => {
    if (stored === null) return []
    const length = Math.max(decisions.length, stored.length)
    return Array.from({ length }, (_, n) => [stored[n], decisions[n]] as const)
      .filter(([was, is]) => JSON.stringify(was) !== JSON.stringify(is))
      .map(([was, is]) => `${method} ${path}: ${say(was)} before, ${say(is)} now`)
  })
}

export const say = (decision: ReplayedDecision | undefined): string =>
  decision === undefined ? 'nothing' : `${decision.eventId ?? 'the answer'} ${decision.action} (${decision.rule})`

/** The recording with the decisions of this build stored in it. */
export function withDecisions(text: string, { steps }: Replay): string {
  const definitions = JSON.parse(text) as Recorded[] // `replay` has looked at it
  const decisions = new Map(steps.map(each => [each.place, each.decisions]))
  const stored = definitions.map((each, place) => ({ ...each, decisions: decisions.get(place) }))
  return `${JSON.stringify(stored, null, 2)}\n`
}
