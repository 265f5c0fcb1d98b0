import type { Link } from '../../src/core/model/link.ts'
import { LANES } from '../../src/core/model/outbox.ts'
import type { OutboxEntry } from '../../src/core/model/outbox.ts'
import type { Paired } from '../../src/ports/store/appointments.ts'
import type { Reads } from '../../src/ports/store/store.ts'
import { memoryComparison } from './memory-comparison.ts'
import { memorySamples } from './memory-samples.ts'
import { memoryWebhookReads } from './memory-webhooks.ts'
import type { StoredAppointment, View } from './memory-world.ts'

type Key = string | number | boolean

/** Orders by the values that `keys` gives, one after the other. */
export const by =
  <T>(keys: (row: T) => readonly Key[]) =>
  (a: T, b: T): number => {
    const [left, right] = [keys(a), keys(b)]
    const at = left.findIndex((key, place) => key !== right[place])
    return at === -1 ? 0 : left[at]! < right[at]! ? -1 : 1
  }

/** All reads over a view of the world. `view` is asked each time: it may refuse. */
export function memoryReads(view: () => View): Reads {
  return {
    ...tenantReads(view),
    ...connectionReads(view),
    ...schedulerReads(view),
    ...appointmentReads(view),
    ...outboxReads(view),
    ...memoryWebhookReads(view),
    ...memoryComparison(view),
    ...memorySamples(view),
  }
}

type Part<N extends keyof Reads> = Pick<Reads, N>

function tenantReads(
  view: () => View,
): Part<'tenant' | 'apiKeys' | 'apiKeyByHash' | 'run' | 'openRunOf' | 'rememberedReply'> {
  return {
    tenant: async tenantId => {
      const row = view().get('tenants', tenantId)
      return row && { id: row.id, name: row.name, settings: row.settings, createdAt: row.createdAt }
    },
    apiKeys: async tenantId =>
      view()
        .of('apiKeys', tenantId)
        .sort(by(key => [key.createdAt, key.id])),
    apiKeyByHash: async (hash, now) =>
      view()
        .across('apiKeys')
        .find(key => key.hash === hash && key.revokedAt === null && (key.expiresAt === null || key.expiresAt > now)) ??
      null,
    run: async (tenantId, id) => view().get('runs', tenantId, id),
    openRunOf: async (tenantId, connectionId) =>
      view()
        .of('runs', tenantId)
        .filter(run => run.connectionId === connectionId && (run.state === 'queued' || run.state === 'running'))
        .sort(by(run => [run.createdAt, run.id]))
        .at(-1) ?? null,
    rememberedReply: async (tenantId, key) => view().get('rememberedReplies', tenantId, key),
  }
}

function connectionReads(
  view: () => View,
): Part<
  | 'connection'
  | 'connectionsOfUser'
  | 'connections'
  | 'connectionBySub'
  | 'calendar'
  | 'calendarsOf'
  | 'targetOf'
  | 'channelsOf'
  | 'pullState'
  | 'credentials'
  | 'connectLinkByHash'
  | 'oauthFlowByState'
> {
  const connections = (tenantId: string) =>
    view()
      .of('connections', tenantId)
      .sort(by(each => [each.createdAt, each.id]))
  return {
    connection: async (tenantId, id) => view().get('connections', tenantId, id),
    connections: async tenantId => connections(tenantId),
    connectionsOfUser: async (tenantId, userId) => connections(tenantId).filter(each => each.userId === userId),
    connectionBySub: async (tenantId, userId, googleSub) =>
      connections(tenantId)
        .filter(each => each.userId === userId && each.googleSub === googleSub)
        .reverse()
        .sort(by(each => [each.status === 'disconnected']))[0] ?? null,
    calendar: async (tenantId, connectionId, id) => view().get('calendars', tenantId, connectionId, id),
    calendarsOf: async (tenantId, connectionId) =>
      view()
        .of('calendars', tenantId)
        .filter(each => each.connectionId === connectionId)
        .sort(by(each => [each.id])),
    targetOf: async (tenantId, userId) => {
      const targets = connections(tenantId)
        .filter(each => each.userId === userId && each.status !== 'disconnected')
        .flatMap(connection =>
          view()
            .of('calendars', tenantId)
            .filter(each => each.connectionId === connection.id && each.isTarget)
            .map(calendar => ({ connection, calendar })),
        )
      return targets.find(({ calendar }) => !calendar.isGone) ?? targets[0] ?? null
    },
    pullState: async (tenantId, connectionId, calendarId) => {
      const connection = view().get('connections', tenantId, connectionId)
      const calendar = view().get('calendars', tenantId, connectionId, calendarId)
      const tenant = view().get('tenants', tenantId)
      if (connection === null || calendar === null || tenant === null) return null
      const channels = view()
        .of('channels', tenantId)
        .filter(each => each.connectionId === connectionId && each.calendarId === calendarId)
        .sort(by(each => [each.createdAt, each.id]))
      return { connection, calendar, policies: tenant.settings.policies, channels }
    },
    channelsOf: async (tenantId, connectionId) =>
      view()
        .of('channels', tenantId)
        .filter(each => each.connectionId === connectionId)
        .sort(by(each => [each.createdAt, each.id])),
    credentials: async (tenantId, connectionId) => view().get('credentials', tenantId, connectionId),
    connectLinkByHash: async hash =>
      view()
        .across('connectLinks')
        .find(link => link.hash === hash) ?? null,
    oauthFlowByState: async stateHash =>
      view()
        .across('oauthFlows')
        .find(flow => flow.stateHash === stateHash) ?? null,
  }
}

function schedulerReads(view: () => View): Part<'calendarsDue' | 'channelsDue' | 'flushesDue'> {
  const isIn = (statuses: readonly string[], tenantId: string, connectionId: string): boolean => {
    const connection = view().get('connections', tenantId, connectionId)
    return connection !== null && statuses.includes(connection.status) && connection.mode !== 'off'
  }
  const isTakenIn = (tenantId: string, connectionId: string): boolean =>
    view().get('connections', tenantId, connectionId)?.mode !== 'push_only'
  const isActive = (tenantId: string, connectionId: string): boolean => isIn(['active'], tenantId, connectionId)
  const isRead = (tenantId: string, connectionId: string): boolean => isIn(['active', 'held'], tenantId, connectionId)
  const mayWriteNow = (tenantId: string, connectionId: string, now: number): boolean =>
    isActive(tenantId, connectionId) &&
    (view().get('connections', tenantId, connectionId)?.writesPausedUntil ?? now) <= now
  return {
    calendarsDue: async (now, limit) =>
      view()
        .across('calendars')
        .filter(each => each.nextPollAt <= now && (each.holdOffUntil ?? now) <= now && !each.isGone)
        .filter(
          each =>
            (each.isTarget || ((each.isSource || each.isConflict) && isTakenIn(each.tenantId, each.connectionId))) &&
            isRead(each.tenantId, each.connectionId),
        )
        .sort(by(each => [each.nextPollAt, each.tenantId, each.connectionId, each.id]))
        .slice(0, limit)
        .map(({ tenantId, connectionId, id }) => ({ tenantId, connectionId, calendarId: id })),
    channelsDue: async (now, limit) =>
      view()
        .across('channels')
        .filter(each => each.state !== 'retired' && each.dueAt <= now && isActive(each.tenantId, each.connectionId))
        .sort(by(each => [each.dueAt, each.id]))
        .slice(0, limit),
    flushesDue: async (now, limit) => {
      const due = view()
        .across('outbox')
        .filter(
          row => row.state === 'queued' && row.notBefore <= now && mayWriteNow(row.tenantId, row.connectionId, now),
        )
        .sort(by(row => [row.notBefore, row.tenantId, row.connectionId]))
      const first = new Map(due.toReversed().map(row => [`${row.tenantId}\0${row.connectionId}`, row]))
      return [...first.values()]
        .sort(by(row => [row.notBefore, row.tenantId, row.connectionId]))
        .slice(0, limit)
        .map(({ tenantId, connectionId }) => ({ tenantId, connectionId }))
    },
  }
}

/** Pairs what is asked for in one pass over the links and the outbox. */
function paired(view: View, tenantId: string, rows: readonly StoredAppointment[]): Paired[] {
  const wanted = new Set(rows.map(({ appointment }) => appointment.id))
  const links = Map.groupBy(
    view.of('links', tenantId).filter(link => link.appointmentId !== null && wanted.has(link.appointmentId)),
    link => link.appointmentId,
  )
  const waiting = Map.groupBy(
    view.of('outbox', tenantId).filter(row => wanted.has(row.appointmentId)),
    row => row.appointmentId,
  )
  const newestFirst = by<OutboxEntry>(row => [-row.queuedAt, row.calendarId])
  return rows.map(({ appointment }) => ({
    appointment,
    links: (links.get(appointment.id) ?? []).sort(oursFirst),
    outbox: (waiting.get(appointment.id) ?? []).sort(newestFirst)[0] ?? null,
  }))
}

const oursFirst = by<Link>(link => [link.role !== 'ours', link.connectionId, link.calendarId, link.eventId])

function appointmentReads(
  view: () => View,
): Part<
  | 'appointment'
  | 'appointmentsByIds'
  | 'listAppointments'
  | 'seriesWithExceptions'
  | 'history'
  | 'changes'
  | 'pageContext'
  | 'proposal'
  | 'openProposals'
  | 'proposalsExpired'
  | 'duplicate'
  | 'duplicates'
  | 'appointmentsDuring'
  | 'unsent'
> {
  const byIds = (tenantId: string, ids: Iterable<string>): StoredAppointment[] =>
    [...new Set(ids)].sort().flatMap(id => view().get('appointments', tenantId, id) ?? [])
  return {
    appointment: async (tenantId, id) => paired(view(), tenantId, byIds(tenantId, [id]))[0] ?? null,
    appointmentsByIds: async (tenantId, ids) => paired(view(), tenantId, byIds(tenantId, ids)),
    listAppointments: async (tenantId, { userId, from, to, origin, status, isArchived, after, limit }) => {
      const rows = view()
        .of('appointments', tenantId)
        .filter(({ appointment: a }) => (a.archivedAt !== null) === isArchived && a.userId === (userId ?? a.userId))
        .filter(({ appointment: a }) => a.origin === (origin ?? a.origin) && a.status === (status ?? a.status))
        .filter(({ startAt, endAt }) => (from === null || endAt > from) && (to === null || startAt < to))
        .filter(
          row =>
            after === null ||
            row.startAt > after.startAt ||
            (row.startAt === after.startAt && row.appointment.id > after.id),
        )
        .sort(by(row => [row.startAt, row.appointment.id]))
      return paired(view(), tenantId, rows.slice(0, limit))
    },
    seriesWithExceptions: async (tenantId, masterIds) => {
      const rows = view()
        .of('appointments', tenantId)
        .filter(
          ({ appointment: { id, recurringId } }) => masterIds.includes(id) || masterIds.includes(recurringId ?? ''),
        )
        .sort(by(({ appointment }) => [appointment.recurringId !== null, appointment.id]))
      return paired(view(), tenantId, rows)
    },
    history: async (tenantId, appointmentId, limit) => {
      const rows = view()
        .of('journal', tenantId)
        .filter(row => row.appointmentId === appointmentId)
      return rows.sort(by(row => [row.seq])).slice(Math.max(0, rows.length - limit))
    },
    changes: async (tenantId, after, limit) =>
      view()
        .of('journal', tenantId)
        .filter(row => row.seq > after && row.change !== null)
        .sort(by(row => [row.seq]))
        .slice(0, limit),
    pageContext: async (tenantId, keys) => pageContext(view(), tenantId, keys),
    proposal: async (tenantId, id) => view().get('proposals', tenantId, id),
    openProposals: async (tenantId, { appointmentIds, afterId, limit }) =>
      view()
        .of('proposals', tenantId)
        .filter(each => each.state === 'open' && (appointmentIds?.includes(each.appointmentId) ?? true))
        .filter(each => afterId === null || each.id > afterId)
        .sort(by(each => [each.id]))
        .slice(0, limit),
    proposalsExpired: async (now, limit) =>
      view()
        .across('proposals')
        .filter(each => each.state === 'open' && each.expiresAt <= now)
        .sort(by(each => [each.expiresAt, each.id]))
        .slice(0, limit)
        .map(({ tenantId, id }) => ({ tenantId, id })),
    duplicate: async (tenantId, id) => view().get('duplicates', tenantId, id),
    duplicates: async (tenantId, { appointmentIds, afterId, limit }) =>
      view()
        .of('duplicates', tenantId)
        .filter(each => (appointmentIds === null ? each.state === 'open' : appointmentIds.includes(each.appointmentId)))
        .filter(each => afterId === null || each.id > afterId)
        .sort(by(each => [each.id]))
        .slice(0, limit),
    appointmentsDuring: async (tenantId, userId, spans) =>
      view()
        .of('appointments', tenantId)
        .filter(({ appointment: a }) => a.userId === userId && a.archivedAt === null && a.busy)
        .filter(({ appointment: a }) => a.status !== 'cancelled' && a.status !== 'no_show')
        .filter(row => spans.some(span => row.startAt < span.endAt && row.endAt > span.startAt))
        .map(({ appointment }) => appointment)
        .sort(by(each => [each.id])),
    unsent: async (tenantId, scope) =>
      unsentIds(view(), tenantId, scope)
        .filter(id => scope.afterId === null || id > scope.afterId)
        .slice(0, scope.limit),
  }
}

/** What one user's calendar should show and has no link for, archived ones aside; by id. */
export function unsentIds(
  view: View,
  tenantId: string,
  scope: { userId: string; connectionId: string; calendarId: string; from: number; to: number },
): string[] {
  const linked = new Set(
    view
      .of('links', tenantId)
      .filter(link => link.connectionId === scope.connectionId && link.calendarId === scope.calendarId)
      .map(link => link.appointmentId),
  )
  return view
    .of('appointments', tenantId)
    .filter(({ startAt, endAt }) => startAt < scope.to && endAt > scope.from)
    .map(({ appointment }) => appointment)
    .filter(a => a.userId === scope.userId && a.origin === 'platform' && a.archivedAt === null && !linked.has(a.id))
    .map(a => a.id)
    .sort()
}

export function pageContext(
  view: View,
  tenantId: string,
  keys: Parameters<Reads['pageContext']>[1],
): Awaited<ReturnType<Reads['pageContext']>> {
  const { connectionId, calendarId } = keys
  const [eventIds, iCalUIDs, markerKeys] = [new Set(keys.eventIds), new Set(keys.iCalUIDs), new Set(keys.markerKeys)]
  const userId = view.get('connections', tenantId, connectionId)?.userId
  const all = view.of('links', tenantId)
  const isHere = (link: Link): boolean => link.connectionId === connectionId && link.calendarId === calendarId
  const links = all.filter(
    link => isHere(link) && (eventIds.has(link.eventId) || eventIds.has(link.recurringEventId ?? '')),
  )
  const elsewhere = all.filter(
    link =>
      !isHere(link) &&
      iCalUIDs.has(link.iCalUID ?? '') &&
      userId !== undefined &&
      view.get('connections', tenantId, link.connectionId)?.userId === userId,
  )
  const stored = view.of('appointments', tenantId)
  const marked = stored.filter(row => row.markerKey !== null && markerKeys.has(row.markerKey))
  const named = new Set([
    ...[...links, ...elsewhere].map(link => link.appointmentId),
    ...marked.map(row => row.appointment.id),
  ])
  const series = new Set(
    stored
      .filter(({ appointment: a }) => named.has(a.id) && (a.recurringId !== null || a.recurrence.length > 0))
      .map(({ appointment: a }) => a.recurringId ?? a.id),
  )
  const wanted = stored.filter(
    ({ appointment: a }) => named.has(a.id) || series.has(a.id) || series.has(a.recurringId ?? ''),
  )
  const ids = new Set(wanted.map(row => row.appointment.id))
  return {
    links,
    elsewhere,
    own: all.filter(link => marked.some(row => row.appointment.id === link.appointmentId)),
    appointments: wanted.map(row => row.appointment),
    markers: new Map(marked.map(row => [row.markerKey ?? '', row.appointment.id])),
    outbox: view.of('outbox', tenantId).filter(row => ids.has(row.appointmentId)),
  }
}

function outboxReads(
  view: () => View,
): Part<
  | 'missingLinks'
  | 'orphans'
  | 'countMissing'
  | 'missingByCalendar'
  | 'outboxDue'
  | 'nextOutboxAt'
  | 'linksIn'
  | 'countBackfill'
> {
  const queued = (tenantId: string, connectionId: string): OutboxEntry[] =>
    view()
      .of('outbox', tenantId)
      .filter(row => row.connectionId === connectionId && row.state === 'queued')
  const linksOf = (tenantId: string, connectionId: string): Link[] =>
    view()
      .of('links', tenantId)
      .filter(link => link.connectionId === connectionId)
  return {
    missingLinks: async (tenantId, connectionId, limit) =>
      linksOf(tenantId, connectionId)
        .filter(link => link.missing !== null)
        .sort(by(link => [link.missing?.since ?? 0, link.calendarId, link.eventId]))
        .slice(0, limit),
    orphans: async (tenantId, contentHashes) =>
      view()
        .of('links', tenantId)
        .filter(link => link.error?.code === 'orphan' && contentHashes.includes(link.contentHash ?? ''))
        .sort(by(link => [link.connectionId, link.calendarId, link.eventId])),
    countMissing: async (tenantId, connectionId) => {
      const links = linksOf(tenantId, connectionId)
      return { missing: links.filter(link => link.missing !== null).length, linked: links.length }
    },
    missingByCalendar: async (tenantId, connectionId, after) =>
      [...Map.groupBy(linksOf(tenantId, connectionId), link => link.calendarId)]
        .map(([calendarId, links]) => {
          const missing = links.filter(({ missing: is }) => is !== null && (after === null || is.since > after)).length
          return { calendarId, missing, linked: links.length }
        })
        .filter(each => each.missing > 0)
        .sort(by(each => [each.calendarId])),
    outboxDue: async (tenantId, connectionId, now, limit) => {
      const due = queued(tenantId, connectionId)
        .filter(row => row.notBefore <= now)
        .sort(by(row => [LANES.indexOf(row.lane), row.queuedAt, row.appointmentId]))
      return inTurn(view(), tenantId, due, limit)
    },
    linksIn: async (tenantId, connectionId, { calendarIds, role, after, limit }) => {
      const place = (link: Pick<Link, 'calendarId' | 'eventId'>): string => `${link.calendarId}\0${link.eventId}`
      return linksOf(tenantId, connectionId)
        .filter(link => link.role === role && calendarIds.includes(link.calendarId))
        .filter(link => after === null || place(link) > place(after))
        .sort(by(link => [link.calendarId, link.eventId]))
        .slice(0, limit)
    },
    countBackfill: async (tenantId, connectionId) =>
      queued(tenantId, connectionId).filter(row => row.lane !== 'people').length,
    nextOutboxAt: async (tenantId, connectionId) => {
      const rows = queued(tenantId, connectionId)
      return rows.length === 0 ? null : Math.min(...rows.map(row => row.notBefore))
    },
  }
}

/** An exception brings its master along, just before it. */
function inTurn(view: View, tenantId: string, due: readonly OutboxEntry[], limit: number): Paired[] {
  const batch = new Map<string, OutboxEntry>()
  const add = (row: OutboxEntry): void => void batch.set(`${row.appointmentId}\0${row.calendarId}`, row)
  for (const row of due.slice(0, limit)) {
    const masterId = view.get('appointments', tenantId, row.appointmentId)?.appointment.recurringId
    const master = due.find(each => each.appointmentId === masterId && each.calendarId === row.calendarId)
    if (master !== undefined && !batch.has(`${master.appointmentId}\0${master.calendarId}`)) add(master)
    if (!batch.has(`${row.appointmentId}\0${row.calendarId}`)) add(row)
  }
  return [...batch.values()].slice(0, limit).flatMap(row => {
    const stored = view.get('appointments', tenantId, row.appointmentId)
    return stored === null ? [] : paired(view, tenantId, [stored]).map(pair => ({ ...pair, outbox: row }))
  })
}
