import { beforeEach, describe, expect, test } from 'vitest'
import { pauseConnection, resumeConnection } from '../../src/usecases/connections/pause-connection.ts'
import { planDeletions } from '../../src/usecases/connections/plan-deletions.ts'
import { DAY, HOUR, MINUTE } from '../support/builders.ts'
import { deskOf, must, refusal } from '../support/clinic-desk.ts'
import type { Connected, Engine } from '../support/engine.ts'
import { personAt } from '../support/person.ts'

const COUNT = 8
const GUARD = { deletionGuard: { count: 3, share: 0.5 } }
const hourOf = (index: number) => ({
  start: { dateTime: new Date(Date.parse('2026-12-02T14:00:00Z') + index * HOUR).toISOString() },
  end: { dateTime: new Date(Date.parse('2026-12-02T14:30:00Z') + index * HOUR).toISOString() },
})

/** A side that is suddenly empty is more likely an accident than a wish: nothing is cancelled before a person says so. */
export function guardScenario(newEngine: () => Promise<Engine>): void {
  let engine: Engine
  let connected: Connected
  let person: ReturnType<typeof personAt>
  let desk: ReturnType<typeof deskOf>

  const connection = () => engine.deps.store.connection(connected.tenantId, connected.connectionId)
  const statuses = async () =>
    [...(await desk.list('dr-lee', 'platform')), ...(await desk.list('dr-lee', 'google'))].map(
      each => each.appointment.status,
    )
  const cancelled = async (): Promise<number> => (await statuses()).filter(status => status === 'cancelled').length
  const resume = (deletions: 'accept' | 'restore' | null) => resumeConnection(engine.deps, { ...connected, deletions })
  const clear = async (howMany = Infinity): Promise<void> => {
    for (const event of (await person.events()).slice(0, howMany)) await person.remove(event.id)
  }

  beforeEach(async () => {
    engine = await newEngine()
    connected = await engine.connect({ policies: GUARD })
    person = personAt(engine, connected)
    desk = deskOf(engine)
    for (let index = 0; index < COUNT; index += 1) await desk.book(`apt_${index}`, hourOf(index))
    await person.insert({ summary: 'Dentist', ...hourOf(20) })
    await engine.settle()
  })

  describe('everything deleted at once', () => {
    beforeEach(async () => {
      await clear()
      await engine.settle()
    })

    test('holds the connection, cancels nothing and says so', async () => {
      await engine.advance(DAY)
      expect(await connection()).toMatchObject({ status: 'held', statusReason: expect.stringContaining('9 of 9') })
      expect(await cancelled()).toBe(0)
      const told = (await desk.changesSince(0)).filter(row => row.change?.type === 'connection.held')
      expect(told).toHaveLength(1)
    })

    test('shows what letting it go on would do, either way', async () => {
      const plan = async (deletions: 'accept' | 'restore') =>
        must(await planDeletions(engine.deps, { ...connected, deletions }))
      expect((await plan('accept')).counts).toEqual({ insert: 0, update: 0, delete: 0, local: 9 })
      expect((await plan('restore')).counts).toEqual({ insert: COUNT, update: 0, delete: 0, local: 1 })
      expect((await plan('restore')).google[0]).toMatchObject({ action: 'insert', summary: 'Follow-up, Jane Roe' })
    })

    test('does not go on without a choice', async () => {
      expect(refusal(await resume(null))).toMatchObject({ kind: 'conflict', slug: 'choice-needed' })
      expect((await connection())?.status).toBe('held')
    })

    test('accepted, cancels what is gone, and only that', async () => {
      await desk.book('apt_new', hourOf(30))
      must(await resume('accept'))
      await engine.advance(MINUTE)
      expect(await cancelled()).toBe(9)
      expect((await desk.read('apt_new'))?.appointment.status).toBe('confirmed')
      expect(await person.events()).toHaveLength(1)
      expect((await connection())?.status).toBe('active')
    })

    test('undone, writes ours again once each; what Google made comes back when it is restored there', async () => {
      must(await resume('restore'))
      await engine.advance(DAY)
      expect(await person.events()).toHaveLength(COUNT)
      expect(await cancelled()).toBe(1)
      expect((await desk.list('dr-lee', 'platform')).every(each => each.links.length === 1)).toBe(true)
    })

    test('what happens meanwhile is not lost: listings go on, writes wait', async () => {
      await person.insert({ summary: 'Meanwhile', ...hourOf(40) })
      await desk.book('apt_new', hourOf(30))
      await engine.advance(HOUR)
      expect((await desk.list('dr-lee', 'google')).map(each => each.appointment.title)).toContain('Meanwhile')
      expect((await person.events()).map(each => each.summary)).toEqual(['Meanwhile'])
      must(await resume('accept'))
      await engine.advance(MINUTE)
      expect(await person.events()).toHaveLength(2)
    })

    test('the same events put back in Google meanwhile are not cancelled after all', async () => {
      const gone = await desk.read('apt_0')
      await person.patch(gone?.links[0]?.eventId ?? '', { status: 'confirmed' })
      await engine.settle()
      must(await resume('accept'))
      await engine.advance(MINUTE)
      expect((await desk.read('apt_0'))?.appointment.status).toBe('confirmed')
      expect(await cancelled()).toBe(8)
    })

    test('a second time is judged anew', async () => {
      must(await resume('restore'))
      await engine.advance(HOUR)
      await clear()
      await engine.advance(HOUR)
      expect((await connection())?.status).toBe('held')
      expect(await cancelled()).toBe(1)
    })

    test('paused instead, it still asks when it goes on', async () => {
      must(await pauseConnection(engine.deps, connected))
      must(await resume(null))
      await engine.advance(HOUR)
      expect((await connection())?.status).toBe('held')
      expect(await cancelled()).toBe(0)
    })
  })

  test('a few deletions are no accident', async () => {
    await clear(3)
    await engine.advance(HOUR)
    expect(await cancelled()).toBe(3)
    expect((await connection())?.status).toBe('active')
  })

  test('a full list that suddenly comes back empty is asked about, event by event or by the guard', async () => {
    const { simulator } = engine
    const path = `calendars/${encodeURIComponent(connected.calendarId)}/kill-sync-tokens`
    simulator.handle({
      method: 'POST',
      path: `/_control/${path}`,
      query: new URLSearchParams(),
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
    const list = engine.deps.google.listEvents
    engine.deps.google.listEvents = async (who, request) => {
      const reply = await list(who, request)
      return reply.ok && request.syncToken === null ? { ...reply, value: { ...reply.value, events: [] } } : reply
    }
    await engine.advance(HOUR)
    expect((await connection())?.status).toBe('held')
    expect(await cancelled()).toBe(0)
    engine.deps.google.listEvents = list
    must(await resume('accept'))
    await engine.advance(HOUR)
    expect(await cancelled()).toBe(0)
    expect(await person.events()).toHaveLength(COUNT + 1)
  })
}
