import { describe, expect, test } from 'vitest'

import { anEvent, ANNA, aWorld, CALENDAR_SCOPE, control, reasonOf } from './world-builder.ts'

const HOOK = 'http://127.0.0.1:9/hook'
const DAY_MS = 86_400_000

const watched = (options: Parameters<typeof aWorld>[0] = {}) => {
  const made = aWorld(options)
  const watch = (id: string, extra = {}) =>
    made.anna('POST', `${made.events()}/watch`, { id, type: 'web_hook', address: HOOK, token: 'secret', ...extra })
  const numbers = () => made.posted.map(({ headers }) => Number(headers['x-goog-message-number']))
  return { ...made, watch, numbers }
}

describe('channels', () => {
  test('begin with a sync message, then tell of every change, one’s own included, without saying what', async () => {
    const { watch, posted, anna, events, simulator } = watched()
    const channel = watch('channel-1')
    expect(channel.body).toMatchObject({
      kind: 'api#channel',
      id: 'channel-1',
      token: 'secret',
      expiration: String(simulator.world.now() + 7 * DAY_MS),
      resourceUri: 'https://www.googleapis.com/calendar/v3/calendars/anna%40example.com/events?alt=json',
    })
    await simulator.advance(0)
    expect(posted).toHaveLength(1)
    expect(posted[0]?.headers).toMatchObject({
      'x-goog-channel-id': 'channel-1',
      'x-goog-channel-token': 'secret',
      'x-goog-message-number': '1',
      'x-goog-resource-id': channel.body['resourceId'],
      'x-goog-resource-state': 'sync',
      'x-goog-channel-expiration': 'Mon, 09 Mar 2026 09:00:00 GMT',
    })
    anna('POST', events(), anEvent())
    await simulator.advance(5000)
    expect(posted).toHaveLength(2)
    expect(posted[1]?.headers).toMatchObject({ 'x-goog-resource-state': 'exists', 'x-goog-message-number': '2' })
  })

  test('join changes that come while a message waits: numbers rise with gaps', async () => {
    const { watch, numbers, anna, events, simulator } = watched()
    watch('channel-1')
    for (let i = 0; i < 3; i++) anna('POST', events(), anEvent())
    await simulator.advance(5000)
    anna('POST', events(), anEvent())
    await simulator.advance(5000)
    expect(numbers()).toEqual([1, 4, 5])
  })

  test('of one resource share its id, and each gets its own message', async () => {
    const { watch, posted, anna, events, simulator } = watched()
    expect(watch('one').body['resourceId']).toBe(watch('two').body['resourceId'])
    anna('POST', events(), anEvent())
    await simulator.advance(5000)
    const told = posted.filter(({ headers }) => headers['x-goog-resource-state'] === 'exists')
    expect(told.map(({ headers }) => headers['x-goog-channel-id']).sort()).toEqual(['one', 'two'])
  })

  test('live seven days unless asked otherwise, thirty at most, and are silent after', async () => {
    const { watch, posted, as, events, simulator } = watched()
    const expiration = (body: Record<string, unknown>) => Number(body['expiration']) - simulator.world.now()
    expect(expiration(watch('a').body)).toBe(7 * DAY_MS)
    expect(expiration(watch('b', { params: { ttl: '3600' } }).body)).toBe(3_600_000)
    expect(expiration(watch('c', { params: { ttl: '99999999' } }).body)).toBe(30 * DAY_MS)
    expect(expiration(watch('d', { expiration: simulator.world.now() + 60_000 }).body)).toBe(60_000)
    await simulator.advance(7 * DAY_MS)
    posted.length = 0
    as(ANNA)('POST', events(), anEvent())
    await simulator.advance(5000)
    expect(posted.map(({ headers }) => headers['x-goog-channel-id'])).toEqual(['c'])
  })

  test('need an id never used before, also after they were stopped', () => {
    const { watch, anna } = watched()
    const { resourceId } = watch('channel-1').body
    expect(anna('POST', '/channels/stop', { id: 'channel-1', resourceId }).status).toBe(204)
    expect(reasonOf(watch('channel-1'))).toBe('channelIdNotUnique')
    expect(reasonOf(watch('not an id'))).toBe('channelIdInvalid')
  })

  test('are stopped by their own account and client only, and are silent then', async () => {
    const { watch, as, anna, events, posted, simulator } = watched()
    const { resourceId } = watch('channel-1').body
    const stop = { id: 'channel-1', resourceId: String(resourceId) }
    expect(as('ben@example.com')('POST', '/channels/stop', stop).status).toBe(404)
    const foreign = as(ANNA, [CALENDAR_SCOPE], 'client-2')('POST', '/channels/stop', stop)
    expect([foreign.status, foreign.text.includes("Channel 'channel-1' not found for project")]).toEqual([404, true])
    expect(anna('POST', '/channels/stop', { ...stop, resourceId: 'other' }).status).toBe(404)
    expect(anna('POST', '/channels/stop', stop).status).toBe(204)
    await simulator.advance(0)
    anna('POST', events(), anEvent())
    await simulator.advance(5000)
    expect(posted.filter(({ headers }) => headers['x-goog-resource-state'] === 'exists')).toEqual([])
  })

  test('stopped while a message waits do not send it', async () => {
    const { watch, anna, events, posted, simulator } = watched()
    const { resourceId } = watch('channel-1').body
    anna('POST', events(), anEvent())
    anna('POST', '/channels/stop', { id: 'channel-1', resourceId: String(resourceId) })
    await simulator.advance(60_000)
    expect(posted.map(({ headers }) => headers['x-goog-resource-state'])).toEqual(['sync'])
  })

  test('cannot be had for calendars like holidays', () => {
    const { anna, simulator, events } = watched()
    const made = control(simulator, 'POST', 'calendars', { owner: ANNA, summary: 'Holidays', watchable: false })
    const answer = anna('POST', `${events(String(made.body['id']))}/watch`, {
      id: 'x1',
      type: 'web_hook',
      address: HOOK,
    })
    expect([answer.status, reasonOf(answer)]).toEqual([400, 'pushNotSupportedForRequestedResource'])
  })

  test('of the calendar list tell of calendars that come and go', async () => {
    const { anna, posted, simulator } = watched()
    anna('POST', '/users/me/calendarList/watch', { id: 'list-1', type: 'web_hook', address: HOOK })
    anna('POST', '/calendars', { summary: 'New' })
    await simulator.advance(5000)
    expect(posted.map(({ headers }) => headers['x-goog-resource-state'])).toEqual(['sync', 'exists'])
  })
})

describe('delivery', () => {
  test('is tried again with doubling pauses after 503, and given up after any other refusal', async () => {
    const { watch, posted, answers, simulator } = watched()
    answers.push(503, 502, 200)
    watch('channel-1')
    await simulator.advance(0)
    expect(posted).toHaveLength(1)
    await simulator.advance(1000)
    expect(posted).toHaveLength(2)
    await simulator.advance(2000)
    expect(posted).toHaveLength(3)
    answers.push(404)
    watch('channel-2')
    await simulator.advance(DAY_MS)
    expect(posted).toHaveLength(4)
  })

  test('can be lost, doubled and late on demand', async () => {
    const { watch, posted, anna, events, simulator } = watched()
    watch('channel-1')
    await simulator.advance(0)
    control(simulator, 'POST', 'notifications', { dropNext: 1 })
    anna('POST', events(), anEvent())
    await simulator.advance(60_000)
    expect(posted).toHaveLength(1)
    control(simulator, 'POST', 'notifications', { doubleShare: 1 })
    anna('POST', events(), anEvent())
    await simulator.advance(60_000)
    expect(posted).toHaveLength(3)
    expect(posted[1]?.headers).toEqual(posted[2]?.headers)
    control(simulator, 'DELETE', 'faults')
    control(simulator, 'POST', 'notifications', { lateMs: 600_000 })
    anna('POST', events(), anEvent())
    await simulator.advance(2000)
    expect(posted).toHaveLength(3)
    await simulator.advance(600_000)
    expect(posted).toHaveLength(4)
  })
})
