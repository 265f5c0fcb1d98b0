import { insideTransaction, mustBeOutside } from '../../src/adapters/db/inside-transaction.ts'
import type { Appointment } from '../../src/core/model/appointment.ts'
import type { Calendar } from '../../src/core/model/connection.ts'
import { LAST_INSTANT } from '../../src/core/model/time.ts'
import { seriesBounds } from '../../src/core/recurrence/expand.ts'
import type { WakeUp } from '../../src/ports/jobs.ts'
import type { AppointmentWrites, ChangeSet } from '../../src/ports/store/appointments.ts'
import type { ConnectionWrites, Intake } from '../../src/ports/store/connections.ts'
import type { OperationWrites } from '../../src/ports/store/operations.ts'
import type { SampleWrites } from '../../src/ports/store/samples.ts'
import type { Store, Tx } from '../../src/ports/store/store.ts'
import type { TenantWrites } from '../../src/ports/store/tenants.ts'
import { memoryOverview } from './memory-overview.ts'
import { memoryReads, pageContext, unsentIds } from './memory-reads.ts'
import { memoryWebhookWrites } from './memory-webhooks.ts'
import { createWorld, type Draft, type Overlay, type View } from './memory-world.ts'

type World = ReturnType<typeof createWorld>

/** `backUp`: all that is committed, as it is now. @returns what puts it back. */
export type MemoryStore = Store & { backUp(): () => void }

/**
 * The store in memory, for simulations: transactions of one tenant one after the other, all of each or none of it.
 * @param onWake called with the wake-ups of a transaction when it has committed. @param world where it keeps its rows.
 * @param onCommit told what a transaction wrote, before and after it is laid over what was there.
 */
export function createMemoryStore(
  onWake: (wakeUps: readonly WakeUp[]) => void = () => undefined,
  world: World = createWorld(),
  onCommit?: CommitWatch,
): MemoryStore {
  const outside = (): View => {
    mustBeOutside()
    return world.committed
  }
  const lines = new Map<string, Promise<unknown>>()
  const waiting = new Set<() => void>()
  return {
    ...memoryReads(outside),
    ...memoryOverview(outside),
    ...intake(world, outside),
    prepare: () => undefined,
    transaction: (tenantId, work) => {
      mustBeOutside()
      const turn = (lines.get(tenantId) ?? Promise.resolve()).then(async () => {
        const wakeUps: WakeUp[] = []
        const draft = world.draft(tenantId)
        const result = await insideTransaction(() => runIn(draft, tenantId, wakeUps, work))
        if (onCommit === undefined) draft.commit()
        else onCommit(tenantId, draft.written, world.committed, () => draft.commit())
        onWake(wakeUps)
        for (const wake of waiting) wake()
        return result
      })
      const settled = turn.catch(() => undefined)
      lines.set(tenantId, settled)
      void settled.then(() => lines.get(tenantId) === settled && lines.delete(tenantId))
      return turn
    },
    awaitChange: async (tenantId, after, timeoutMs, signal) => {
      const end = performance.now() + timeoutMs
      for (;;) {
        const isGrown = outside()
          .of('journal', tenantId)
          .some(row => row.seq > after && row.change !== null)
        if (isGrown || signal?.aborted || performance.now() >= end) return
        await new Promise<void>(resolve => {
          const timer = setTimeout(resolve, Math.max(0, end - performance.now()))
          const done = (): void => {
            clearTimeout(timer)
            waiting.delete(done)
            resolve()
          }
          signal?.addEventListener('abort', done, { once: true })
          waiting.add(done)
        })
      }
    },
    ping: async () => undefined,
    backUp: () => world.backUp(),
  }
}

/** @param written the rows by table and key, null for one that is erased. @param before what was there. @param commit to be called. */
export type CommitWatch = (tenantId: string, written: Overlay, before: View, commit: () => void) => void

/** The draft of one transaction while it is open, and its guards. */
type Scope = { tenantId: string; draft(): Draft; own(tenantIds: readonly string[]): Draft }

async function runIn<T>(draft: Draft, tenantId: string, wakeUps: WakeUp[], work: (tx: Tx) => Promise<T>): Promise<T> {
  let isOpen = true
  const open = (): Draft => {
    if (!isOpen) throw new Error(`the transaction of ${tenantId} is over`)
    return draft
  }
  const own = (tenantIds: readonly string[]): Draft => {
    const other = tenantIds.find(id => id !== tenantId)
    if (other !== undefined) throw new Error(`a transaction of ${tenantId} cannot write for ${other}`)
    if (open().get('tenants', tenantId) === null) throw new Error(`there is no tenant ${tenantId}`)
    return draft
  }
  const scope: Scope = { tenantId, draft: open, own }
  try {
    return await work({
      ...memoryReads(open),
      ...tenantWrites(scope),
      ...connectionWrites(scope),
      ...grantWrites(scope),
      ...appointmentWrites(scope),
      ...memoryWebhookWrites(own),
      wake: async more => {
        open()
        wakeUps.push(...more)
      },
    })
  } finally {
    isOpen = false
  }
}

function tenantWrites({ tenantId, draft, own }: Scope): TenantWrites & OperationWrites & SampleWrites {
  return {
    saveTenant: async tenant => {
      if (tenant.id !== tenantId) throw new Error(`a transaction of ${tenantId} cannot write for ${tenant.id}`)
      draft().put('tenants', { ...tenant, journalSeq: draft().get('tenants', tenantId)?.journalSeq ?? 0 })
    },
    saveApiKey: async key => {
      const known = draft().get('apiKeys', key.tenantId, key.id)
      const used = [key.lastUsedAt, known?.lastUsedAt ?? null].filter(at => at !== null)
      const lastUsedAt = used.length === 0 ? null : Math.max(...used)
      own([key.tenantId]).put('apiKeys', { ...key, lastUsedAt }, key.id)
    },
    eraseTenant: async id => {
      if (id !== tenantId) throw new Error(`a transaction of ${tenantId} cannot erase ${id}`)
      draft().erase()
    },
    saveSample: async sample => own([sample.tenantId]).put('samples', sample, sample.connectionId, sample.calendarId),
    saveRun: async run => own([run.tenantId]).put('runs', run, run.id),
    rememberReply: async reply =>
      own([reply.tenantId]).put('rememberedReplies', { ...reply, body: reply.body ?? null }, reply.key),
  }
}

type GrantWrites =
  'saveConnectLink' | 'useConnectLink' | 'saveOAuthFlow' | 'useOAuthFlow' | 'saveCredentials' | 'eraseCredentials'

function connectionWrites({ draft, own }: Scope): Omit<ConnectionWrites, GrantWrites> {
  return {
    saveConnection: async connection => own([connection.tenantId]).put('connections', connection, connection.id),
    saveCalendars: async calendars => {
      own(calendars.map(each => each.tenantId))
      for (const calendar of calendars) {
        const was = draft().get('calendars', calendar.tenantId, calendar.connectionId, calendar.id)
        const wakeSeq = Math.max(calendar.wakeSeq, was?.wakeSeq ?? 0)
        draft().put('calendars', { ...calendar, wakeSeq }, calendar.connectionId, calendar.id)
      }
    },
    advanceCalendar: async (calendar, expected) => advance(own([calendar.tenantId]), calendar, expected) !== null,
    noteCalendar: async calendar => {
      const was = own([calendar.tenantId]).get('calendars', calendar.tenantId, calendar.connectionId, calendar.id)
      if (was === null) return
      const { lastPulledAt, nextPollAt, holdOffUntil, failures, pulledSeq } = calendar
      const noted = { ...was, lastPulledAt, nextPollAt, holdOffUntil, failures, pulledSeq }
      draft().put('calendars', noted, calendar.connectionId, calendar.id)
    },
    saveChannel: async channel => own([channel.tenantId]).put('channels', channel, channel.id),
    forgetChannels: async (tenantId, ids) => {
      for (const id of ids) own([tenantId]).remove('channels', id)
    },
    renameCalendar: async (tenantId, connectionId, ids) => renameCalendar(own([tenantId]), tenantId, connectionId, ids),
  }
}

/** @returns how many notifications it has had; null: overtaken. */
function advance(draft: Draft, calendar: Calendar, expected: number): number | null {
  const was = draft.get('calendars', calendar.tenantId, calendar.connectionId, calendar.id)
  if (was === null || was.cursorVersion !== expected) return null
  const wakeSeq = Math.max(calendar.wakeSeq, was.wakeSeq)
  draft.put('calendars', { ...calendar, wakeSeq }, calendar.connectionId, calendar.id)
  return wakeSeq
}

function renameCalendar(draft: Draft, tenantId: string, connectionId: string, ids: { from: string; to: string }): void {
  const isIts = (row: { connectionId: string; calendarId: string | null }): boolean =>
    row.connectionId === connectionId && row.calendarId === ids.from
  const calendarId = ids.to
  const calendar = draft.get('calendars', tenantId, connectionId, ids.from)
  if (calendar === null) return
  draft.remove('calendars', connectionId, ids.from)
  draft.put('calendars', { ...calendar, id: ids.to }, connectionId, ids.to)
  for (const link of draft.of('links', tenantId).filter(isIts)) {
    draft.remove('links', connectionId, link.calendarId, link.eventId)
    draft.put('links', { ...link, calendarId }, connectionId, calendarId, link.eventId)
  }
  for (const row of draft.of('outbox', tenantId).filter(isIts)) {
    draft.remove('outbox', row.appointmentId, row.calendarId)
    draft.put('outbox', { ...row, calendarId }, row.appointmentId, calendarId)
  }
  for (const channel of draft.of('channels', tenantId).filter(isIts))
    draft.put('channels', { ...channel, calendarId }, channel.id)
}

function grantWrites({ tenantId, draft, own }: Scope): Pick<ConnectionWrites, GrantWrites> {
  return {
    saveConnectLink: async link => own([link.tenantId]).put('connectLinks', link, link.hash),
    useConnectLink: async (hash, at) => {
      const link = draft().get('connectLinks', tenantId, hash)
      if (link === null || link.usedAt !== null) return false
      draft().put('connectLinks', { ...link, usedAt: at }, hash)
      return true
    },
    saveOAuthFlow: async flow => own([flow.tenantId]).put('oauthFlows', flow, flow.stateHash),
    useOAuthFlow: async (stateHash, at) => {
      const flow = draft().get('oauthFlows', tenantId, stateHash)
      if (flow === null || flow.usedAt !== null) return false
      draft().put('oauthFlows', { ...flow, usedAt: at }, stateHash)
      return true
    },
    saveCredentials: async row => own([row.tenantId]).put('credentials', row, row.connectionId),
    eraseCredentials: async (whose, connectionId) => own([whose]).remove('credentials', connectionId),
  }
}

function appointmentWrites({ tenantId, own }: Scope): AppointmentWrites {
  return {
    advanceAndRead: async (calendar, expected, keys) => {
      const { connectionId, id } = calendar
      const draft = own([calendar.tenantId])
      const wakeSeq = advance(draft, calendar, expected)
      const context = pageContext(draft, tenantId, { connectionId, calendarId: id, ...keys })
      return wakeSeq === null ? null : { wakeSeq, context }
    },
    apply: async (whose, changes) => {
      const { appointments = [], links = [], outbox = [], proposals = [], duplicates = [] } = changes
      const rows = [...appointments, ...links, ...outbox, ...proposals, ...duplicates]
      apply(own([whose, ...rows.map(row => row.tenantId)]), tenantId, changes)
    },
    skipJournal: async (whose, past) => {
      const tenant = own([whose]).get('tenants', tenantId)
      if (tenant !== null) own([whose]).put('tenants', { ...tenant, journalSeq: Math.max(tenant.journalSeq, past) })
    },
    flagAbsent: async (whose, { connectionId, calendarId, generation, listedFrom }, missing) => {
      const draft = own([whose])
      const absent = draft
        .of('links', tenantId)
        .filter(link => link.connectionId === connectionId && link.calendarId === calendarId)
        .filter(link => link.seenGeneration < generation && link.missing === null)
        .filter(link => {
          const stored = link.appointmentId === null ? null : draft.get('appointments', tenantId, link.appointmentId)
          return listedFrom === null || stored === null || stored.endAt > listedFrom
        })
      for (const link of absent) draft.put('links', { ...link, missing }, connectionId, calendarId, link.eventId)
      return absent.length
    },
    forgetConnection: async (whose, connectionId) => {
      const draft = own([whose])
      for (const link of draft.of('links', tenantId))
        if (link.connectionId === connectionId) draft.remove('links', connectionId, link.calendarId, link.eventId)
      for (const row of draft.of('outbox', tenantId))
        if (row.connectionId === connectionId) draft.remove('outbox', row.appointmentId, row.calendarId)
    },
    holdQueued: async (whose, connectionId, calendarId, error) => {
      const draft = own([whose])
      const queued = draft
        .of('outbox', tenantId)
        .filter(row => row.connectionId === connectionId && row.calendarId === calendarId && row.state === 'queued')
      for (const row of queued) draft.put('outbox', { ...row, state: 'held', error }, row.appointmentId, calendarId)
      return queued.length
    },
    releaseHeld: async (whose, connectionId, calendarId, now) => {
      const draft = own([whose])
      const held = draft
        .of('outbox', tenantId)
        .filter(row => row.connectionId === connectionId && row.calendarId === calendarId && row.state === 'held')
      for (const row of held)
        draft.put('outbox', { ...row, state: 'queued', notBefore: now, error: null }, row.appointmentId, calendarId)
      return held.length
    },
    queueShown: async (whose, { connectionId, calendarId: only, now }) => {
      const draft = own([whose])
      const shown = draft
        .of('links', tenantId)
        .filter(link => link.connectionId === connectionId && link.role === 'ours' && link.appointmentId !== null)
        .filter(link => only === undefined || link.calendarId === only)
      const row = { tenantId, connectionId, lane: 'backfill', state: 'queued', notBefore: now } as const
      let queued = 0
      for (const { appointmentId, calendarId } of shown) {
        const waiting = draft.get('outbox', tenantId, appointmentId ?? '', calendarId)
        if (waiting !== null && waiting.state !== 'failed') continue
        const fresh = { ...row, calendarId, appointmentId: appointmentId ?? '', intent: null, queuedAt: now }
        draft.put(
          'outbox',
          { ...(waiting ?? fresh), state: 'queued', notBefore: now, attempts: 0, error: null },
          fresh.appointmentId,
          calendarId,
        )
        queued += 1
      }
      return queued
    },
    queueUnsent: async (whose, scope) => {
      const draft = own([whose])
      const { connectionId, calendarId, now } = scope
      const waiting = (id: string) => draft.get('outbox', tenantId, id, calendarId)
      const ids = unsentIds(draft, tenantId, scope).filter(id => (waiting(id)?.state ?? 'failed') === 'failed')
      const row = { tenantId, connectionId, calendarId, lane: 'backfill' } as const
      for (const appointmentId of ids) {
        const entry = waiting(appointmentId) ?? { ...row, appointmentId, intent: null, queuedAt: now }
        const due = { ...entry, state: 'queued', notBefore: now, attempts: 0, error: null } as const
        draft.put('outbox', due, appointmentId, calendarId)
      }
      return ids.length
    },
  }
}

const BOUNDS_MAX = 5_000
const bounds = new Map<string, ReturnType<typeof seriesBounds>>()

/** Asked with each write of a row, and dear for a series. */
function boundsOf({ time, recurrence }: Pick<Appointment, 'time' | 'recurrence'>): ReturnType<typeof seriesBounds> {
  if (recurrence.length === 0) return seriesBounds(time, recurrence)
  const key = JSON.stringify([time, recurrence])
  const known = bounds.get(key)
  if (known !== undefined) return known
  if (bounds.size >= BOUNDS_MAX) bounds.clear()
  const fresh = seriesBounds(time, recurrence)
  bounds.set(key, fresh)
  return fresh
}

/** What is erased goes first: a row both erased and written is written. */
function apply(draft: Draft, tenantId: string, changes: ChangeSet): void {
  for (const { connectionId, calendarId, eventId } of changes.forgetLinks ?? [])
    draft.remove('links', connectionId, calendarId, eventId)
  for (const { appointmentId, calendarId } of changes.sent ?? []) draft.remove('outbox', appointmentId, calendarId)
  for (const eventId of changes.seen?.eventIds ?? []) {
    const { connectionId, calendarId, generation } = changes.seen!
    const link = draft.get('links', tenantId, connectionId, calendarId, eventId)
    if (link !== null) draft.put('links', { ...link, seenGeneration: generation }, connectionId, calendarId, eventId)
  }
  for (const { markerKey, ...appointment } of changes.appointments ?? []) {
    const { startAt, endAt } = boundsOf(appointment)
    draft.put('appointments', { appointment, markerKey, startAt, endAt: endAt ?? LAST_INSTANT }, appointment.id)
  }
  for (const link of changes.links ?? [])
    draft.put('links', { ...link, raw: link.raw ?? null }, link.connectionId, link.calendarId, link.eventId)
  for (const row of changes.outbox ?? []) draft.put('outbox', row, row.appointmentId, row.calendarId)
  for (const proposal of changes.proposals ?? []) draft.put('proposals', proposal, proposal.id)
  for (const duplicate of changes.duplicates ?? []) draft.put('duplicates', duplicate, duplicate.id)
  const tenant = draft.get('tenants', tenantId)
  const journal = changes.journal ?? []
  if (tenant === null || journal.length === 0) return
  journal.forEach((entry, place) => {
    const seq = tenant.journalSeq + place + 1
    draft.put('journal', { ...entry, seq }, seq)
  })
  draft.put('tenants', { ...tenant, journalSeq: tenant.journalSeq + journal.length })
}

/** At once and outside any transaction, as single statements are. */
function intake(world: World, view: () => View): Intake {
  return {
    noteNotification: async ({ channelId, resourceId, at, isGreeting = false }) => {
      const channel = view()
        .across('channels')
        .find(
          each =>
            each.id === channelId &&
            each.expiresAt > at &&
            (each.state === 'live' || each.state === 'opening') &&
            (each.resourceId === resourceId || (each.state === 'opening' && each.resourceId === null)),
        )
      if (channel === undefined) return null
      const { tenantId, connectionId, calendarId } = channel
      const lastNotifiedAt = Math.max(at, channel.lastNotifiedAt ?? at)
      world.replace('channels', tenantId, { ...channel, lastNotifiedAt }, channelId)
      const calendar =
        calendarId === null || isGreeting ? null : view().get('calendars', tenantId, connectionId, calendarId)
      if (calendar !== null) {
        const nextPollAt = Math.min(calendar.nextPollAt, at)
        const woken = { ...calendar, wakeSeq: calendar.wakeSeq + 1, nextPollAt }
        world.replace('calendars', tenantId, woken, connectionId, calendar.id)
      }
      const isAwake = calendar !== null && calendar.wakeSeq > calendar.pulledSeq
      return { tenantId, connectionId, calendarId, ...(isAwake ? { isAwake } : {}) }
    },
    noteKeyUse: async (tenantId, keyId, at) => {
      const key = view().get('apiKeys', tenantId, keyId)
      const lastUsedAt = Math.max(key?.lastUsedAt ?? at, at)
      if (key !== null) world.replace('apiKeys', tenantId, { ...key, lastUsedAt }, keyId)
    },
    noteOrphan: async ({ channelId, resourceId, at, settledBefore }) => {
      const channel = view()
        .across('channels')
        .find(
          each =>
            each.id === channelId &&
            each.expiresAt > at &&
            (each.state === 'retired' || each.state === 'failed') &&
            each.dueAt <= settledBefore,
        )
      if (channel === undefined) return false
      world.replace('channels', channel.tenantId, { ...channel, state: 'stopping', resourceId, dueAt: at }, channelId)
      return true
    },
    expectNotification: async ({ tenantId, connectionId, calendarId, at, dueAt }) => {
      for (const channel of view().of('channels', tenantId)) {
        const { expectedAt, lastNotifiedAt } = channel
        const isOwing = expectedAt !== null && (lastNotifiedAt === null || lastNotifiedAt < expectedAt)
        const isIts = channel.connectionId === connectionId && channel.calendarId === calendarId
        if (!isIts || channel.state !== 'live' || isOwing) continue
        const owing = { ...channel, expectedAt: at, dueAt: Math.min(channel.dueAt, dueAt) }
        world.replace('channels', tenantId, owing, channel.id)
      }
    },
    leaseCredentials: async (tenantId, connectionId, now, until) => {
      const row = view().get('credentials', tenantId, connectionId)
      if (row === null || (row.refreshLeaseUntil !== null && row.refreshLeaseUntil > now)) return null
      const leased = { ...row, refreshLeaseUntil: until }
      world.replace('credentials', tenantId, leased, connectionId)
      return leased
    },
    storeRefreshed: async (credentials, expectedVersion) => {
      const { tenantId, connectionId } = credentials
      if (view().get('credentials', tenantId, connectionId)?.version !== expectedVersion) return false
      const row = { ...credentials, version: expectedVersion + 1, refreshLeaseUntil: null }
      world.replace('credentials', tenantId, row, connectionId)
      return true
    },
  }
}
