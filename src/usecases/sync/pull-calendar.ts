import { isRead } from '../../core/model/calendar-use.ts'
import type { Calendar, Connection, Cursor } from '../../core/model/connection.ts'
import { effectivePolicies, type Policies } from '../../core/model/policies.ts'
import type { Instant } from '../../core/model/time.ts'
import { isBlinded } from '../../core/sync/calendar-trouble.ts'
import { isProven } from '../../core/sync/channel-plan.ts'
import { planPull } from '../../core/sync/pull-plan.ts'
import type { EventPage, Grantee, Reply } from '../../ports/google-calendar.ts'
import type { JobOutcome } from '../../ports/jobs.ts'
import type { ChangeSet } from '../../ports/store/appointments.ts'
import type { Tx } from '../../ports/store/store.ts'
import type { Deps } from '../deps.ts'
import { applyPage, foreseePage, isNothingKnown, keysOf } from './apply-page.ts'
import { noteCalendars } from './note-calendars.ts'
import { nextPollAt, notePullFailure } from './note-pull.ts'
import { endRecovery } from './recover-calendars.ts'
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
  const state = await readPullState(deps, key)
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
  let asked = askForPage(deps, state)
  for (let pages = 1; pages <= PAGES_MAX; pages += 1) {
    if (asked.kind === 'wait') return { kind: 'again', at: asked.at }
    const { reply, foreseen } = await asked.answer
    if (!reply.ok) return notePullFailure(deps, { ...state, calendar }, reply.error)
    const listed = { ...calendar, cursor: asked.cursor }
    const page = reply.value
    if (isBlinded(listed, page.accessRole)) return noteBlinded(deps, { ...state, calendar }, listed, page)
    const next = afterPage(deps, { ...state, calendar: listed }, page, wakeSeen)
    const isLast = page.nextSyncToken !== null
    // Google is asked for the next page while this one is written: never for more than one.
    const ahead = isLast || pages === PAGES_MAX ? null : askForPage(deps, { ...state, calendar: next })
    const step = await storePage(deps, state, { listed, next, page, foreseen })
    if (step.kind !== 'stored') return step
    await onPage(page.events.length)
    if (isLast) return step.wakeSeq > wakeSeen ? { kind: 'again', at: deps.system.now() } : { kind: 'done' }
    if (ahead === null) break
    calendar = next
    asked = ahead
  }
  return { kind: 'again', at: deps.system.now() }
}

type Asked = { kind: 'page'; cursor: Cursor; answer: Promise<Answer> } | { kind: 'wait'; at: Instant }
type Answer = { reply: Awaited<Reply<EventPage>>; foreseen: ChangeSet | null }

function askForPage(deps: PullDeps, state: PullState): Asked {
  const { google, settings, system } = deps
  const { calendar, connection } = state
  const plan = planPull(calendar, connection.window, settings.listParameters, system.now())
  if (plan.kind === 'wait') return plan
  const { cursor } = plan
  const answer = read(connectionKey(connection))
  answer.catch(() => undefined) // whoever awaits it hears of it; an answer that is not needed any more may fail unheard
  return { kind: 'page', cursor, answer }

  async function read(who: Grantee): Promise<Answer> {
    const reply = await google.listEvents(who, {
      calendarId: calendar.id,
      syncToken: cursor.syncToken,
      pageToken: cursor.pageToken,
      timeMin: cursor.syncToken === null ? cursor.listedFrom : null,
      pageSize: settings.pageSize,
    })
    // A page that follows another has time to be decided while that one is written.
    const isWaiting = reply.ok && cursor.syncToken === null && cursor.pageToken !== null
    const foreseen = isWaiting ? foreseePage(deps, { ...state, calendar: { ...calendar, cursor } }, reply.value) : null
    if (foreseen !== null) deps.store.prepare(calendar.tenantId, foreseen)
    return { reply, foreseen }
  }
}

/** `isPushed`: its channel delivers, as far as anybody can know. */
export type PullState = { calendar: Calendar; connection: Connection; policies: Policies; isPushed?: boolean }

/** Null: it is not to be read now. */
export async function readPullState(
  { store, system }: Pick<PullDeps, 'store' | 'system'>,
  key: CalendarKey,
): Promise<PullState | null> {
  const found = await store.pullState(key.tenantId, key.connectionId, key.calendarId)
  if (found === null || !isReadable(found.connection, found.calendar)) return null
  const { connection, calendar, policies, channels } = found
  return {
    calendar,
    connection,
    policies: effectivePolicies(policies, connection.policies),
    isPushed: isProven(channels, system.now()),
  }
}

/** A pending connection is read by its first sync. */
function isReadable(connection: Connection, calendar: Calendar): boolean {
  return isRead(connection.mode, calendar) && READABLE.has(connection.status)
}
const READABLE: ReadonlySet<Connection['status']> = new Set(['active', 'pending', 'held'])

export function connectionKey({ tenantId, id }: Connection): { tenantId: string; connectionId: string } {
  return { tenantId, connectionId: id }
}

/** `listed`: the calendar with the cursor that the page was asked with; `next`: with the one that leads on from it. */
type Listing = { listed: Calendar; next: Calendar; page: EventPage; foreseen: ChangeSet | null }
type Step = { kind: 'stored'; wakeSeq: number } | JobOutcome

async function storePage(deps: PullDeps, state: PullState, { listed, next, page, foreseen }: Listing): Promise<Step> {
  const now = deps.system.now()
  const keys = keysOf(page.events)
  const step = await deps.store.transaction(listed.tenantId, async (tx): Promise<Step> => {
    const mine = await tx.advanceAndRead(next, listed.cursorVersion, keys)
    if (mine === null) return { kind: 'done' } // another pull was faster; it reads what there is to read
    const isFullList = listed.cursor.syncToken === null
    if (foreseen !== null && isNothingKnown(mine.context)) await tx.apply(listed.tenantId, foreseen)
    else if (!(await applyPage(deps, tx, { ...state, calendar: next }, page.events, isFullList, false, mine.context)))
      return { kind: 'again', at: now } // a full list comes first
    const isLast = page.nextSyncToken !== null
    if (isLast) await finishListing(tx, listed, next, now)
    if (next.accessRole !== listed.accessRole) await noteCalendars(deps, tx, listed, [{ before: listed, after: next }])
    if (isLast) await rollWindow(tx, state.connection, listed, now)
    if (isLast && next.recoveringSince !== null) await endRecovery(tx, next, now)
    return { kind: 'stored', wakeSeq: mine.wakeSeq }
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
async function noteBlinded(deps: PullDeps, state: PullState, listed: Calendar, page: EventPage): Promise<JobOutcome> {
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
): Calendar {
  const now = deps.system.now()
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
  const flagged = await tx.flagAbsent(tenantId, place, {
    how: next.recoveringSince === null ? 'absent' : 'unclear',
    since: now,
  })
  if (flagged > 0) await tx.wake([{ kind: 'settle-missing', tenantId, connectionId }])
}
