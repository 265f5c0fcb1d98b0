import { expect, test } from 'vitest'
import { breakingCalendar } from '../../../src/adapters/worker/project-breaker.ts'
import { fail, succeed, type RemoteFailure } from '../../../src/core/model/failures.ts'
import type { GoogleCalendar } from '../../../src/ports/google-calendar.ts'
import { HOUR, MINUTE } from '../../support/builders.ts'

const EVENT = { calendarId: 'cal_1', eventId: 'event1' }
const who = (tenantId: string) => ({ tenantId, connectionId: 'con_1' })

/** A calendar that answers what it is told, and counts. */
function aBreaker() {
  const world = { now: 0, calls: 0, alarms: 0, failure: null as RemoteFailure | null }
  const answer = () => {
    world.calls += 1
    return Promise.resolve(world.failure === null ? succeed(null) : fail(world.failure))
  }
  const google = { deleteEvent: answer, watch: answer } as unknown as GoogleCalendar // what is asked of it here
  const quiet = () => undefined
  const log = { debug: quiet, info: quiet, warn: quiet, error: () => void (world.alarms += 1) }
  const projectOf = (tenantId: string) => Promise.resolve(tenantId === 'own' ? 'own' : 'shared')
  return { world, google: breakingCalendar(google, { system: { now: () => world.now }, log, projectOf }) }
}

test.each<RemoteFailure>([{ kind: 'project-broken', reason: 'accessNotConfigured' }, { kind: 'daily-limit' }])(
  '$kind: one call finds it out, one alarm says it, growing pauses try again',
  async failure => {
    const { world, google } = aBreaker()
    world.failure = failure
    for (let n = 0; n < 100; n += 1) expect(await google.deleteEvent(who(`t${n}`), EVENT, null)).toEqual(fail(failure))
    expect([world.calls, world.alarms]).toEqual([1, 1])
    for (; world.now < 2 * HOUR; world.now += MINUTE) await google.deleteEvent(who('t1'), EVENT, null)
    expect(world.calls).toBeLessThan(12)
    expect(world.alarms).toBe(1)
    world.failure = null
    world.now += HOUR
    expect((await google.deleteEvent(who('t1'), EVENT, null)).ok).toBe(true)
    expect((await google.deleteEvent(who('t2'), EVENT, null)).ok).toBe(true)
  },
)

test('a tenant with a Google project of its own is not touched by it', async () => {
  const { world, google } = aBreaker()
  world.failure = { kind: 'daily-limit' }
  await google.deleteEvent(who('t1'), EVENT, null)
  world.failure = null
  expect((await google.deleteEvent(who('own'), EVENT, null)).ok).toBe(true)
  expect((await google.deleteEvent(who('t2'), EVENT, null)).ok).toBe(false)
})

test('what is wrong with one call, or with the address of our own, breaks nothing', async () => {
  const { world, google } = aBreaker()
  world.failure = { kind: 'role-too-low' }
  await google.deleteEvent(who('t1'), EVENT, null)
  world.failure = { kind: 'project-broken', reason: 'webhookUrlNotHttps' }
  await google.watch(who('t1'), { id: 'c', calendarId: null, address: 'http://a', token: 't', ttlSeconds: 1 })
  world.failure = null
  expect((await google.deleteEvent(who('t1'), EVENT, null)).ok).toBe(true)
  expect(world.alarms).toBe(0)
})
