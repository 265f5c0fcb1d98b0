import { expect, test } from 'vitest'
import { fail } from '../../../src/core/model/failures.ts'
import { RETRY_AFTER_MS_MAX } from '../../../src/core/webhooks/retry-schedule.ts'
import { DAY, HOUR, MINUTE } from '../../support/builders.ts'
import { answered, ARRIVED, TENANT, webhookWorld, type Sent } from './webhook-world.ts'

const names = (sent: readonly Sent[]): string[] => sent.map(({ data }) => `${data.id}${data.version}`)

test('every change since the endpoint was made arrives once, under an id of its own, and leaves no row', async () => {
  const world = await webhookWorld()
  await world.change('old')
  const { id } = await world.endpoint()
  await world.change('a', 'b', 'a')
  expect(await world.deliver(id)).toEqual({ kind: 'done' })
  expect(names(world.sent).sort()).toEqual(['a1', 'a2', 'b1'])
  expect(world.sent.map(each => each.id).sort()).toEqual([`${id}_2`, `${id}_3`, `${id}_4`])
  expect(JSON.parse(world.sent[0]?.body ?? '')).toEqual({
    type: 'appointment.updated',
    timestamp: '2026-11-30T13:00:00.000Z',
    id: 'chg_2',
    cursor: 'c2',
    data: { id: 'a', version: 1 },
  })
  expect(await world.deliveries(id)).toEqual([])
  expect(await world.deliver(id)).toEqual({ kind: 'done' })
  expect(world.sent).toHaveLength(3)
  expect((await world.stored(id)).lastDeliveredAt).toBe(world.clock.now)
})

test('history that is no change, and types nobody asked for, are passed over', async () => {
  const world = await webhookWorld()
  const { id } = await world.endpoint({ types: ['appointment.cancelled'] })
  const cancelled = { change: { type: 'appointment.cancelled', data: { id: 'b', version: 1 } } } as const
  await world.store.transaction(TENANT, tx =>
    tx.apply(TENANT, {
      journal: [
        ...Array.from({ length: 300 }, () => world.entry('a')),
        world.entry('a', { change: null }),
        world.entry('b', cancelled),
      ],
    }),
  )
  expect(await world.deliver(id)).toEqual({ kind: 'done' })
  expect(names(world.sent)).toEqual(['b1'])
  expect((await world.stored(id)).cursor).toBe(302)
})

test('a failed delivery keeps back the later ones of its appointment, and no other', async () => {
  const world = await webhookWorld()
  const { id } = await world.endpoint()
  let isAFailing = true
  world.script.answer = ({ data }) => (data.id === 'a' && isAFailing ? answered(500) : ARRIVED)
  await world.change('a', 'b', 'a', 'b', 'c')
  expect(await world.deliver(id)).toEqual({ kind: 'again', at: world.clock.now + 5_000 })
  expect(names(world.sent).toSorted()).toEqual(['a1', 'b1', 'b2', 'c1'])
  await world.change('a', 'b')
  await world.deliver(id)
  expect(names(world.sent.slice(4))).toEqual(['b3'])
  expect((await world.deliveries(id)).map(({ seq, state, attempts }) => ({ seq, state, attempts }))).toEqual([
    { seq: 1, state: 'waiting', attempts: 1 },
  ])
  isAFailing = false
  await world.settle(id)
  expect(names(world.sent.slice(5))).toEqual(['a1', 'a2', 'a3'])
  expect(world.sent.filter(({ data }) => data.version === 1 && data.id === 'a').map(each => each.id)).toEqual([
    `${id}_1`,
    `${id}_1`,
  ])
  expect(await world.deliveries(id)).toMatchObject([{ seq: 1, state: 'delivered', attempts: 2, lastStatus: 200 }])
})

test('is tried ten times over days and then given up, and its lane goes on', async () => {
  const world = await webhookWorld()
  const { id } = await world.endpoint()
  world.script.answer = ({ data }) => (data.id === 'a' && data.version === 1 ? answered(400) : ARRIVED)
  await world.change('a', 'a', 'b')
  const times: number[] = []
  const started = world.clock.now
  const { answer } = world.script
  world.script.answer = message => {
    if (message.seq === 1) times.push((world.clock.now - started) / 1_000)
    return answer(message)
  }
  await world.settle(id)
  const gaps = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]
  expect(times).toEqual([0, ...gaps.map((_, place) => gaps.slice(0, place + 1).reduce((sum, gap) => sum + gap, 0))])
  expect(await world.deliveries(id)).toMatchObject([{ seq: 1, state: 'failed', attempts: 10, lastStatus: 400 }])
  expect(names(world.sent).at(-1)).toBe('a2')
})

test('F39: Retry-After holds for the whole endpoint, and is not believed beyond a day', async () => {
  const world = await webhookWorld()
  const { id } = await world.endpoint()
  world.script.answer = () => answered(429, 10 * MINUTE)
  await world.change('a')
  expect(await world.deliver(id)).toEqual({ kind: 'again', at: world.clock.now + 10 * MINUTE })
  await world.change('b')
  expect(await world.deliver(id)).toEqual({ kind: 'again', at: world.clock.now + 10 * MINUTE })
  expect(world.sent).toHaveLength(1)
  world.script.answer = () => answered(503, 90 * DAY)
  world.clock.now += 10 * MINUTE
  const outcome = await world.deliver(id)
  expect(outcome).toEqual({ kind: 'again', at: world.clock.now + RETRY_AFTER_MS_MAX })
})

test('"too many requests" without a time pauses the endpoint for a moment', async () => {
  const world = await webhookWorld()
  const { id } = await world.endpoint()
  world.script.answer = () => answered(429)
  await world.change(...Array.from({ length: 40 }, (_, place) => `a${place}`))
  await world.deliver(id)
  expect(world.sent.length).toBeLessThanOrEqual(8)
})

test('F39: 410 disables at once, says so in the feed, and enabling it again sends all it has missed', async () => {
  const world = await webhookWorld()
  const { id } = await world.endpoint()
  world.script.answer = () => fail({ kind: 'gone' })
  await world.change('a')
  expect(await world.deliver(id)).toEqual({ kind: 'done' })
  expect(await world.stored(id)).toMatchObject({ status: 'disabled', disabledReason: 'gone' })
  const [last] = (await world.store.changes(TENANT, 0, 9)).slice(-1)
  expect(last).toMatchObject({
    rule: 'webhook-gone',
    change: { type: 'webhook_endpoint.disabled', data: { id, status: 'disabled', disabledReason: 'gone' } },
  })
  expect(JSON.stringify(last)).not.toContain('whsec_')
  await world.change('b')
  expect(await world.deliver(id)).toEqual({ kind: 'done' })
  expect(world.sent).toHaveLength(1)
})

test('F39: an endpoint that is down is asked rarely, whatever waits, and is disabled after five days without a success', async () => {
  const world = await webhookWorld()
  const { id } = await world.endpoint()
  world.script.answer = () => fail({ kind: 'connection' })
  const started = world.clock.now
  for (let hour = 0; hour < 6 * 24; hour += 1) {
    await world.change(...Array.from({ length: 50 }, (_, place) => `a${hour * 50 + place}`))
    await world.settle(id, HOUR)
    world.clock.now = started + (hour + 1) * HOUR
    if ((await world.stored(id)).status === 'disabled') break
  }
  expect((world.clock.now - started) / DAY).toBeCloseTo(5, 0)
  expect(await world.stored(id)).toMatchObject({ status: 'disabled', disabledReason: 'failing' })
  // Some 6,000 changes were missed: neither attempts nor rows grow with them.
  expect(world.sent.length).toBeLessThan(300)
  expect((await world.deliveries(id)).length).toBeLessThan(100)
})

test('F39: an endpoint that comes back gets everything, in order', async () => {
  const world = await webhookWorld()
  const { id } = await world.endpoint()
  let isDown = true
  world.script.answer = () => (isDown ? fail({ kind: 'timeout' }) : ARRIVED)
  const ids = Array.from({ length: 30 }, (_, place) => `a${place}`)
  for (let round = 0; round < 20; round += 1) await world.change(...ids)
  await world.settle(id, 3 * HOUR)
  isDown = false
  const before = world.sent.length
  await world.settle(id)
  const after = world.sent.slice(before)
  for (const each of ids)
    expect(after.filter(({ data }) => data.id === each).map(({ data }) => data.version)).toEqual(
      Array.from({ length: 20 }, (_, place) => place + 1),
    )
})

test('one failing endpoint changes nothing for another', async () => {
  const world = await webhookWorld()
  const down = await world.endpoint({ url: 'https://down.example.com/' })
  const up = await world.endpoint({ url: 'https://up.example.com/' })
  world.script.answer = ({ url }) => (url.includes('down') ? fail({ kind: 'connection' }) : ARRIVED)
  await world.change('a', 'b', 'a')
  await world.deliver(down.id)
  await world.deliver(up.id)
  expect(names(world.sent.filter(({ url }) => url.includes('up'))).sort()).toEqual(['a1', 'a2', 'b1'])
  expect(world.sent.filter(({ url }) => url.includes('up')).every(({ id }) => id.startsWith(up.id))).toBe(true)
})

test('a stop begins nothing more, and what was not sent is sent by the next run', async () => {
  const world = await webhookWorld()
  const { id } = await world.endpoint()
  const stop = new AbortController()
  world.script.answer = () => {
    stop.abort()
    return ARRIVED
  }
  await world.change(...Array.from({ length: 30 }, (_, place) => `a${place}`))
  expect(await world.deliver(id, stop.signal)).toEqual({ kind: 'again', at: world.clock.now })
  expect(world.sent.length).toBeLessThanOrEqual(8)
  await world.deliver(id)
  expect(new Set(names(world.sent)).size).toBe(30)
})

test('a change whose resource is too large goes out without its bulk and says what is missing', async () => {
  const world = await webhookWorld()
  const { id } = await world.endpoint()
  const data = { id: 'a', version: 1, description: 'ü'.repeat(9_000), metadata: { x: 'y'.repeat(9_000) }, title: 'T' }
  await world.store.transaction(TENANT, tx =>
    tx.apply(TENANT, { journal: [world.entry('a', { change: { type: 'appointment.created', data } })] }),
  )
  await world.deliver(id)
  const [{ body }] = world.sent as [Sent]
  expect(Buffer.byteLength(body)).toBeLessThan(20_000)
  expect(JSON.parse(body).data).toEqual({
    id: 'a',
    version: 1,
    description: data.description,
    title: 'T',
    truncated: ['metadata'],
  })
})

test('rows of deliveries that are over are dropped after thirty days', async () => {
  const world = await webhookWorld()
  const { id } = await world.endpoint()
  let hasFailed = false
  world.script.answer = () => {
    hasFailed = !hasFailed
    return hasFailed ? answered(500) : ARRIVED
  }
  await world.change('a')
  await world.settle(id)
  world.clock.now += 31 * DAY
  await world.change('b')
  await world.settle(id)
  expect((await world.deliveries(id)).map(({ seq }) => seq)).toEqual([2])
})
