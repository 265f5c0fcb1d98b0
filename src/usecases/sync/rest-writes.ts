import type { Connection } from '../../core/model/connection.ts'
import { retryDelayMs } from '../../core/pacing/retry.ts'
import type { WriteReaction } from '../../core/sync/reaction.ts'
import type { Tx } from '../../ports/store/store.ts'
import { changeConnection } from '../connections/connection-change.ts'
import type { Deps } from '../deps.ts'

type Rest = Extract<WriteReaction, { do: 'rest' }>

/**
 * Every write of the account rests: one that was refused says how the others would fare. The pauses grow while each one ends in another
 * refusal; Google's own word is never shortened. Reading goes on.
 */
export async function restWrites(deps: Pick<Deps, 'system'>, tx: Tx, of: Connection, rest: Rest): Promise<void> {
  const connection = await tx.connection(of.tenantId, of.id)
  if (connection === null) return
  const now = deps.system.now()
  const writeRefusals = connection.writeRefusals + 1
  const writesPausedUntil = now + retryDelayMs(writeRefusals, rest.retryAfterMs, deps.system.random)
  const next: Connection = { ...connection, writeRefusals, writesPausedUntil }
  if (rest.told === null || connection.statusReason === rest.told) return tx.saveConnection(next)
  await changeConnection(
    tx,
    connection,
    { ...next, statusReason: rest.told },
    {
      at: now,
      side: 'google',
      action: 'rested',
      rule: 'account-rests',
      reason: 'Google refuses writes of this account for now: its usage limit is reached. They are made later.',
      type: 'connection.active',
    },
  )
}

/** A write went through: what was refused before counts no more. */
export async function endRest(
  { store, system }: Pick<Deps, 'store' | 'system'>,
  { tenantId, id }: Connection,
): Promise<void> {
  await store.transaction(tenantId, async tx => {
    const connection = await tx.connection(tenantId, id)
    if (connection === null || connection.writeRefusals === 0) return
    const next: Connection = { ...connection, writeRefusals: 0, writesPausedUntil: null }
    if (connection.statusReason !== USAGE_LIMIT) return tx.saveConnection(next)
    await changeConnection(
      tx,
      connection,
      { ...next, statusReason: null },
      {
        at: system.now(),
        side: 'google',
        action: 'resumed',
        rule: 'account-rests',
        reason: 'Google takes writes of this account again.',
        type: 'connection.active',
      },
    )
  })
}
const USAGE_LIMIT = 'google_usage_limit'
