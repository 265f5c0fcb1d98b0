import { beforeEach, describe, expect, test } from 'vitest'
import { putAppointment } from '../../src/usecases/appointments/put-appointment.ts'
import { cancelAppointment } from '../../src/usecases/appointments/cancel-appointment.ts'
import { DAY, HOUR, MINUTE } from '../support/builders.ts'
import type { Connected, Engine } from '../support/engine.ts'
import { markRequests, personAt } from '../support/person.ts'
import { always, cause, countCalls, endTrouble } from '../support/trouble.ts'

/** What a refusal is called by Google, and as what it comes. */
type Reason = { reason: string; status: number; domain?: string; message?: string }

const BODY = {
  userId: 'dr-lee',
  title: 'Follow-up, Jane Roe',
  start: { dateTime: '2026-12-01T09:00:00-05:00', timeZone: 'America/New_York' },
  end: { dateTime: '2026-12-01T09:30:00-05:00', timeZone: 'America/New_York' },
}

/** Refusals of one write that say nothing about any other: parked with their reason, asked once, never again without cause. */
const PARKED: Reason[] = [
  { reason: 'invalid', status: 400, message: 'Invalid start time.' },
  { reason: 'badRequest', status: 400 },
  { reason: 'parseError', status: 400 },
  { reason: 'required', status: 400, message: 'Missing end time.' },
  { reason: 'timeRangeEmpty', status: 400, domain: 'calendar' },
  { reason: 'timeRangeTooLong', status: 400, domain: 'calendar' },
  { reason: 'eventTypeRestriction', status: 400, domain: 'calendar' },
  { reason: 'eventTypeRestriction', status: 403, domain: 'calendar' },
  { reason: 'malformedWorkingLocationEvent', status: 400, domain: 'calendar' },
  { reason: 'cannotChangeOrganizer', status: 403, domain: 'calendar' },
  { reason: 'cannotChangeOrganizerOfInstance', status: 403, domain: 'calendar' },
  { reason: 'participantIsNeitherOrganizerNorAttendee', status: 400, domain: 'calendar' },
  { reason: 'eventDurationExceedsLimit', status: 400, domain: 'calendar' },
  { reason: 'forbiddenForNonOrganizer', status: 403, domain: 'calendar' },
  { reason: 'forbiddenForNonCreator', status: 403, domain: 'calendar' },
  { reason: 'notACalendarUser', status: 403 },
  { reason: 'somethingNobodyHasSeenYet', status: 403 },
]

/** Refusals that pass: the write is made in the end, in at most `calls` requests. */
const PASSING: (Reason & { calls: number; withinMs: number })[] = [
  { reason: 'authError', status: 401, calls: 2, withinMs: 0 },
  { reason: 'required', status: 401, calls: 2, withinMs: 0, message: 'Login Required.' },
  { reason: 'userRateLimitExceeded', status: 403, domain: 'usageLimits', calls: 2, withinMs: MINUTE },
  { reason: 'rateLimitExceeded', status: 403, domain: 'usageLimits', calls: 2, withinMs: MINUTE },
  { reason: 'rateLimitExceeded', status: 429, domain: 'usageLimits', calls: 2, withinMs: MINUTE },
  { reason: 'dailyLimitExceeded', status: 403, domain: 'usageLimits', calls: 2, withinMs: 2 * HOUR },
  { reason: 'variableTermLimitExceeded', status: 403, domain: 'usageLimits', calls: 2, withinMs: 2 * HOUR },
  { reason: 'accessNotConfigured', status: 403, domain: 'usageLimits', calls: 2, withinMs: 30 * MINUTE },
  { reason: 'conflict', status: 409, calls: 2, withinMs: 2 * MINUTE },
  { reason: 'duplicate', status: 409, calls: 2, withinMs: 0 },
  { reason: 'backendError', status: 500, calls: 2, withinMs: 2 * MINUTE },
  { reason: 'backendError', status: 503, calls: 2, withinMs: 2 * MINUTE },
  { reason: 'internalError', status: 502, calls: 2, withinMs: 2 * MINUTE },
  { reason: 'notFound', status: 404, calls: 2, withinMs: 2 * MINUTE },
]

/** Each line of the table of Google's refusals, from Google's answer to what a user has of it. */
export function googleFailuresScenario(newEngine: () => Promise<Engine>): void {
  let engine: Engine
  let connected: Connected
  let mark: number

  const book = (id = 'apt_1', more: object = {}) =>
    putAppointment(engine.deps, {
      tenantId: connected.tenantId,
      id,
      body: { ...BODY, ...more },
      ifMatch: null,
      onConflict: 'allow',
    })
  const outbox = async (id = 'apt_1') => (await engine.deps.store.appointment(connected.tenantId, id))?.outbox ?? null
  const connection = () => engine.deps.store.connection(connected.tenantId, connected.connectionId)
  const titles = async () => (await personAt(engine, connected).events()).map(each => each.summary)
  const calls = (kind: string): number => countCalls(engine, mark, `events.${kind}`)
  const told = async (): Promise<string[]> =>
    (await engine.deps.store.changes(connected.tenantId, 0, 1_000)).flatMap(row => row.change?.type ?? [])

  beforeEach(async () => {
    engine = await newEngine()
    connected = await engine.connect()
    mark = markRequests(engine)
  })

  describe('a write', () => {
    test.each(PARKED)('$status $reason parks it, says so once, and asks no more', async fault => {
      always(engine, 'events.insert', fault)
      await book()
      await engine.advance(DAY)
      expect(await outbox()).toMatchObject({ state: 'failed', attempts: 1, error: { code: expect.any(String) } })
      expect(calls('insert')).toBe(1)
      expect((await told()).filter(type => type === 'appointment.sync_failed')).toHaveLength(1)
      expect((await connection())?.status).toBe('active')
      endTrouble(engine)
      await book('apt_1', { title: 'Changed since' })
      await engine.advance(MINUTE)
      expect(await titles()).toEqual(['Changed since'])
    })

    test.each(PASSING)('$status $reason passes', async ({ calls: callsMax, withinMs, ...fault }) => {
      cause(engine, { match: { kind: 'events.insert' }, times: 1, ...fault })
      await book()
      await engine.settle()
      await engine.advance(withinMs)
      expect(await titles()).toEqual(['Follow-up, Jane Roe'])
      expect(await outbox()).toBeNull()
      expect(calls('insert')).toBeLessThanOrEqual(callsMax)
      expect(await connection()).toMatchObject({ status: 'active', statusReason: null })
    })

    test.each([
      { reason: 'forbidden', status: 403 },
      { reason: 'requiredAccessLevel', status: 403, domain: 'calendar' },
    ])('$status $reason holds it, has the list of calendars read, and asks no more', async fault => {
      always(engine, 'events.insert', fault)
      await book()
      await engine.advance(DAY)
      expect(await outbox()).toMatchObject({ state: 'held', error: { code: 'calendar-read-only' } })
      expect(calls('insert')).toBe(1)
      expect(countCalls(engine, mark, 'calendarList.list')).toBeGreaterThan(0)
    })

    test('403 quotaExceeded lets every write of the account rest for hours, visibly, and then makes them', async () => {
      always(engine, 'events.insert', { reason: 'quotaExceeded' })
      for (const id of ['apt_1', 'apt_2', 'apt_3']) await book(id)
      await engine.advance(HOUR)
      await book('apt_4')
      await engine.advance(4 * HOUR)
      expect(calls('insert')).toBe(1)
      expect(await connection()).toMatchObject({ status: 'active', statusReason: 'google_usage_limit' })
      expect((await outbox('apt_2'))?.state).toBe('queued')
      endTrouble(engine)
      await engine.advance(2 * HOUR)
      expect(await titles()).toHaveLength(4)
      expect(await connection()).toMatchObject({ statusReason: null, writesPausedUntil: null, writeRefusals: 0 })
      expect((await told()).filter(type => type === 'connection.active')).toHaveLength(3)
    })

    test('429 with Retry-After is not tried before that', async () => {
      cause(engine, {
        match: { kind: 'events.insert' },
        reason: 'rateLimitExceeded',
        status: 429,
        retryAfterSeconds: 300,
      })
      await book('apt_1')
      await book('apt_2')
      await engine.advance(299_000)
      expect(calls('insert')).toBe(1)
      await engine.advance(2_000)
      expect(await titles()).toHaveLength(2)
    })

    test('401 for every token is a dead grant after three tries a minute apart, and then nothing is asked', async () => {
      cause(engine, { reason: 'authError', times: 'always' })
      await book()
      await engine.advance(HOUR)
      expect(await connection()).toMatchObject({ status: 'needs_reauth' })
      expect((await told()).filter(type => type === 'connection.needs_reauth')).toHaveLength(1)
      const before = markRequests(engine)
      await engine.advance(2 * DAY)
      expect(markRequests(engine)).toBe(before)
    })

    test('403 insufficientPermissions names the permission, and nothing is asked until it is granted', async () => {
      always(engine, 'events.insert', { reason: 'insufficientPermissions' })
      await book()
      await engine.advance(HOUR)
      expect(await connection()).toMatchObject({ status: 'needs_reauth', statusReason: 'scopes_missing' })
      expect((await connection())?.missingScopes).toEqual(['https://www.googleapis.com/auth/calendar.events'])
      expect((await outbox())?.state).toBe('held')
      expect(calls('insert')).toBe(1)
      const before = markRequests(engine)
      await engine.advance(DAY)
      expect(markRequests(engine)).toBe(before)
    })

    test('412 conditionNotMet is read, merged and written', async () => {
      await book()
      await engine.settle()
      const [event] = await personAt(engine, connected).events()
      control412(engine)
      await book('apt_1', { title: 'Renamed here' })
      await engine.advance(MINUTE)
      expect(await titles()).toEqual(['Renamed here'])
      expect(calls('update')).toBe(2)
      expect(event?.summary).toBe('Follow-up, Jane Roe')
    })

    test('404 notFound for an update is asked about; what is alive is written again', async () => {
      await book()
      await engine.settle()
      cause(engine, { match: { kind: 'events.update' }, reason: 'notFound' })
      await book('apt_1', { title: 'Renamed here' })
      await engine.advance(2 * MINUTE)
      expect(await titles()).toEqual(['Renamed here'])
    })

    test.each(['deleted', 'notFound'])('%s for a deletion is asked about and leaves nothing behind', async reason => {
      await book()
      await engine.settle()
      cause(engine, { match: { kind: 'events.delete' }, reason })
      await cancelAppointment(engine.deps, {
        tenantId: connected.tenantId,
        id: 'apt_1',
        reason: 'cancelled',
        ifMatch: null,
      })
      await engine.advance(HOUR)
      expect(await outbox()).toBeNull()
      if (reason === 'notFound') expect(await titles()).toEqual([])
    })

    test.each(['before', 'after'])('a connection that ends %s the work is done makes one event', async when => {
      cause(engine, { match: { kind: 'events.insert' }, cut: when })
      await book()
      await engine.advance(2 * MINUTE)
      expect(await titles()).toEqual(['Follow-up, Jane Roe'])
    })
  })

  describe('a listing', () => {
    const listings: [sentence: string, fault: object, withinMs: number][] = [
      ['410 fullSyncRequired lists in full', { reason: 'fullSyncRequired' }, 0],
      ['410 updatedMinTooLongAgo lists in full', { reason: 'updatedMinTooLongAgo', status: 410 }, 0],
      ['400 for the token lists in full', { reason: 'invalid', message: 'Invalid sync token value.' }, 0],
      ['403 rateLimitExceeded waits', { reason: 'rateLimitExceeded' }, 2 * MINUTE],
      ['503 waits', { reason: 'backendError' }, 2 * MINUTE],
      ['an HTML page waits', { html: 502 }, 2 * MINUTE],
      ['half an answer waits', { truncateBytes: 40 }, 2 * MINUTE],
      ['404 notFound waits for the list of calendars', { reason: 'notFound' }, 3 * MINUTE],
      ['403 accessNotConfigured waits for the operator', { reason: 'accessNotConfigured' }, 10 * MINUTE],
    ]
    test.each(listings)('%s, and nothing is lost', async (_sentence, fault, withinMs) => {
      cause(engine, { match: { kind: 'events.list', has: 'syncToken' }, times: 1, ...fault })
      await personAt(engine, connected).insert({ summary: 'Dentist', start: BODY.start, end: BODY.end })
      await engine.settle()
      await engine.advance(withinMs)
      const here = await engine.deps.store.changes(connected.tenantId, 0, 100)
      expect(here.filter(row => row.change?.type === 'appointment.created')).toHaveLength(1)
      expect(here.filter(row => row.change?.type === 'appointment.cancelled')).toEqual([])
      expect(await connection()).toMatchObject({ status: 'active', statusReason: null })
    })

    test('what is wrong with the project is one alarm, few requests, and nobody’s state', async () => {
      cause(engine, { reason: 'accessNotConfigured', times: 'always' })
      for (const id of ['apt_1', 'apt_2', 'apt_3']) await book(id)
      await engine.advance(12 * HOUR)
      expect(markRequests(engine) - mark).toBeLessThan(40)
      expect(await connection()).toMatchObject({ status: 'active', statusReason: null, missingScopes: [] })
      endTrouble(engine)
      await engine.advance(HOUR)
      expect(await titles()).toHaveLength(3)
    })
  })

  describe('a channel', () => {
    const watched = async () => engine.deps.store.channelsOf(connected.tenantId, connected.connectionId)
    const refusals: (Reason & { state: string })[] = [
      { reason: 'channelIdNotUnique', status: 400, state: 'failed' },
      { reason: 'push.channelIdNotUnique', status: 400, state: 'failed' },
      { reason: 'pushNotSupportedForRequestedResource', status: 400, state: 'unsupported' },
      { reason: 'push.webhookUrlNotHttps', status: 400, state: 'failed' },
      { reason: 'push.webhookUrlUnauthorized', status: 401, state: 'failed' },
      { reason: 'notACalendarUser', status: 403, state: 'unsupported' },
      { reason: 'insufficientPermissions', status: 403, state: 'unsupported' },
      { reason: 'notFound', status: 404, state: 'unsupported' },
      { reason: 'rateLimitExceeded', status: 403, domain: 'usageLimits', state: 'failed' },
      { reason: 'rateLimitExceeded', status: 429, domain: 'usageLimits', state: 'failed' },
    ]
    test.each(refusals)('$status $reason: polled meanwhile, and watched when Google lets us', async refusal => {
      const { state, ...fault } = refusal
      const fresh = await newEngine()
      engine = fresh
      cause(fresh, { match: { kind: 'events.watch' }, times: 'always', ...fault })
      connected = await fresh.connect()
      expect(await connection()).toMatchObject({ status: 'active' })
      expect((await watched()).filter(each => each.calendarId !== null).map(each => each.state)).toEqual([state])
      await personAt(fresh, connected).insert({ summary: 'Dentist', start: BODY.start, end: BODY.end })
      await fresh.advance(15 * MINUTE)
      const here = await fresh.deps.store.changes(connected.tenantId, 0, 100)
      expect(here.filter(row => row.change?.type === 'appointment.created')).toHaveLength(1)
      endTrouble(fresh)
      await fresh.advance(28 * HOUR)
      expect((await watched()).filter(each => each.calendarId !== null && each.state === 'live')).toHaveLength(1)
    })
  })
}

const control412 = (engine: Engine): void =>
  cause(engine, { match: { kind: 'events.update' }, reason: 'conditionNotMet' })
