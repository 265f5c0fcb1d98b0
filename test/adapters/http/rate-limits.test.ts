import { expect, test } from 'vitest'
import { rateLimit, RATES } from '../../../src/adapters/http/rate-limits.ts'
import { createMemoryStore } from '../../support/memory-store.ts'
import { aClinic, API_KEY, bearer, STRANGERS_KEY } from './an-app.ts'

const rates = {
  key: { perMinute: 60, burst: 3 },
  refused: { perMinute: 60, burst: 2 },
  visitor: { perMinute: 60, burst: 2 },
}

async function world() {
  const clinic = await aClinic(createMemoryStore, { rates })
  const get = async (url: string, token?: string) => {
    const reply = await clinic.app.inject({ url, headers: token === undefined ? {} : bearer(token) })
    return { status: reply.statusCode, headers: reply.headers, body: reply.body }
  }
  return { ...clinic, get }
}

test('a key that asks too much is told how long to wait, and others are not kept waiting', async () => {
  const { get, clock } = await world()
  const first = await get('/v1/changes', API_KEY)
  expect(first.headers).toMatchObject({ 'ratelimit-limit': '3', 'ratelimit-remaining': '2', 'ratelimit-reset': '1' })
  for (const left of ['1', '0']) expect((await get('/v1/changes', API_KEY)).headers['ratelimit-remaining']).toBe(left)
  for (let again = 0; again < 5; again++) {
    const { status, headers, body } = await get('/v1/changes', API_KEY)
    expect([status, headers['retry-after'], headers['ratelimit-remaining']]).toEqual([429, '1', '0'])
    expect(headers['content-type']).toContain('application/problem+json')
    expect(JSON.parse(body)).toMatchObject({ type: 'rate-limited', status: 429 })
  }
  expect((await get('/v1/changes', STRANGERS_KEY)).status).toBe(200)
  clock.now += 1_000
  expect((await get('/v1/changes', API_KEY)).status).toBe(200)
})

test('an address that sends wrong keys is slowed down, and a good key from there is not refused for it', async () => {
  const { get } = await world()
  const statuses = []
  for (const token of ['a', 'b', 'c', undefined]) statuses.push((await get('/v1/changes', token)).status)
  expect(statuses).toEqual([401, 401, 429, 429])
  expect((await get('/v1/changes', API_KEY)).status).toBe(200)
})

test('pages that anybody may open are counted by address; what Google and operators ask is not', async () => {
  const { get } = await world()
  const pages = []
  for (let again = 0; again < 3; again++) pages.push((await get('/feeds/nosuch.ics')).status)
  expect(pages).toEqual([404, 404, 429])
  for (let again = 0; again < 5; again++) expect((await get('/health/live')).status).toBe(200)
})

test('when the database is away a request is refused, not let through uncounted', async () => {
  const { app, store } = await world()
  Object.assign(store, { apiKeyByHash: () => Promise.reject(new Error('away')) })
  expect((await app.inject({ url: '/v1/changes', headers: bearer(API_KEY) })).statusCode).toBe(500)
})

test('a caller is remembered however many made-up ones come between', () => {
  const limit = rateLimit({ perMinute: 60, burst: 2 })
  limit('busy', 0)
  for (let at = 0; at < 30_000; at++) {
    limit(`made up ${at}`, 0)
    if (at % 5_000 === 0) expect(limit('busy', 0).remaining).toBe(0)
  }
  expect(RATES.key.perMinute).toBeGreaterThan(RATES.refused.perMinute)
})
