import { hasCalendars } from '../../core/model/connection-resource.ts'
import type { GoogleEventsChoice } from '../../core/model/connection-status.ts'
import type { Connection } from '../../core/model/connection.ts'
import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import type { Instant } from '../../core/model/time.ts'
import type { Tx } from '../../ports/store/store.ts'
import type { Deps } from '../deps.ts'
import { openRun } from '../runs/open-run.ts'
import { restCalendars } from '../runs/rest-calendars.ts'
import { changeConnection } from './connection-change.ts'
import { notFrom } from './pause-connection.ts'

type Input = { tenantId: string; connectionId: string; googleEvents: GoogleEventsChoice }

/** Missing links are settled a hundred at a time: more than a few hundred are never open at once. */
const MISSING_MAX = 10_000

/**
 * Starts over: every pair, channel and sync token is forgotten and the first sync runs again. `keep` pairs our events with their
 * appointments again by their mark; `remove` deletes them first and writes them anew. Until that is done the connection is `pending`.
 */
export async function resetConnection(
  { store, system }: Pick<Deps, 'store' | 'system'>,
  { tenantId, connectionId, googleEvents }: Input,
): Promise<Result<{ runId: string }, DomainError>> {
  return store.transaction(tenantId, async tx => {
    const ready = await readResettable(tx, { tenantId, connectionId })
    if (!ready.ok) return ready
    const now = system.now()
    await quieten(tx, ready.value, now)
    await changeConnection(
      tx,
      ready.value,
      { ...ready.value, status: 'pending', statusReason: 'starting_over' },
      {
        at: now,
        side: 'platform',
        action: 'reset',
        rule: 'reset',
        reason: 'The connection was to start over.',
        type: null,
      },
    )
    const phase = googleEvents === 'remove' ? 'removing' : 'forgetting'
    const id = `run_${system.newId()}`
    return succeed({ runId: (await openRun(tx, { tenantId, connectionId, id, kind: 'reset', now, phase })).id })
  })
}

export async function readResettable(
  reads: Pick<Tx, 'connection' | 'calendarsOf'>,
  { tenantId, connectionId }: { tenantId: string; connectionId: string },
): Promise<Result<Connection, DomainError>> {
  const connection = await reads.connection(tenantId, connectionId)
  if (connection === null) return fail({ kind: 'not-found' })
  const calendars = await reads.calendarsOf(tenantId, connectionId)
  const isResettable = connection.status === 'active' || connection.status === 'held' || connection.status === 'pending'
  if (!isResettable || !hasCalendars(calendars)) return fail(notFrom(connection.status, 'reset'))
  return succeed(connection)
}

/**
 * Nothing is read, nothing asked about and no notification heeded until the pairs are forgotten: what we delete ourselves must never be
 * taken for a person's deletion. The tokens go at once, so that no listing under way can store what it reads.
 */
async function quieten(tx: Tx, { tenantId, id: connectionId }: Connection, now: Instant): Promise<void> {
  const calendars = await tx.calendarsOf(tenantId, connectionId)
  await tx.saveCalendars(
    calendars.map(each => ({ ...each, cursor: { ...each.cursor, syncToken: null, pageToken: null }, failures: 0 })),
  )
  await restCalendars(
    tx,
    { tenantId, connectionId },
    calendars.map(each => each.id),
    now,
  )
  const missing = await tx.missingLinks(tenantId, connectionId, MISSING_MAX)
  await tx.apply(tenantId, { links: missing.map(link => ({ ...link, missing: null })) })
  const channels = (await tx.channelsOf(tenantId, connectionId)).filter(
    channel => channel.state === 'live' || channel.state === 'opening',
  )
  for (const channel of channels) await tx.saveChannel({ ...channel, state: 'stopping', dueAt: now })
}
