import { expect, test } from 'vitest'
import { LIST_PARAMETERS } from '../../src/adapters/google/calendar.ts'
import { addCalendar } from '../../src/simulator/testing.ts'
import { patchAppointment } from '../../src/usecases/appointments/patch-appointment.ts'
import { aCalendar, HOUR, MINUTE } from '../support/builders.ts'
import { createEngine, seeded, type Connected, type Engine } from '../support/engine.ts'
import { createMemoryStore } from '../support/memory-store.ts'
import { personAt } from '../support/person.ts'
import { onStage, time } from '../support/stage.ts'
import { control, inPath } from '../support/trouble.ts'

/** `A_DAY=500` lives the day with so many calendars; fewer are enough to find out whether it still holds. */
const CALENDARS = Number(process.env['A_DAY'] ?? 25)
const PER_USER = 5
const POLL = 15 * MINUTE
const SEED = 20_261_130
/** How late the schedule may notice, and a list may take its turn behind others. */
const NOTICE = 2 * MINUTE
const HOURS = 24

type User = Connected & { calendars: string[] }

/** A user with five calendars: one is written to and read, the others are read. */
async function aUser(engine: Engine, n: number): Promise<User> {
  const stage = onStage(engine)
  await stage.start({ userId: `user-${n}` })
  const { connected } = stage
  const owner = engine.simulator.world.accounts.get(connected.email)!
  const more = Array.from({ length: PER_USER - 1 }, (_, i) =>
    addCalendar(engine.simulator.world, { owner, summary: `More ${i}` }),
  )
  const unread = { syncToken: null, pageToken: null, generation: 0, parameters: LIST_PARAMETERS, listedFrom: null }
  const { tenantId, connectionId } = connected
  const use = { isTarget: false, isSource: true, isPrimary: false, cursor: unread, nextPollAt: engine.clock.now }
  const rows = more.map(({ id }) => aCalendar({ tenantId, connectionId, id, ...use }))
  await engine.deps.store.transaction(tenantId, tx => tx.saveCalendars(rows))
  await engine.deps.jobs.wake([{ kind: 'refresh-calendars', tenantId, connectionId }])
  await stage.book(`apt_${n}`, time(20))
  return { ...connected, calendars: [connected.calendarId, ...more.map(each => each.id)] }
}

/** How long each calendar went without a list that Google answered. */
function watchStaleness(engine: Engine): { worstMs: () => number; look: () => void } {
  const last = new Map<string, number>()
  let seen = engine.simulator.world.requestLog.length
  let worst = 0
  return {
    worstMs: () => worst,
    look: () => {
      const log = engine.simulator.world.requestLog
      for (; seen < log.length; seen += 1) {
        const { kind, status, calendarId, at, clientId } = log[seen]!
        if (kind !== 'events.list' || status !== 200 || calendarId === null || clientId !== 'client') continue
        worst = Math.max(worst, Date.parse(at) - (last.get(calendarId) ?? Date.parse(at)))
        last.set(calendarId, Date.parse(at))
      }
      for (const at of last.values()) worst = Math.max(worst, engine.clock.now - at)
    },
  }
}

test(
  `a day of ${CALENDARS} calendars (seed ${SEED}): none is ever staler than its interval, few requests a change`,
  { timeout: 600_000 },
  async () => {
    const engine = createEngine(wake => createMemoryStore(wake), SEED, MINUTE)
    const random = seeded(SEED)
    engine.deps.settings = { ...engine.deps.settings, channelTtlSeconds: (8 * HOUR) / 1000 }
    const users: User[] = []
    for (let n = 0; n < CALENDARS / PER_USER; n += 1) users.push(await aUser(engine, n))
    await engine.advance(20 * MINUTE)
    control(engine, 'POST', 'notifications', { dropShare: 0.1 })
    const staleness = watchStaleness(engine)
    const mark = engine.simulator.world.requestLog.length
    const deaths = users
      .flatMap(user => user.calendars.flatMap(id => [id, id]))
      .map(id => ({ id, minute: Math.floor(random() * HOURS * 60) }))
    let changes = 0
    for (let minute = 0; minute < HOURS * 60; minute += 1) {
      for (const { id } of deaths.filter(each => each.minute === minute))
        control(engine, 'POST', `calendars/${inPath(id)}/kill-sync-tokens`)
      for (const user of users) {
        if (random() > 0.12) continue
        changes += 1
        await change(engine, user, random, changes)
      }
      await engine.advance(MINUTE)
      staleness.look()
    }
    const asked = engine.simulator.world.requestLog.slice(mark).filter(each => each.clientId === 'client')
    const polls = (CALENDARS * HOURS * HOUR) / POLL
    control(engine, 'DELETE', 'faults')
    await engine.advance(HOUR)
    expect(changes).toBeGreaterThan(100)
    expect(asked.filter(each => each.status === 410)).not.toEqual([])
    expect(asked.filter(each => each.status === 410).length).toBeLessThanOrEqual(deaths.length)
    expect(staleness.worstMs()).toBeLessThanOrEqual(POLL + NOTICE)
    expect((asked.length - polls) / changes).toBeLessThan(3)
    for (const user of users) await agree(engine, user)
  },
)

/** Half the changes are made here, half in Google, in any of the user's calendars. */
async function change(engine: Engine, user: User, random: () => number, n: number): Promise<void> {
  if (random() < 0.5) {
    const body = { title: `Title ${n}` }
    const id = `apt_${user.userId.slice(5)}`
    await patchAppointment(engine.deps, { tenantId: user.tenantId, id, body, ifMatch: null, onConflict: 'allow' })
    return
  }
  const calendarId = user.calendars[Math.floor(random() * user.calendars.length)] ?? user.calendarId
  await personAt(engine, { email: user.email, calendarId }).insert({ summary: `Event ${n}`, ...time(14 + (n % 8)) })
}

async function agree(engine: Engine, user: User): Promise<void> {
  const inGoogle: string[] = []
  for (const calendarId of user.calendars)
    inGoogle.push(
      ...(await personAt(engine, { email: user.email, calendarId }).events()).map(each => each.summary ?? ''),
    )
  const all = { from: null, to: null, origin: null, status: null, isArchived: false, after: null, limit: 10_000 }
  const here = await engine.deps.store.listAppointments(user.tenantId, { ...all, userId: user.userId })
  expect(here.map(({ appointment }) => appointment.title).toSorted()).toEqual(inGoogle.toSorted())
}
