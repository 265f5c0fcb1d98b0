import { expect, test } from 'vitest'
import type { AppointmentResource } from '../../../src/core/model/resource.ts'
import type { WakeUp } from '../../../src/ports/jobs.ts'
import type { ChangeSet } from '../../../src/ports/store/appointments.ts'
import type { Store, Tx } from '../../../src/ports/store/store.ts'
import { cancelAppointment } from '../../../src/usecases/appointments/cancel-appointment.ts'
import { patchAppointment } from '../../../src/usecases/appointments/patch-appointment.ts'
import { putAppointment } from '../../../src/usecases/appointments/put-appointment.ts'
import { putBatch } from '../../../src/usecases/appointments/put-batch.ts'
import { aCalendar, aConnection, aLink, NOW } from '../../support/builders.ts'
import { createMemoryStore } from '../../support/memory-store.ts'

const TENANT = 'clinic'

/** A store with one tenant that counts what a transaction does. */
async function aWorld(options: { isConnected: boolean }) {
  const wakes: WakeUp[] = []
  const inner = createMemoryStore(more => void wakes.push(...more))
  await inner.transaction(TENANT, async tx => {
    const branding = { productName: null, logoUrl: null, colour: null }
    const settings = { branding, connectRoles: null, oauthClient: null, policies: {} }
    await tx.saveTenant({ id: TENANT, name: 'Clinic', settings, createdAt: NOW })
    if (!options.isConnected) return
    await tx.saveConnection(aConnection())
    await tx.saveCalendars([aCalendar({ isTarget: true })])
  })
  const applied: ChangeSet[] = []
  const statements: string[] = []
  const counting = (tx: Tx): Tx =>
    new Proxy(tx, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name)
        if (typeof member !== 'function') return member
        return (...args: unknown[]) => {
          statements.push(String(name))
          if (name === 'apply') applied.push(args[1] as ChangeSet)
          return member(...args)
        }
      },
    })
  const store: Store = { ...inner, transaction: (id, work) => inner.transaction(id, tx => work(counting(tx))) }
  const system = {
    now: () => NOW,
    random: () => 0,
    newId: () => 'id',
    newSecret: () => 's',
    sleep: async () => undefined,
  }
  const names = {
    eventId: () => 'e',
    markerKey: ({ appointmentId }: { appointmentId: string }) => `mark:${appointmentId}`,
    isOwnMark: () => false,
    channelToken: () => 't',
    isChannelToken: () => false,
    hash: (text: string) => text,
  }
  return { deps: { store, system, names }, store, wakes, applied, statements }
}

const body = (over: Record<string, unknown> = {}): Record<string, unknown> => ({
  userId: 'dr-lee',
  title: 'Jane Roe',
  start: { dateTime: '2026-12-01T09:00:00-05:00', timeZone: 'America/New_York' },
  end: { dateTime: '2026-12-01T09:30:00-05:00', timeZone: 'America/New_York' },
  ...over,
})

const put = (id: string, over: Record<string, unknown> = {}) =>
  ({ tenantId: TENANT, id, body: body(over), ifMatch: null, onConflict: 'allow' }) as const

test('a booking, its history, its place in the feed and its way to Google are one change set', async () => {
  const { deps, wakes, applied, store } = await aWorld({ isConnected: true })
  const written = await putAppointment(deps, put('a'))
  if (!written.ok) throw new Error(written.error.kind)
  expect(written.value.resource.google).toMatchObject({ state: 'pending', calendarId: 'cal_1' })
  expect(applied).toHaveLength(1)
  expect(applied[0]).toMatchObject({
    appointments: [{ id: 'a', version: 1, markerKey: 'mark:a' }],
    journal: [{ side: 'platform', action: 'created', change: { type: 'appointment.created', data: { version: 1 } } }],
    outbox: [{ appointmentId: 'a', lane: 'people', state: 'queued', calendarId: 'cal_1' }],
  })
  expect(wakes).toEqual([{ kind: 'flush', tenantId: TENANT, connectionId: 'con_1' }])
  const [item] = await store.changes(TENANT, 0, 10)
  expect((item?.change?.data as AppointmentResource).google.state).toBe('pending')
})

test('a user without a target gets no write to Google and wakes nobody', async () => {
  const { deps, wakes, applied } = await aWorld({ isConnected: false })
  const written = await putAppointment(deps, put('a'))
  expect(written.ok && written.value.resource.google.state).toBe('none')
  expect(applied[0]?.outbox).toEqual([])
  expect(wakes).toEqual([])
})

test('what says the same again applies nothing and wakes nobody', async () => {
  const { deps, wakes, applied } = await aWorld({ isConnected: true })
  await putAppointment(deps, put('a'))
  const again = await putAppointment(deps, put('a'))
  expect(again.ok && again.value.outcome).toBe('unchanged')
  expect(again.ok && again.value.resource.google.state).toBe('pending')
  expect([applied.length, wakes.length]).toEqual([1, 1])
})

test('what is refused applies nothing and wakes nobody', async () => {
  const { deps, wakes, applied } = await aWorld({ isConnected: true })
  const refused = await putAppointment(deps, put('a', { start: { date: 'never' } }))
  expect(refused.ok).toBe(false)
  expect([applied.length, wakes.length]).toEqual([0, 0])
})

test('booked and called off before Google heard of it: the write that waited is dropped', async () => {
  const { deps, store } = await aWorld({ isConnected: true })
  await putAppointment(deps, put('a'))
  const off = await cancelAppointment(deps, { tenantId: TENANT, id: 'a', reason: 'cancelled', ifMatch: null })
  expect(off.ok && off.value.resource.google).toMatchObject({ state: 'none', calendarId: null })
  expect((await store.appointment(TENANT, 'a'))?.outbox).toBeNull()
  const [, cancelled] = await store.changes(TENANT, 0, 10)
  expect((cancelled?.change?.data as AppointmentResource).google.state).toBe('none')
})

test('called off while its first write is under way: the write stays, so that its outcome is asked about', async () => {
  const { deps, store } = await aWorld({ isConnected: true })
  await putAppointment(deps, put('a'))
  const { outbox } = (await store.appointment(TENANT, 'a'))!
  const intent = { call: 'insert', eventId: 'e', version: 1, at: NOW, wrote: null, generation: 0 } as const
  await store.transaction(TENANT, tx => tx.apply(TENANT, { outbox: [{ ...outbox!, intent }] }))
  await cancelAppointment(deps, { tenantId: TENANT, id: 'a', reason: 'cancelled', ifMatch: null })
  expect((await store.appointment(TENANT, 'a'))?.outbox).toMatchObject({ intent })
})

test('called off after Google shows it: a write is queued that takes it away', async () => {
  const { deps, store } = await aWorld({ isConnected: true })
  await putAppointment(deps, put('a'))
  await store.transaction(TENANT, tx =>
    tx.apply(TENANT, {
      links: [aLink({ appointmentId: 'a' })],
      sent: [{ appointmentId: 'a', calendarId: 'cal_1' }],
    }),
  )
  const off = await cancelAppointment(deps, { tenantId: TENANT, id: 'a', reason: 'no_show', ifMatch: null })
  expect(off.ok && off.value.resource.google).toMatchObject({ state: 'pending', eventId: 'event1' })
})

test('a batch takes the same statements however large it is', async () => {
  const counts: number[] = []
  for (const size of [2, 200]) {
    const { deps, statements } = await aWorld({ isConnected: true })
    const items = Array.from({ length: size }, (_, index) => ({ id: `a${index}`, ...body() }))
    await putBatch(deps, { tenantId: TENANT, items, onConflict: 'allow' })
    counts.push(statements.length)
  }
  expect(counts[1]).toBe(counts[0])
  expect(counts[0]).toBeLessThanOrEqual(7) // one asks for events that a restore left without an appointment
})

test('a batch that looks for conflicts reads a user’s time once', async () => {
  const { deps, statements } = await aWorld({ isConnected: false })
  const items = Array.from({ length: 50 }, (_, index) => ({
    id: `a${index}`,
    ...body({
      start: { dateTime: `2026-12-01T09:${String(index).padStart(2, '0')}:00Z` },
      end: { dateTime: `2026-12-01T09:${String(index).padStart(2, '0')}:30Z` },
    }),
  }))
  const answered = await putBatch(deps, { tenantId: TENANT, items, onConflict: 'reject' })
  expect(answered.every(each => each.result.ok)).toBe(true)
  expect(statements.filter(each => each === 'listAppointments')).toHaveLength(1)
})

test('an exception is changed although the call does not name its series', async () => {
  const { deps } = await aWorld({ isConnected: false })
  await putAppointment(deps, put('weekly', { recurrence: ['RRULE:FREQ=WEEKLY;COUNT=3'] }))
  const slot = { dateTime: '2026-12-08T09:00:00-05:00' }
  await putAppointment(deps, put('one', { recurringId: 'weekly', originalStart: slot }))
  const input = { tenantId: TENANT, id: 'one', body: { title: 'x' }, ifMatch: null, onConflict: 'allow' } as const
  expect((await patchAppointment(deps, input)).ok).toBe(true)
})
