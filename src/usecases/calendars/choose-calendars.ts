import { checkChoice, sameCalendar, type ChosenCalendars } from '../../core/model/calendar-choice.ts'
import { isChosen } from '../../core/model/connection-resource.ts'
import type { Calendar, Connection } from '../../core/model/connection.ts'
import { fail, succeed, type ConflictSlug, type DomainError, type Result } from '../../core/model/failures.ts'
import type { ListedCalendar } from '../../ports/google-calendar.ts'
import type { RunKind } from '../../ports/store/operations.ts'
import type { Reads, Tx } from '../../ports/store/store.ts'
import type { Deps } from '../deps.ts'
import { changeConnection } from '../connections/connection-change.ts'
import { remoteProblem } from '../connections/remote-problem.ts'
import { feedInTheWay, retireFeedOf } from '../feeds/exclusion.ts'
import { openRun } from '../runs/open-run.ts'
import { newCalendar } from './new-calendar.ts'

type ChooseDeps = Pick<Deps, 'store' | 'google' | 'system' | 'settings'>
type Which = { tenantId: string; connectionId: string }

/** One choice at a time per connection in this process: a form sent twice must not make two calendars. */
const underWay = new Map<string, Promise<unknown>>()

/**
 * Sets a connection's target, sources and conflict calendars and starts the run that brings them in step. Google first (its list, the
 * new calendar), then one transaction.
 */
export async function chooseCalendars(
  deps: ChooseDeps,
  input: Which & { choice: ChosenCalendars },
): Promise<Result<{ runId: string }, DomainError>> {
  const key = `${input.tenantId}/${input.connectionId}`
  const before = underWay.get(key) ?? Promise.resolve()
  const mine = before.then(() => choose(deps, input))
  const settled = mine.catch(() => null)
  underWay.set(key, settled)
  try {
    return await mine
  } finally {
    if (underWay.get(key) === settled) underWay.delete(key)
  }
}

async function choose(
  deps: ChooseDeps,
  { tenantId, connectionId, choice }: Which & { choice: ChosenCalendars },
): Promise<Result<{ runId: string }, DomainError>> {
  const { store, google } = deps
  const ready = await readChoosable(store, { tenantId, connectionId }, choice)
  if (!ready.ok) return ready
  const listed = await google.listCalendars({ tenantId, connectionId })
  if (!listed.ok) return fail(remoteProblem(listed.error))
  const checked = checkChoice(choice, listed.value)
  if (!checked.ok) return fail({ kind: 'invalid', problems: checked.error })
  const target = await provideTarget(deps, { tenantId, connectionId }, choice.target, listed.value)
  if (!target.ok) return target
  const calendars = target.value === null ? listed.value : [...listed.value, target.value]
  return store.transaction(tenantId, async tx => {
    const still = await readChoosable(tx, { tenantId, connectionId }, choice)
    if (!still.ok) return still
    if (isTwoWay(still.value)) await retireFeedOf(tx, still.value)
    const chosen: Chosen = { ...choice, targetId: target.value?.id ?? null, listed: calendars }
    return succeed({ runId: await storeChoice(deps, tx, still.value, chosen) })
  })
}

/** The connection, if calendars may be chosen for it now. */
export async function readChoosable(
  reads: Reads,
  { tenantId, connectionId }: Which,
  choice: ChosenCalendars,
): Promise<Result<Connection, DomainError>> {
  const connection = await reads.connection(tenantId, connectionId)
  if (connection === null) return fail({ kind: 'not-found' })
  if (connection.status !== 'pending' && connection.status !== 'active')
    return fail(refuse('wrong-status', `Calendars cannot be chosen while the connection is ${connection.status}.`))
  if (connection.missingScopes.length > 0)
    return fail(refuse('scope-missing', 'Permissions are missing: the user must connect again and tick every one.'))
  const other = choice.target === null ? null : await reads.targetOf(tenantId, connection.userId)
  if (other !== null && other.connection.id !== connectionId)
    return fail(refuse('target-exists', `Appointments of this user already go to connection ${other.connection.id}.`))
  const feed = isTwoWay(connection) && choice.replaceFeed !== true ? await feedInTheWay(reads, connection) : null
  return feed === null ? succeed(connection) : fail(feed)
}

const isTwoWay = ({ mode }: Connection): boolean => mode === 'two_way'

function refuse(slug: ConflictSlug, detail: string): DomainError {
  return { kind: 'conflict', slug, detail }
}

/** The target in Google's terms, made there if it was asked for and is not there yet; null: no target. */
async function provideTarget(
  { google }: ChooseDeps,
  which: Which,
  target: ChosenCalendars['target'],
  listed: readonly ListedCalendar[],
): Promise<Result<ListedCalendar | null, DomainError>> {
  if (target === null) return succeed(null)
  if ('calendarId' in target) return succeed(listed.find(each => each.id === target.calendarId) ?? null)
  const known = sameCalendar(target.create, listed)
  if (known !== null) return succeed(known)
  const summary = target.create.trim()
  const timeZone = listed.find(each => each.isPrimary)?.timeZone ?? 'UTC'
  const created = await google.createCalendar(which, { summary, timeZone })
  if (!created.ok) return fail(remoteProblem(created.error))
  const { id } = created.value
  return succeed({ id, summary, timeZone, accessRole: 'owner', isPrimary: false, isHidden: false, isDeleted: false })
}

type Chosen = {
  targetId: string | null
  sources: readonly string[]
  conflicts: readonly string[]
  listed: readonly ListedCalendar[]
}

async function storeChoice(deps: ChooseDeps, tx: Tx, connection: Connection, chosen: Chosen): Promise<string> {
  const { tenantId, id: connectionId } = connection
  const now = deps.system.now()
  const before = await tx.calendarsOf(tenantId, connectionId)
  await tx.saveCalendars(chosenCalendars({ before, chosen, connection, now, parameters: deps.settings.listParameters }))
  await changeConnection(
    tx,
    connection,
    { ...connection, statusReason: reasonWhile(connection) },
    {
      at: now,
      side: 'platform',
      action: 'calendars_chosen',
      rule: 'choose-calendars',
      reason: 'Target, source and conflict calendars were chosen.',
      type: null,
    },
  )
  const kind = kindOfRun(connection, before, chosen.targetId)
  const run = await openRun(tx, { tenantId, connectionId, id: `run_${deps.system.newId()}`, kind, now })
  return run.id
}

function reasonWhile(connection: Connection): string | null {
  return connection.status === 'pending' ? 'first_sync_running' : connection.statusReason
}

function kindOfRun(connection: Connection, before: readonly Calendar[], targetId: string | null): RunKind {
  if (connection.status === 'pending') return 'first_sync'
  const old = before.find(calendar => calendar.isTarget)
  return old !== undefined && old.id !== targetId ? 'switch' : 'resync'
}

/** Every calendar known so far with its new uses, and those newly in use. */
function chosenCalendars(of: {
  before: readonly Calendar[]
  chosen: Chosen
  connection: Connection
  now: number
  parameters: string
}): Calendar[] {
  const { before, chosen, connection, now, parameters } = of
  const used = new Set([...chosen.sources, ...chosen.conflicts, ...(chosen.targetId === null ? [] : [chosen.targetId])])
  const kept = before.map(calendar => withUses(calendar, chosen, now))
  const added = [...used]
    .filter(id => !before.some(calendar => calendar.id === id))
    .flatMap(id => chosen.listed.find(each => each.id === id) ?? [])
    .map(listed => withUses(newCalendar(connection, listed, now, parameters), chosen, now))
  return [...kept, ...added]
}

/**
 * A calendar that is read for other things than before (its titles now, or no longer, or at all again) is listed in full once more:
 * what an increment would bring leaves out all that was not kept until now. Each gets another cursor version: a listing under way knows the
 * uses of before, and would put them back.
 */
function withUses(calendar: Calendar, chosen: Chosen, now: number): Calendar {
  const listed = chosen.listed.find(each => each.id === calendar.id)
  const next: Calendar = {
    ...calendar,
    summary: listed?.summary ?? calendar.summary,
    timeZone: listed?.timeZone ?? calendar.timeZone,
    accessRole: listed?.accessRole ?? calendar.accessRole,
    isPrimary: listed?.isPrimary ?? calendar.isPrimary,
    isGone: listed === undefined,
    isTarget: calendar.id === chosen.targetId,
    isSource: chosen.sources.includes(calendar.id),
    isConflict: chosen.conflicts.includes(calendar.id),
    cursorVersion: calendar.cursorVersion + 1,
  }
  const isNewlyUsed = isChosen(next) && !isChosen(calendar)
  const isReadOtherwise = isChosen(next) && next.isSource !== calendar.isSource
  if (!isNewlyUsed && !isReadOtherwise) return next
  return {
    ...next,
    cursor: { ...next.cursor, syncToken: null, pageToken: null },
    nextPollAt: now,
    holdOffUntil: null,
    failures: 0,
  }
}
