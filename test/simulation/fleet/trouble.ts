import type { Simulator } from '../../../src/simulator/testing.ts'
import { notify, resourceKey } from '../../../src/simulator/push.ts'
import { HOUR } from '../../support/builders.ts'
import { noteEdit, type Life } from './steps.ts'
import { nameOf, type Fault } from './faults.ts'

export function control(simulator: Simulator, method: string, path: string, body: object = {}): void {
  const answer = simulator.handle({
    method,
    path: `/_control/${path}`,
    query: new URLSearchParams(),
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (answer.status >= 400) throw new Error(`control ${path}: ${answer.status} ${answer.body}`)
}

/** Lets it happen, or lies in wait for the call that it is to strike. */
export async function cause(life: Life, fault: Fault): Promise<void> {
  const { fleet, cast } = life
  const { simulator, world } = fleet
  const [first] = cast.members
  if (first === undefined) return
  const calendar = simulator.world.calendars.get(first.calendarId)
  const rule = (of: string, effect: object): void => {
    control(simulator, 'POST', 'faults', { match: { kind: of }, times: 1, ...effect })
    const laid = simulator.faults.rules.at(-1)
    if (laid !== undefined) life.laid.push({ rule: laid, name: nameOf(fault) })
  }
  const struck = (): void => void life.struck.set(nameOf(fault), (life.struck.get(nameOf(fault)) ?? 0) + 1)
  const push = (trouble: object): void => control(simulator, 'POST', 'notifications', trouble)
  const inPath = encodeURIComponent(first.calendarId)
  struck()
  switch (fault.kind) {
    case 'refusal': {
      const { reason, retryAfterSeconds } = fault
      const known = reason === 'somethingNew' ? { status: 400 } : {}
      return rule(fault.of, { reason, ...known, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) })
    }
    case 'cut-before':
    case 'cut-after':
      return rule(fault.of, { cut: fault.kind === 'cut-before' ? 'before' : 'after' })
    case 'html':
      return rule(fault.of, { html: 502 })
    case 'truncated':
      return rule(fault.of, { truncateBytes: 40 })
    case 'slow':
      return rule(fault.of, { slowMs: fault.ms })
    case 'short-page':
      return rule('events.list', { shortPage: 1 })
    case 'reversed-page':
      return rule('events.list', { reverse: true })
    case 'lagging-list':
      return rule('events.list', { lagMs: 5_000 })
    case 'dead-sync-token':
      return control(simulator, 'POST', `calendars/${inPath}/kill-sync-tokens`)
    case 'expired-access':
      return control(simulator, 'POST', `accounts/${encodeURIComponent(first.email)}/expire-tokens`)
    case 'revoked-grant':
      return control(simulator, 'POST', `accounts/${encodeURIComponent(first.email)}/revoke`, { clientId: 'client' })
    case 'pushes-lost':
      return push({ dropShare: 1 })
    case 'pushes-doubled':
      return push({ doubleShare: 1, dropShare: 0 })
    case 'pushes-late':
      return push({ lateMs: HOUR, dropShare: 0.2 })
    case 'push-burst':
    case 'push-forged':
    case 'push-of-a-neighbour':
      return sendPushes(life, fault)
    case 'crash':
      return world.turns.dieAfter(fault.turns)
    case 'restart':
      return fleet.crash(fault.pick % fleet.instances.length)
    case 'stall':
      return fleet.stall(fault.pick % fleet.instances.length)
    case 'skew':
      world.isDisturbed = true
      world.skewMs[fault.pick % fleet.instances.length] = fault.ms
      return
    case 'adversary':
      life.adversary.left = fault.times
      return
    case 'database-lost':
      world.isDisturbed = true
      world.databaseFails.next = fault.times
      return
    case 'role-lost':
    case 'role-back': {
      const role = fault.kind === 'role-lost' ? 'reader' : 'owner'
      return control(simulator, 'POST', `calendars/${inPath}/role`, { email: first.email, role })
    }
    case 'calendar-gone':
    case 'calendar-back':
      return setListed(life, fault.kind === 'calendar-back')
    case 'quota-exhausted':
      return control(simulator, 'POST', 'quotas', { userPerMinute: 2 })
    case 'quota-back':
      return control(simulator, 'POST', 'quotas', {})
    case 'unwatchable':
      if (calendar !== undefined) calendar.isWatchable = false
      return
    case 'everything-deleted':
      return deleteAll(life)
    case 'endpoint-down':
    case 'endpoint-slow':
    case 'endpoint-gone':
    case 'endpoint-back': {
      const mode = fault.kind.slice('endpoint-'.length)
      life.endpoint.mode = mode === 'back' ? 'up' : (mode as Life['endpoint']['mode'])
      return
    }
    case 'time-leap':
      return fleet.advance(fault.hours * HOUR)
  }
}

/** Somebody takes the first one's calendar away, or gives it back. */
export function setListed({ fleet, cast }: Life, isListed: boolean): void {
  const [first] = cast.members
  const { world } = fleet.simulator
  const calendar = world.calendars.get(first?.calendarId ?? '')
  if (first === undefined || calendar === undefined) return
  calendar.isDeleted = !isListed
  for (const account of world.accounts.values()) {
    const entry = account.entries.get(first.calendarId)
    if (entry !== undefined) entry.isDeleted = !isListed
    notify(
      world,
      { post: (_url, headers) => fleet.post(headers), fateOf: () => NO_FATE },
      resourceKey.calendarList(account.email),
    )
  }
}

const NO_FATE = { isDropped: false, copies: 1, extraDelayMs: 0 }

async function deleteAll(life: Life): Promise<void> {
  const [place] = life.cast.places
  if (place === undefined || life.fleet.simulator.world.calendars.get(place.calendarId)?.isDeleted === true) return
  for (const event of await place.person.events()) {
    if (event.status === 'cancelled' || event['recurringEventId'] !== undefined) continue
    await place.person.remove(event.id)
    noteEdit(life, place, { ...event, status: 'cancelled' }, 'all')
  }
}

const BURST = 20

async function sendPushes(life: Life, fault: Extract<Fault, { pick: number }>): Promise<void> {
  const { fleet, court } = life
  const channels = [...fleet.simulator.world.channels.values()].filter(each => !each.isStopped)
  const channel = channels[fault.pick % Math.max(1, channels.length)]
  if (channel === undefined) return
  const token = {
    'push-forged': 'forged',
    'push-of-a-neighbour': channels.find(each => each !== channel)?.token ?? 'none',
  }
  const headers = {
    'x-goog-channel-id': channel.id,
    'x-goog-channel-token':
      fault.kind === 'push-burst' ? (channel.token ?? '') : (token[fault.kind as keyof typeof token] ?? ''),
    'x-goog-resource-id': channel.resourceId,
    'x-goog-resource-state': 'exists',
  }
  if (fault.kind === 'push-burst') {
    for (let copy = 0; copy < BURST; copy += 1) void fleet.post(headers)
    return
  }
  const waiting = fleet.world.queue.keys().length
  const status = await fleet.request(null, () => fleet.post(headers))
  const isWoken = fleet.world.queue.keys().length > waiting
  if (status === 204 && isWoken) court.accuse('S7', `a ${fault.kind} was believed`)
}
