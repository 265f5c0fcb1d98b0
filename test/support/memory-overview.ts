import type { Connection } from '../../src/core/model/connection.ts'
import { LANES } from '../../src/core/model/outbox.ts'
import {
  FAILURES_TELLING,
  isWatching,
  TROUBLES,
  troublesOf,
  type ConnectionFacts,
} from '../../src/core/operations/trouble.ts'
import type { ConnectionHealth, LaneDepth, OverviewReads } from '../../src/ports/store/overview.ts'
import { by, memoryReads } from './memory-reads.ts'
import type { View } from './memory-world.ts'

/** What operators look at, over a view of the world. */
export function memoryOverview(view: () => View): OverviewReads {
  const reads = memoryReads(view)
  const pairs = async (tenantId: string, ids: readonly string[]) => {
    const found = new Map((await reads.appointmentsByIds(tenantId, ids)).map(each => [each.appointment.id, each]))
    return ids.flatMap(id => found.get(id) ?? [])
  }
  const health = (now: number): ConnectionHealth[] =>
    view()
      .across('connections')
      .map(connection => factsOf(view(), connection, now))
      .map(facts => ({ ...facts, troubles: troublesOf(facts, now) }))
  return {
    connectionHealth: async ({ tenantId, trouble, text, offset, limit }, now) => {
      const all = health(now).filter(each => tenantId === null || each.tenantId === tenantId)
      const low = text?.toLowerCase() ?? ''
      const found = all
        .filter(({ troubles }) =>
          trouble === null ? true : trouble === 'any' ? troubles.length > 0 : troubles.includes(trouble),
        )
        .filter(
          each =>
            each.userId.toLowerCase().includes(low) ||
            each.googleEmail.toLowerCase().startsWith(low) ||
            each.connectionId.startsWith(text ?? ''),
        )
        .sort(
          by(each => [
            each.status === 'disconnected',
            each.troubles.length === 0,
            each.userId,
            each.tenantId,
            each.connectionId,
          ]),
        )
      const counts = TROUBLES.map(kind => [kind, all.filter(each => each.troubles.includes(kind)).length] as const)
      return {
        rows: found.slice(offset, offset + limit),
        found: found.length,
        total: all.filter(each => each.status !== 'disconnected').length,
        troubled: all.filter(each => each.troubles.length > 0).length,
        counts: Object.fromEntries(counts.filter(([, count]) => count > 0)),
      }
    },
    healthOf: async (tenantId, connectionId, now) =>
      health(now).find(each => each.tenantId === tenantId && each.connectionId === connectionId) ?? null,
    tenants: async (text, limit) => {
      const low = text?.toLowerCase() ?? ''
      return view()
        .across('tenants')
        .filter(({ id, name }) => name.toLowerCase().includes(low) || id.toLowerCase().includes(low))
        .sort(by(each => [each.name, each.id]))
        .slice(0, limit)
        .map(({ id, name, createdAt }) => {
          const live = view()
            .of('connections', id)
            .filter(each => each.status !== 'disconnected')
          return { id, name, createdAt, connections: live.length, users: new Set(live.map(each => each.userId)).size }
        })
    },
    laneDepths: async ({ tenantId, connectionId }) => laneDepths(view(), tenantId, connectionId),
    stuckWrites: async (tenantId, connectionId, limit) => {
      const stuck = view()
        .of('outbox', tenantId)
        .filter(row => row.state !== 'queued' && (connectionId === null || row.connectionId === connectionId))
        .sort(by(row => [row.state, row.queuedAt, row.appointmentId]))
      return pairs(
        tenantId,
        stuck.slice(0, limit).map(row => row.appointmentId),
      )
    },
    parkedLinks: async (tenantId, connectionId, limit) =>
      view()
        .of('links', tenantId)
        .filter(link => link.connectionId === connectionId && link.role === 'parked')
        .sort(by(link => [link.calendarId, link.eventId]))
        .slice(0, limit),
    runsOf: async (tenantId, connectionId, limit) =>
      view()
        .of('runs', tenantId)
        .filter(run => run.connectionId === connectionId)
        .sort(by(run => [run.createdAt, run.id]))
        .toReversed()
        .slice(0, limit),
    linksOfEvent: async (tenantId, eventId, limit) =>
      view()
        .of('links', tenantId)
        .filter(link => link.eventId === eventId || link.iCalUID === eventId)
        .sort(by(link => [link.connectionId, link.calendarId, link.eventId]))
        .slice(0, limit),
    appointmentsTitled: async (tenantId, text, limit) => {
      const rows = view()
        .of('appointments', tenantId)
        .filter(({ appointment }) => appointment.title?.toLowerCase().includes(text.toLowerCase()))
        .sort(by(row => [-row.startAt, row.appointment.id]))
      return pairs(
        tenantId,
        rows.slice(0, limit).map(row => row.appointment.id),
      )
    },
    endpointsInTrouble: async (tenantId, limit) =>
      (tenantId === null ? view().across('webhookEndpoints') : view().of('webhookEndpoints', tenantId))
        .filter(
          each =>
            each.failingSince !== null ||
            each.failures > 0 ||
            (each.status === 'disabled' && each.disabledReason !== null && each.disabledReason !== 'request'),
        )
        .sort(by(each => [each.failingSince ?? Infinity, each.tenantId, each.id]))
        .slice(0, limit)
        .map(({ id, url, status, disabledReason, failingSince, failures, ...each }) => ({
          tenantId: each.tenantId,
          id,
          url,
          status,
          disabledReason,
          failingSince,
          failures,
        })),
    figures: async () => {
      const waiting = view()
        .across('webhookDeliveries')
        .filter(each => each.state === 'waiting')
      const live = view()
        .across('channels')
        .filter(each => each.state === 'live')
      return {
        lanes: laneDepths(view(), null, null),
        connections: counted(view().across('connections'), each => each.status).map(([status, count]) => ({
          status,
          count,
        })),
        channels: counted(
          view()
            .across('channels')
            .filter(each => each.state !== 'retired'),
          each => each.state,
        ).map(([state, count]) => ({ state, count })),
        longestSilentSince: least(live.map(each => Math.max(each.createdAt, each.lastNotifiedAt ?? each.createdAt))),
        endpoints: counted(view().across('webhookEndpoints'), each => each.status).map(([status, count]) => ({
          status,
          count,
        })),
        deliveriesWaiting: waiting.length,
        oldestDeliveryAt: least(waiting.map(each => each.createdAt)),
        openProposals: view()
          .across('proposals')
          .filter(each => each.state === 'open').length,
        openDuplicates: view()
          .across('duplicates')
          .filter(each => each.state === 'open').length,
        recoveringCalendars: view()
          .across('calendars')
          .filter(each => each.recoveringSince !== null && !each.isGone).length,
        orphans: view()
          .across('links')
          .filter(each => each.error?.code === 'orphan').length,
      }
    },
  }
}

const least = (values: readonly number[]): number | null => (values.length === 0 ? null : Math.min(...values))

function counted<T>(rows: readonly T[], key: (row: T) => string): [string, number][] {
  const groups = Map.groupBy(rows, key)
  return [...groups].map(([name, each]): [string, number] => [name, each.length]).sort(by(each => [each[0]]))
}

function laneDepths(view: View, tenantId: string | null, connectionId: string | null): LaneDepth[] {
  const rows = (tenantId === null ? view.across('outbox') : view.of('outbox', tenantId)).filter(
    row => connectionId === null || row.connectionId === connectionId,
  )
  return [...Map.groupBy(rows, row => `${row.lane}\0${row.state}`).values()]
    .map(group => {
      const [{ lane, state } = { lane: 'people', state: 'queued' } as const] = group
      return { lane, state, count: group.length, oldestAt: Math.min(...group.map(row => row.queuedAt)) }
    })
    .sort(by(row => [LANES.indexOf(row.lane), row.state]))
}

function factsOf(view: View, connection: Connection, now: number): ConnectionFacts {
  const { tenantId, id } = connection
  const mine = <T extends { connectionId: string | null }>(rows: readonly T[]): T[] =>
    rows.filter(row => row.connectionId === id)
  const waiting = mine(view.of('outbox', tenantId))
  const calendars = mine(view.of('calendars', tenantId))
  const inUse = calendars.filter(each => (each.isTarget || each.isSource || each.isConflict) && !each.isGone)
  const target = calendars.find(each => each.isTarget)
  const watched = new Set(
    mine(view.of('channels', tenantId))
      .filter(each => isWatching(each, now))
      .map(each => each.calendarId),
  )
  const queued = waiting.filter(row => row.state === 'queued')
  const pulls = calendars.flatMap(each => each.lastPulledAt ?? [])
  return {
    tenantId,
    connectionId: id,
    userId: connection.userId,
    googleEmail: connection.googleEmail,
    mode: connection.mode,
    status: connection.status,
    statusReason: connection.statusReason,
    missingScopes: connection.missingScopes,
    writesPausedUntil: connection.writesPausedUntil,
    lastPulledAt: pulls.length === 0 ? null : Math.max(...pulls),
    queued: queued.length,
    held: waiting.filter(row => row.state === 'held').length,
    failed: waiting.filter(row => row.state === 'failed').length,
    oldestQueuedAt: least(queued.map(row => row.queuedAt)),
    targetRole: target?.accessRole ?? null,
    isTargetGone: target?.isGone ?? false,
    unwatched: inUse.filter(each => !watched.has(each.id)).length,
    failing: inUse.filter(each => each.failures >= FAILURES_TELLING).length,
    unreadable: mine(view.of('links', tenantId)).filter(
      link => link.role === 'parked' && link.error?.code === 'unreadable',
    ).length,
    duplicates: mine(view.of('duplicates', tenantId)).filter(each => each.state === 'open').length,
    proposals: mine(view.of('proposals', tenantId)).filter(each => each.state === 'open').length,
  }
}
