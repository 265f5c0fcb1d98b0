import { googleCalendar, LIST_PARAMETERS } from '../adapters/google/calendar.ts'
import { changedContent } from './own-writes.ts'
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

/** What the engine makes of one event, or of a listing as a whole (`eventId` null). */
export type ReplayedDecision = { eventId: string | null; rule: string; action: string; reason: string }

export type Replay = {
  /** In the order of the recording, one list of decisions for each listing in it. */
  listings: { path: string; decisions: ReplayedDecision[]; stored: ReplayedDecision[] | null }[]
  /** Requests that this build makes and the recording has not. */
  unrecorded: string[]
}

/**
 * Runs the reading half of the engine over a recorded conversation: the same requests, read, planned and decided by this build. Own writes in
 * it are taken as made, so that their echoes are known. @throws Error when the text is no recording.
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
  const listings: Replay['listings'] = []
  for (let next = session.peek(); next !== undefined; next = session.peek()) {
    const calendarId = next.calendarId
    const context = contexts.get(calendarId ?? '') ?? replayContext(calendarId ?? '', session.now(), session.timeZone())
    contexts.set(calendarId ?? '', context)
    context.now = session.now()
    if (!next.isListing || calendarId === null) {
      changedContent(next.definition, context)
      session.skip()
      continue
    }
    const asked = await listOnce(google, context, session.unrecorded)
    listings.push({ path: next.definition.path, decisions: asked, stored: next.definition.decisions ?? null })
    session.skip()
  }
  return { listings, unrecorded: session.unrecorded }
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
export function differences({ listings }: Replay): string[] {
  return listings.flatMap(({ path, decisions, stored }) => {
    if (stored === null) return []
    const length = Math.max(decisions.length, stored.length)
    return Array.from({ length }, (_, n) => [stored[n], decisions[n]] as const)
      .filter(([was, is]) => JSON.stringify(was) !== JSON.stringify(is))
      .map(([was, is]) => `${path}: ${say(was)} before, ${say(is)} now`)
  })
}

export const say = (decision: ReplayedDecision | undefined): string =>
  decision === undefined ? 'nothing' : `${decision.eventId ?? 'the listing'} ${decision.action} (${decision.rule})`

/** The recording with the decisions of this build stored in it. */
export function withDecisions(text: string, { listings }: Replay): string {
  const definitions = JSON.parse(text) as Recorded[] // `replay` has looked at it
  let place = 0
  const stored = definitions.map(each => {
    const isListing = listings[place]?.path === each.path && each.method === 'GET'
    return isListing ? { ...each, decisions: listings[place++]?.decisions } : each
  })
  return `${JSON.stringify(stored, null, 2)}\n`
}
