import type { DomainError } from '../../core/model/failures.ts'
import type { Connection } from '../../core/model/connection.ts'
import { hasCalendars } from '../../core/model/connection-resource.ts'
import type { Reads, Tx } from '../../ports/store/store.ts'

type WhichUser = { tenantId: string; userId: string }

/** Why a two-way connection of this user may not begin: whoever reads the feed too would see every appointment twice. */
export async function feedInTheWay(reads: Reads, { tenantId, userId }: WhichUser): Promise<DomainError | null> {
  if ((await reads.feedOf(tenantId, userId)) === null) return null
  const detail =
    'The user has a calendar feed, which would show every appointment twice; retire it, or say replaceFeed.'
  return { kind: 'conflict', slug: 'feed-active', detail }
}

/** Why a feed of this user may not begin: a two-way connection whose calendars are chosen. */
export async function connectionInTheWay(reads: Reads, { tenantId, userId }: WhichUser): Promise<DomainError | null> {
  for (const connection of await reads.connectionsOfUser(tenantId, userId))
    if (isTwoWay(connection) && hasCalendars(await reads.calendarsOf(tenantId, connection.id)))
      return {
        kind: 'conflict',
        slug: 'two-way-active',
        detail: `Connection ${connection.id} syncs both ways and a feed would show every appointment twice.`,
      }
  return null
}

const isTwoWay = ({ mode, status }: Connection): boolean => mode === 'two_way' && status !== 'disconnected'

/** For two-way sync, when the caller said so. */
export async function retireFeedOf(tx: Tx, { tenantId, userId }: WhichUser): Promise<void> {
  if ((await tx.feedOf(tenantId, userId)) !== null) await tx.eraseFeed(tenantId, userId)
}
