import type { Calendar, Connection } from '../../core/model/connection.ts'
import { effectivePolicies, type Policies } from '../../core/model/policies.ts'
import type { Instant } from '../../core/model/time.ts'
import { isBlinded } from '../../core/sync/calendar-trouble.ts'
import { isProven } from '../../core/sync/channel-plan.ts'
import { planPull } from '../../core/sync/pull-plan.ts'
import type { EventPage } from '../../ports/google-calendar.ts'
import type { JobOutcome } from '../../ports/jobs.ts'
import type { Tx } from '../../ports/store/store.ts'
import type { Deps } from '../deps.ts'
import { applyPage } from './apply-page.ts'
import { noteCalendars } from './note-calendars.ts'
import { nextPollAt, notePullFailure } from './note-pull.ts'
import { rollWindow } from './roll-window.ts'

export type PullDeps = Pick<
  Deps,
  'store' | 'google' | 'names' | 'system' | 'log' | 'settings' | 'fullLists' | 'metrics'
>
export type CalendarKey = { tenantId: string; connectionId: string; calendarId: string }

/** One listing is read to its end in one run, up to this many pages; the rest follows in the next run. */
const PAGES_MAX = 400

/**
 * Brings the engine to what Google shows of one calendar: pages are read with no transaction open, and each is decided and stored in one,
 * together with the cursor that leads on from it (invariants I1–I3). A crash goes on from the last stored page.
 * @param onPage how many events a stored page held; for progress.
 */
export async function pullCalendar(
  deps: PullDeps,
  key: CalendarKey,
  onPage: (events: number) => Promise<void> = () => Promise.resolve(),
): Promise<JobOutcome> {
  const state = await readState(deps, key)
  if (state === null) return { kind: 'done' }
  const laterAt = await whenWritten(deps, state)
  if (laterAt !== null) return { kind: 'again', at: laterAt }
  const leave = isFullListNext(deps, state) ? deps.fullLists.enter() : DO_NOTHING
  if (leave === null) return { kind: 'again', at: deps.system.now() + FULL_LIST_WAIT_MS * (1 + deps.system.random()) }
  try {
    return await readPages(deps, state, onPage)
  } finally {
    leave()
  }
}

const FULL_LIST_WAIT_MS = 5_000
const DO_NOTHING = (): void => undefined

function isFullListNext({ settings, system }: PullDeps, { calendar, connection }: PullState): boolean {
  const plan = planPull(calendar, connection.window, settings.listParameters, system.now())
  return plan.kind === 'list' && plan.cursor.syncToken === null
}

/**
 * While a backlog goes out, each write brings a notification of itself: they are looked at together. A calendar that was not read just
 * now is read at once, whatever is under way.
 */
const TOGETHER_MS = 2_000

async function whenWritten({ store, system }: PullDeps, { calendar }: PullState): Promise<Instant | null> {
  const { lastPulledAt, cursor, tenantId, connectionId } = calendar
  const now = system.now()
  if (lastPulledAt === null || cursor.pageToken !== null || now - lastPulledAt >= TOGETHER_MS) return null
  const nextWriteAt = await store.nextOutboxAt(tenantId, connectionId)
  return nextWriteAt !== null && nextWriteAt <= now ? lastPulledAt + TOGETHER_MS : null
}

async function readPages(
  deps: PullDeps,
  state: PullState,
  onPage: (events: number) => Promise<void>,
): Promise<JobOutcome> {
  const wakeSeen = state.calendar.wakeSeq
  let { calendar } = state
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const step = await pullPage(deps, { ...state, calendar }, wakeSeen)
    if (step.kind !== 'stored') return step
    await onPage(step.events)
    if (step.isLast)
      return step.calendar.wakeSeq > wakeSeen ? { kind: 'again', at: deps.system.now() } : { kind: 'done' }
    calendar = step.calendar
  }
  return { kind: 'again', at: deps.system.now() }
}

/** `isPushed`: its channel delivers, as far as anybody can know. */
export type PullState = { calendar: Calendar; connection: Connection; policies: Policies; isPushed?: boolean }

async function readState({ store, system }: PullDeps, key: CalendarKey): Promise<PullState | null> {
  const connection = await store.connection(key.tenantId, key.connectionId)
  const calendar = await store.calendar(key.tenantId, key.connectionId, key.calendarId)
  if (connection === null || calendar === null || !isReadable(connection, calendar)) return null
  const tenant = await store.tenant(key.tenantId)
  const channels = await store.channelsOf(key.tenantId, key.connectionId)
  const mine = channels.filter(each => each.calendarId === calendar.id)
  return {
    calendar,
    connection,
    policies: effectivePolicies(tenant?.settings.policies ?? {}, connection.policies),
    isPushed: isProven(mine, system.now()),
  }
}

/** A pending connection is read by its first sync; push-only ones read their target alone, to see what became of our events. */
function isReadable(connection: Connection, calendar: Calendar): boolean {
  const isTakenIn = (calendar.isSource || calendar.isConflict) && connection.mode !== 'push_only'
  return (
    (calendar.isTarget || isTakenIn) && !calendar.isGone && connection.mode !== 'off' && READABLE.has(connection.status)
  )
}
const READABLE: ReadonlySet<Connection['status']> = new Set(['active', 'pending', 'held'])

type Step = { kind: 'stored'; calendar: Calendar; events: number; isLast: boolean } | JobOutcome

async function pullPage(deps: PullDeps, state: PullState, wakeSeen: number): Promise<Step> {
  const { calendar, connection } = state
  const now = deps.system.now()
  const plan = planPull(calendar, connection.window, deps.settings.listParameters, now)
  if (plan.kind === 'wait') return { kind: 'again', at: plan.at }
  const { cursor } = plan
  const reply = await deps.google.listEvents(connectionKey(connection), {
    calendarId: calendar.id,
    syncToken: cursor.syncToken,
    pageToken: cursor.pageToken,
    timeMin: cursor.syncToken === null ? cursor.listedFrom : null,
    pageSize: deps.settings.pageSize,
  })
  if (!reply.ok) return notePullFailure(deps, state, reply.error)
  return storePage(deps, state, { ...calendar, cursor }, reply.value, wakeSeen)
}

export function connectionKey({ tenantId, id }: Connection): { tenantId: string; connectionId: string } {
  return { tenantId, connectionId: id }
}

/** @param listed the calendar with the cursor that this page was asked with. */
async function storePage(
  deps: PullDeps,
  state: PullState,
  listed: Calendar,
  page: EventPage,
  wakeSeen: number,
): Promise<Step> {
  const now = deps.system.now()
  if (isBlinded(listed, page.accessRole)) return noteBlinded(deps, state, listed, page)
  const step = await deps.store.transaction(listed.tenantId, async (tx): Promise<Step> => {
    const next = afterPage(deps, { ...state, calendar: listed }, page, wakeSeen, now)
    const isMine = await tx.advanceCalendar(next, listed.cursorVersion)
    if (!isMine) return { kind: 'done' } // another pull was faster; it reads what there is to read
    await applyPage(deps, tx, { ...state, calendar: next }, page.events, listed.cursor.syncToken === null)
    if (page.nextSyncToken !== null) await finishListing(tx, listed, next, now)
    if (next.accessRole !== listed.accessRole) await noteCalendars(deps, tx, listed, [{ before: listed, after: next }])
    const isLast = page.nextSyncToken !== null
    if (isLast) await rollWindow(tx, state.connection, listed, now)
    // Only at the end does it matter whether a notification came meanwhile.
    const stored = isLast ? await tx.calendar(next.tenantId, next.connectionId, next.id) : null
    return { kind: 'stored', calendar: stored ?? next, events: page.events.length, isLast }
  })
  if (step.kind === 'stored' && listed.cursor.syncToken !== null) measureLag(deps, page)
  return step
}

/** A full list brings old events; only what an increment brings tells how far behind we were. */
function measureLag({ metrics, system }: Pick<PullDeps, 'metrics' | 'system'>, { events }: EventPage): void {
  if (metrics === undefined) return
  const now = system.now()
  for (const event of events) if (event.kind === 'live') metrics.eventStored(now - event.updatedAt)
}

/** Nothing of such a page is stored and its token is not kept: when the details return, what was missed is listed. */
async function noteBlinded(deps: PullDeps, state: PullState, listed: Calendar, page: EventPage): Promise<Step> {
  const { calendar } = state
  const next: Calendar = {
    ...calendar,
    accessRole: page.accessRole,
    cursorVersion: calendar.cursorVersion + 1,
    nextPollAt: nextPollAt(deps, deps.system.now(), true),
  }
  await deps.store.transaction(calendar.tenantId, async tx => {
    if (!(await tx.advanceCalendar(next, calendar.cursorVersion))) return
    if (next.accessRole !== listed.accessRole)
      await noteCalendars(deps, tx, listed, [{ before: calendar, after: next }])
  })
  return { kind: 'done' }
}

function afterPage(
  deps: PullDeps,
  { calendar: listed, isPushed = false }: PullState,
  page: EventPage,
  wakeSeen: number,
  now: Instant,
): Calendar {
  const isLast = page.nextSyncToken !== null
  const wasIncrement = listed.cursor.syncToken !== null
  return {
    ...listed,
    timeZone: page.timeZone,
    accessRole: page.accessRole,
    cursor: {
      ...listed.cursor,
      syncToken: page.nextSyncToken ?? listed.cursor.syncToken,
      pageToken: page.nextPageToken,
    },
    cursorVersion: listed.cursorVersion + 1,
    pulledSeq: isLast ? wakeSeen : listed.pulledSeq,
    lastPulledAt: isLast ? now : listed.lastPulledAt,
    nextPollAt: isLast ? nextPollAt(deps, now, isPushed) : listed.nextPollAt,
    // A token that dies right after each full list must not look like health: only an increment that worked does.
    failures: isLast && wasIncrement ? 0 : listed.failures,
    holdOffUntil: null,
  }
}

/** What a finished full list did not show is asked about, never believed to be gone. */
async function finishListing(tx: Tx, listed: Calendar, next: Calendar, now: Instant): Promise<void> {
  if (listed.cursor.syncToken !== null) return
  const { tenantId, connectionId } = next
  const place = {
    connectionId,
    calendarId: next.id,
    generation: next.cursor.generation,
    listedFrom: next.cursor.listedFrom,
  }
  const flagged = await tx.flagAbsent(tenantId, place, { how: 'absent', since: now })
  if (flagged > 0) await tx.wake([{ kind: 'settle-missing', tenantId, connectionId }])
}
