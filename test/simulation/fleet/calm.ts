import type { Paired } from '../../../src/ports/store/appointments.ts'
import { effectivePolicies } from '../../../src/core/model/policies.ts'
import { resumeConnection } from '../../../src/usecases/connections/pause-connection.ts'
import { retryParked } from '../../../src/usecases/operations/retry-parked.ts'
import { HOUR, MINUTE } from '../../support/builders.ts'
import type { GoogleEvent } from '../../support/person.ts'
import { lostWrites } from '../ledger.ts'
import { compareOccurrences } from '../occurrences.ts'
import { comparePair } from './compare.ts'
import type { Member } from './cast.ts'
import { markOf } from './judge.ts'
import { reconnect } from './reconnect.ts'
import { ledgerOf, type Life } from './steps.ts'
import { control, setListed } from './trouble.ts'

const ROUND_MS = 30 * MINUTE
/** A day and an hour: the account’s list of calendars is read daily at least. */
const ROUNDS_MAX = 50
/** Ten polls. */
const IDLE_POLLS = 10

/** All trouble ends: what the world did is undone, and people do what only people can (connect again, answer the guard, ask once more). */
export async function calmDown(life: Life): Promise<void> {
  const { fleet, cast } = life
  const { simulator, world } = fleet
  for (const { rule, name } of life.laid)
    if (rule.remaining > 0) life.struck.set(name, (life.struck.get(name) ?? 1) - 1)
  control(simulator, 'DELETE', 'faults')
  control(simulator, 'POST', 'quotas')
  if (world.turns.spare()) life.struck.set('crash', (life.struck.get('crash') ?? 1) - 1)
  world.databaseFails.next = 0
  life.adversary.left = 0
  life.endpoint.mode = 'up'
  world.skewMs.fill(0)
  fleet.wakeAll()
  setListed(life, true)
  const [first] = cast.members
  if (first !== undefined)
    control(simulator, 'POST', `calendars/${encodeURIComponent(first.calendarId)}/role`, {
      email: first.email,
      role: 'owner',
    })
  if (world.knobs.isWatchable) for (const calendar of simulator.world.calendars.values()) calendar.isWatchable = true
  await fleet.advance(6 * MINUTE)
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    for (const member of cast.members) await help(life, member)
    await fleet.advance(ROUND_MS)
    if (await isSettled(life)) break
  }
  await fleet.advance(ROUND_MS)
}

/** What a person, or an operator who reads what is shown, does about it. */
async function help({ fleet }: Life, member: Member): Promise<void> {
  const { tenantId, connectionId } = member
  const { store } = fleet.world
  const connection = await store.connection(tenantId, connectionId)
  if (connection === null) return
  const { status, writesPausedUntil } = connection
  if (status === 'held')
    await fleet.request(tenantId, deps => resumeConnection(deps, { tenantId, connectionId, deletions: 'accept' }))
  if (status === 'paused') await fleet.request(tenantId, deps => resumeConnection(deps, { tenantId, connectionId }))
  const isResting = writesPausedUntil !== null && writesPausedUntil > fleet.clock.now + HOUR
  if (['needs_reauth', 'disconnected', 'pending'].includes(status) || isResting) await reconnect(fleet, member)
  const stuck = await store.stuckWrites(tenantId, connectionId, 1)
  if (stuck.length > 0)
    await fleet.request(tenantId, deps => retryParked(deps, { tenantId, connectionId, appointmentId: null }))
}

async function isSettled({ fleet, cast }: Life): Promise<boolean> {
  const { store } = fleet.world
  for (const { tenantId, connectionId, userId } of cast.members) {
    const connection = await store.connection(tenantId, connectionId)
    if (connection?.status !== 'active') return false
    if ((await store.countMissing(tenantId, connectionId)).missing > 0) return false
    const calendars = await store.calendarsOf(tenantId, connectionId)
    if (calendars.some(each => each.absentSince !== null || each.isGone)) return false
    if (calendars.some(each => (each.holdOffUntil ?? 0) > fleet.clock.now)) return false
    if ((await pairsOf(fleet, tenantId, userId)).some(pair => pair.outbox !== null)) return false
  }
  return true
}

const pairsOf = (fleet: Life['fleet'], tenantId: string, userId: string, isArchived = false): Promise<Paired[]> =>
  fleet.world.store.listAppointments(tenantId, {
    userId,
    from: null,
    to: null,
    origin: null,
    status: null,
    isArchived,
    after: null,
    limit: 10_000,
  })

/** With the trouble gone: L1, L5, S1, S2, S3, S12; then ten polls in which nothing may happen, S6. */
export async function judgeEnd(life: Life): Promise<void> {
  for (const member of life.cast.members) await judgeMember(life, member)
  await judgeTold(life)
  await judgeRest(life)
}

async function judgeMember(life: Life, member: Member): Promise<void> {
  const { fleet, court, cast } = life
  const { tenantId, connectionId, userId } = member
  const connection = await fleet.world.store.connection(tenantId, connectionId)
  if (connection?.status !== 'active')
    court.accuse('L5', `${userId} stays ${connection?.status}: ${connection?.statusReason}`)
  for (const calendar of await fleet.world.store.calendarsOf(tenantId, connectionId))
    if (calendar.isGone || calendar.absentSince !== null) court.accuse('L5', `${calendar.summary} stays gone`)
  const policies = effectivePolicies({}, connection?.policies ?? {})
  const pairs = await pairsOf(fleet, tenantId, userId)
  const all = [...pairs, ...(await pairsOf(fleet, tenantId, userId, true))] // an archived exception keeps its slot empty
  const events = await eventsOf(life, member)
  const known = new Set<string>()
  for (const pair of pairs) {
    if (pair.outbox !== null) court.accuse('L5', `${pair.appointment.id} still waits: ${JSON.stringify(pair.outbox)}`)
    for (const link of pair.links) {
      if (link.missing !== null) court.accuse('L5', `${pair.appointment.id} is still missing`)
      if (link.role !== 'parked') known.add(`${link.calendarId} ${link.eventId}`)
    }
    for (const text of comparePair(pair, events, policies, member)) court.accuse('L1', text)
  }
  for (const text of occursTwice(pairs)) court.accuse('S3', text)
  for (const place of cast.places.filter(each => each.calendarId === member.calendarId))
    for (const text of compareOccurrences(
      all.filter(pair => (pair.links[0]?.calendarId ?? place.calendarId) === place.calendarId),
      place.person,
    ))
      court.accuse(text.includes('second exception') ? 'S3' : 'L1', text)
  const standing = new Map([...events].map(([key, { event }]) => [key, event]))
  for (const text of lostWrites(ledgerOf(life, member), pairs, standing))
    court.accuse(
      /came back|against the platform/.test(text) ? 'S2' : /changed by us|taken away/.test(text) ? 'S4' : 'S1',
      text,
    )
  for (const [key, { event, isOdd }] of events) {
    if (known.has(key) || isOdd || isElsewhere(life, member, event) || isWordOnly(event, known, key)) continue
    if (event['recurrence'] !== undefined && !takesPlace(life, key)) continue
    court.accuse('L1', `Google's ${key} "${event.summary?.slice(0, 40)}" is not known to ${userId}`)
  }
}

export type Seen = { event: GoogleEvent; isOdd: boolean }

/** What stands in the calendars that are read for somebody, by calendar and id. */
async function eventsOf({ cast, fleet }: Life, member: Member): Promise<Map<string, Seen>> {
  const found = new Map<string, Seen>()
  for (const place of cast.places) {
    if (!member.read.includes(place.calendarId)) continue
    for (const event of await place.person.events()) {
      if (event.status === 'cancelled') continue
      const link = await fleet.world.store.linksIn(member.tenantId, member.connectionId, {
        calendarIds: [place.calendarId],
        role: 'parked',
        after: null,
        limit: 1_000,
      })
      found.set(`${place.calendarId} ${event.id}`, { event, isOdd: link.some(each => each.eventId === event.id) })
    }
  }
  return found
}

/** Its mark is another user's of the same tenant: nothing of it is taken in. */
function isElsewhere({ cast, fleet }: Life, member: Member, event: GoogleEvent): boolean {
  const mark = markOf(event)
  if (mark === undefined) return false
  const names = fleet.instances[0]?.deps.names
  return cast.members.some(
    (other, index) =>
      other !== member &&
      other.tenantId === member.tenantId &&
      names !== undefined &&
      Array.from({ length: 8 }, (_, number) => `apt_${number}`).some(
        (appointmentId, number) =>
          number % cast.members.length === index &&
          names.markerKey({ tenantId: other.tenantId, appointmentId }) === mark,
      ),
  )
}

/** An occurrence of a series of ours that was changed in masked words alone is left to Google. */
function isWordOnly(event: GoogleEvent, known: ReadonlySet<string>, key: string): boolean {
  const [calendarId] = key.split(' ')
  const isOurs = known.has(`${calendarId} ${String(event['recurringEventId'])}`)
  return isOurs && JSON.stringify(event['start']) === JSON.stringify(event['originalStartTime'])
}

/** A series moved past its own end takes place never, and a full list does not show it. */
function takesPlace({ cast, fleet }: Life, key: string): boolean {
  const [calendarId, id = ''] = key.split(' ')
  const place = cast.places.find(each => each.calendarId === calendarId)
  return place !== undefined && place.person.glance(id, fleet.clock.now + 800 * 24 * HOUR).length > 0
}

function occursTwice(pairs: readonly Paired[]): string[] {
  const seen = new Map<string, string>()
  return pairs.flatMap(({ appointment, links }) =>
    links.flatMap(link => {
      const key = `${link.calendarId} ${link.eventId}`
      const other = seen.get(key)
      seen.set(key, appointment.id)
      return other === undefined || other === appointment.id ? [] : [`${key} is ${other} and ${appointment.id}`]
    }),
  )
}

/** S12: every change since the endpoint was registered has arrived, unless it said that it wants nothing more. */
async function judgeTold({ fleet, court, cast, endpoint }: Life): Promise<void> {
  if (endpoint.wasGone || !fleet.world.knobs.isEndpointThere) return
  const { store } = fleet.world
  for (const tenantId of new Set(cast.members.map(each => each.tenantId))) {
    const [registered] = await store.webhookEndpoints(tenantId)
    if (registered === undefined || registered.status !== 'enabled') continue
    const arrived = endpoint.arrived.get(registered.url) ?? new Set()
    const waiting = await store.waitingDeliveries(tenantId, registered.id, 10_000)
    const first = Math.min(...arrived, ...waiting.map(each => each.seq))
    const isBehind = (row: { appointmentId: string | null; connectionId: string | null; seq: number }): boolean =>
      waiting.some(
        each =>
          each.seq <= row.seq && (each.appointmentId ?? each.connectionId) === (row.appointmentId ?? row.connectionId),
      )
    for (const row of await store.changes(tenantId, 0, 100_000))
      if (row.seq > first && !arrived.has(row.seq) && !isBehind(row))
        court.accuse('S12', `nobody was told of change ${row.seq}: ${row.rule}`)
  }
}

/** S6: once all is settled, ten polls write nothing anywhere and tell nobody. */
async function judgeRest({ fleet, court, cast }: Life): Promise<void> {
  const { store, knobs } = fleet.world
  const mark = fleet.simulator.world.requestLog.length
  const heads = new Map<string, number>()
  for (const { tenantId } of cast.members)
    heads.set(tenantId, (await store.changes(tenantId, 0, 100_000)).at(-1)?.seq ?? 0)
  await fleet.advance(IDLE_POLLS * knobs.pollIntervalMs)
  for (const entry of fleet.simulator.world.requestLog.slice(mark))
    if (entry.clientId === 'client' && /insert|update|patch|delete|move/.test(entry.kind))
      court.accuse('S6', `wrote while idle: ${entry.kind} ${entry.status} ${entry.eventId}`)
  for (const [tenantId, head] of heads)
    for (const row of await store.changes(tenantId, head, 100))
      court.accuse('S6', `changed while idle: ${row.rule} ${row.appointmentId ?? row.connectionId}`)
}
