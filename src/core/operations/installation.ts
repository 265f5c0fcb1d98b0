/** Which database this is, as any role can read it. What a server does not tell is null, and says nothing. */
export type DatabaseFingerprint = {
  systemIdentifier: string | null
  timeline: number | null
  databaseOid: number | null
  /** Of a table of ours: another one in a database that was loaded from a dump. */
  tableOid: number | null
}

export type Installation = { instanceId: string | null; fingerprint: DatabaseFingerprint }

/**
 * What a starting service finds. `new`: nobody was here before. `same`: all as it was left. `restored`: the same installation's database,
 * but restored from a backup, moved, or failed over; it may have gone back in time. `foreign`: it belongs to another installation: a clone.
 */
export type Arrival = 'new' | 'same' | 'restored' | 'foreign'

/** @param instanceId the name that this service was given; null: none. A database that has a name wants to be called by it. */
export function decideArrival(
  stored: Installation | null,
  present: DatabaseFingerprint,
  instanceId: string | null,
): Arrival {
  if (stored === null) return 'new'
  if (stored.instanceId !== null && stored.instanceId !== instanceId) return 'foreign'
  return isSame(stored.fingerprint, present) ? 'same' : 'restored'
}

const PARTS = ['systemIdentifier', 'timeline', 'databaseOid', 'tableOid'] as const

function isSame(was: DatabaseFingerprint, is: DatabaseFingerprint): boolean {
  return PARTS.every(part => was[part] === null || is[part] === null || was[part] === is[part])
}
