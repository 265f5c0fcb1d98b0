const CALLS = ['events.list', 'events.insert', 'events.update', 'events.delete', 'events.get'] as const
const READS = ['events.list', 'events.get'] as const
const WRITES = ['events.insert', 'events.update', 'events.delete'] as const

/** Every way in which the world goes wrong here, by the name it is counted under; `docs/proof.md` says which fault of life each is. */
export type Fault =
  | { kind: 'refusal'; reason: string; of: string; retryAfterSeconds?: number }
  | { kind: 'cut-before' | 'cut-after'; of: string }
  | { kind: 'html' | 'truncated'; of: string }
  | { kind: 'slow'; of: string; ms: number }
  | { kind: 'short-page' | 'reversed-page' | 'lagging-list' }
  | { kind: 'dead-sync-token' | 'expired-access' | 'revoked-grant' }
  | { kind: 'pushes-lost' | 'pushes-doubled' | 'pushes-late' }
  | { kind: 'push-burst' | 'push-forged' | 'push-of-a-neighbour'; pick: number }
  | { kind: 'crash'; turns: number }
  | { kind: 'restart' | 'stall'; pick: number }
  | { kind: 'skew'; pick: number; ms: number }
  | { kind: 'adversary' | 'database-lost'; times: number }
  | { kind: 'role-lost' | 'role-back' | 'calendar-gone' | 'calendar-back' }
  | { kind: 'quota-exhausted' | 'quota-back' | 'unwatchable' }
  | { kind: 'everything-deleted' }
  | { kind: 'endpoint-down' | 'endpoint-slow' | 'endpoint-gone' | 'endpoint-back' }
  | { kind: 'time-leap'; hours: number }

export type FaultKind = string

/** A refusal is counted by its reason. */
export const nameOf = (fault: Fault): FaultKind => (fault.kind === 'refusal' ? fault.reason : fault.kind)

const PASSING = ['rateLimitExceeded', 'userRateLimitExceeded', 'backendError', 'internalError', 'conflict', 'authError']
const GRAVE = [
  'quotaExceeded',
  'dailyLimitExceeded',
  'accessNotConfigured',
  'forbidden',
  'forbiddenForNonOrganizer',
  'insufficientPermissions',
  'requiredAccessLevel',
  'notFound',
  'duplicate',
  'conditionNotMet',
  'fullSyncRequired',
  'deleted',
  'somethingNew',
]

const MAKERS: readonly ((whole: (below: number) => number, of: <T>(choices: readonly T[]) => T) => Fault)[] = [
  (_, of) => ({ kind: 'refusal', reason: of(PASSING), of: of(CALLS) }),
  (whole, of) => ({ kind: 'refusal', reason: of(PASSING), of: of(CALLS), retryAfterSeconds: 5 + whole(100) }),
  (_, of) => graveRefusal(of(GRAVE), of),
  (_, of) => graveRefusal(of(GRAVE), of),
  (_, of) => ({ kind: 'cut-before', of: of(CALLS) }),
  (_, of) => ({ kind: 'cut-after', of: of(CALLS) }),
  (_, of) => ({ kind: 'cut-after', of: of(WRITES) }),
  (_, of) => ({ kind: 'html', of: of(CALLS) }),
  (_, of) => ({ kind: 'truncated', of: of(CALLS) }),
  (whole, of) => ({ kind: 'slow', of: of(CALLS), ms: 1_000 + whole(25_000) }),
  (_, of) => ({ kind: of(['short-page', 'reversed-page', 'lagging-list']) }),
  (_, of) => ({ kind: of(['dead-sync-token', 'expired-access', 'revoked-grant', 'dead-sync-token']) }),
  (_, of) => ({ kind: of(['pushes-lost', 'pushes-doubled', 'pushes-late']) }),
  (whole, of) => ({ kind: of(['push-burst', 'push-forged', 'push-of-a-neighbour']), pick: whole(100) }),
  whole => ({ kind: 'crash', turns: whole(80) }),
  whole => ({ kind: 'crash', turns: whole(20) }),
  (whole, of) => ({ kind: of(['restart', 'stall', 'stall']), pick: whole(3) }),
  whole => ({ kind: 'skew', pick: whole(3), ms: (whole(180) - 90) * 1_000 }),
  (whole, of) => ({ kind: of(['adversary', 'database-lost']), times: 1 + whole(4) }),
  (_, of) => ({ kind: of(['role-lost', 'role-back', 'calendar-gone', 'calendar-back']) }),
  (_, of) => ({ kind: of(['quota-exhausted', 'quota-back', 'unwatchable']) }),
  (_, of) => ({ kind: of(['endpoint-down', 'endpoint-slow', 'endpoint-gone', 'endpoint-back']) }),
  (whole, of) =>
    of<() => Fault>([() => ({ kind: 'everything-deleted' }), () => ({ kind: 'time-leap', hours: 1 + whole(30) })])(),
]

/** A refusal where Google gives it. */
function graveRefusal(reason: string, of: <T>(choices: readonly T[]) => T): Fault {
  if (reason === 'fullSyncRequired') return { kind: 'refusal', reason, of: 'events.list' }
  if (reason === 'duplicate') return { kind: 'refusal', reason, of: 'events.insert' }
  if (reason === 'deleted') return { kind: 'refusal', reason, of: 'events.update' }
  if (reason === 'conditionNotMet') return { kind: 'refusal', reason, of: of(['events.delete', 'events.update']) }
  if (reason === 'notFound') return { kind: 'refusal', reason, of: of([...READS, 'events.update', 'events.delete']) }
  if (reason === 'quotaExceeded' || reason.startsWith('forbidden') || reason === 'requiredAccessLevel')
    return { kind: 'refusal', reason, of: of(WRITES) }
  return { kind: 'refusal', reason, of: of(CALLS) }
}

export function makeFault(random: () => number): Fault {
  const whole = (below: number): number => Math.floor(random() * below)
  const of = <T>(choices: readonly T[]): T => choices[whole(choices.length)] as T
  return of(MAKERS)(whole, of)
}

/** Every name under which a fault is counted; one that never struck fails a soak. */
export const FAULT_NAMES: readonly FaultKind[] = [
  ...PASSING,
  ...GRAVE,
  ...'cut-before cut-after html truncated slow short-page reversed-page lagging-list dead-sync-token expired-access'.split(
    ' ',
  ),
  ...'revoked-grant pushes-lost pushes-doubled pushes-late push-burst push-forged push-of-a-neighbour crash restart'.split(
    ' ',
  ),
  ...'stall skew adversary database-lost role-lost role-back calendar-gone calendar-back quota-exhausted'.split(' '),
  ...'quota-back unwatchable everything-deleted endpoint-down endpoint-slow endpoint-gone endpoint-back time-leap'.split(
    ' ',
  ),
]
