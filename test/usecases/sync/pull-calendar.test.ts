import { expect, test, vi } from 'vitest'
import { mintAccessToken } from '../../../src/simulator/oauth.ts'
import { seedEvents } from '../../../src/simulator/testing.ts'
import { MINUTE, NOW } from '../../support/builders.ts'
import { createEngine, TENANT, type Engine } from '../../support/engine.ts'
import { createMemoryStore } from '../../support/memory-store.ts'

const DAY = 86_400_000
const at = (day: number, minutes = 0) => ({
  dateTime: new Date(NOW + day * DAY + minutes * MINUTE).toISOString(),
  timeZone: 'UTC',
})
const event = (day: number) => ({ summary: `Event ${day}`, start: at(day), end: at(day, 30) })

/** Events of two weeks, and a series of which one occurrence was moved. */
function fill(engine: Engine, calendarId: string): void {
  const { world } = engine.simulator
  const calendar = world.calendars.get(calendarId)
  if (calendar === undefined) throw new Error('no calendar')
  const series = { ...event(1), summary: 'Series', id: 'series0001', recurrence: ['RRULE:FREQ=DAILY;COUNT=6'] }
  const singles = Array.from({ length: 14 }, (_, day) => event(day + 1))
  const { ids } = seedEvents(world, calendar, [series, ...singles])
  expect(ids).toHaveLength(15)
  const scopes = ['https://www.googleapis.com/auth/calendar']
  const { token } = mintAccessToken(world, { account: calendar.dataOwner, clientId: 'person', scopes }, null)
  const slot = `${new Date(NOW + 3 * DAY).toISOString().replace(/[-:]|\.\d+/g, '')}`
  const answer = engine.simulator.handle({
    method: 'PATCH',
    path: `/calendar/v3/calendars/${encodeURIComponent(calendarId)}/events/series0001_${slot}`,
    query: new URLSearchParams(),
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ summary: 'Moved', start: at(3, 60), end: at(3, 90) }),
  })
  expect(answer.status).toBe(200)
}

/** What is stored after a first list in pages of so many events, and what was written of it as foreseen. */
async function firstList(pageSize: number) {
  const engine = createEngine(createMemoryStore)
  engine.deps.settings = { ...engine.deps.settings, pageSize }
  const { store } = engine.deps
  const prepare = vi.spyOn(store, 'prepare')
  const written = new Set<unknown>()
  const { transaction } = store
  store.transaction = (tenantId, work) =>
    transaction(tenantId, tx =>
      work({ ...tx, apply: (whose, changes) => (written.add(changes), tx.apply(whose, changes)) }),
    )
  await engine.connect({ before: calendarId => fill(engine, calendarId) })
  await engine.settle()
  const paired = await store.listAppointments(TENANT, {
    userId: null,
    from: null,
    to: null,
    origin: null,
    status: null,
    isArchived: false,
    after: null,
    limit: 500,
  })
  const told = await store.changes(TENANT, 0, 500)
  const titleOf = ({ change }: (typeof told)[number]): unknown => change?.data['title']
  const foreseen = prepare.mock.calls.map(([, changes]) => changes)
  return {
    stored: paired.map(({ appointment: { title, time, recurrence, originalStart }, links }) => ({
      title,
      time,
      recurrence,
      originalStart,
      hashes: links.map(link => link.contentHash),
    })),
    told: told.map(each => `${each.rule} ${String(titleOf(each))}`).sort(),
    foreseen: foreseen.length,
    writtenAsForeseen: foreseen.filter(changes => written.has(changes)).length,
    lists: engine.simulator.world.requestLog.filter(({ kind }) => kind === 'events.list').length,
  }
}

test('a first list comes to the same in one page and in many, of which the later ones are decided before their turn', async () => {
  const whole = await firstList(2_500)
  const cut = await firstList(4)
  expect(whole.stored).toHaveLength(16)
  expect(cut.stored).toEqual(whole.stored)
  expect(cut.told).toEqual(whole.told)
  expect(whole.foreseen).toBe(0)
  expect(cut.lists - whole.lists).toBe(3)
  expect(cut.foreseen).toBe(3)
  // The page with the moved occurrence of a series that an earlier page brought is decided in the light of that.
  expect(cut.writtenAsForeseen).toBe(2)
})
