import { describe, expect, test } from 'vitest'

import { GOOGLE_QUOTAS } from '../../src/simulator/quotas.ts'
import { anEvent, ANNA, aWorld, control, idsOf, reasonOf } from './world-builder.ts'

describe('ordered trouble', () => {
  test('meets as many requests as ordered, and only those it is meant for', () => {
    const { anna, events, simulator } = aWorld()
    control(simulator, 'POST', 'faults', { reason: 'rateLimitExceeded', times: 2, match: { kind: 'events.insert' } })
    expect(anna('GET', events()).status).toBe(200)
    for (let i = 0; i < 2; i++) {
      const struck = anna('POST', events(), anEvent())
      expect([struck.status, reasonOf(struck)]).toEqual([403, 'rateLimitExceeded'])
    }
    expect(anna('POST', events(), anEvent()).status).toBe(200)
    expect(idsOf(anna('GET', events()))).toHaveLength(1)
  })

  test('knows the status of each reason, takes another, and can say when to come back', () => {
    const { anna, events, simulator } = aWorld()
    const once = (fault: Parameters<typeof control>[3]) => {
      control(simulator, 'POST', 'faults', fault)
      const { status, headers, body } = anna('GET', events())
      return { status, retryAfter: headers['retry-after'], body }
    }
    expect(once({ reason: 'backendError' }).status).toBe(503)
    expect(once({ reason: 'quotaExceeded' }).body).toEqual({
      error: {
        errors: [{ domain: 'usageLimits', reason: 'quotaExceeded', message: 'Calendar usage limits exceeded.' }],
        code: 403,
        message: 'Calendar usage limits exceeded.',
      },
    })
    expect(once({ reason: 'rateLimitExceeded', status: 429, retryAfterSeconds: 7 })).toMatchObject({
      status: 429,
      retryAfter: '7',
    })
    expect(control(simulator, 'POST', 'faults', { nonsense: true }).status).toBe(400)
  })

  test('an HTML page of the front end is no JSON', () => {
    const { anna, events, simulator } = aWorld()
    control(simulator, 'POST', 'faults', { html: 502 })
    const answer = anna('GET', events())
    expect([answer.status, answer.headers['content-type']]).toEqual([502, 'text/html; charset=UTF-8'])
    expect(answer.text).toContain('<!DOCTYPE html>')
  })

  test('a cut before the work leaves nothing done, one after it leaves all of it', async () => {
    const { simulator, as, events } = aWorld()
    const token = String(control(simulator, 'POST', `accounts/${ANNA}/token`, {}).body['access_token'])
    const insert = (id: string) =>
      simulator.fetch(`http://google.test/calendar/v3${events()}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: JSON.stringify(anEvent({ id })),
      })
    control(simulator, 'POST', 'faults', { cut: 'before' })
    await expect(insert('before1')).rejects.toThrow('fetch failed')
    control(simulator, 'POST', 'faults', { cut: 'after' })
    await expect(insert('after1')).rejects.toThrow('fetch failed')
    expect(idsOf(as(ANNA)('GET', events()))).toEqual(['after1'])
  })

  test('a truncated answer stops in the middle; a slow one waits on the simulator’s clock', async () => {
    const { simulator, events } = aWorld()
    const token = String(control(simulator, 'POST', `accounts/${ANNA}/token`, {}).body['access_token'])
    const list = () =>
      simulator.fetch(`http://google.test/calendar/v3${events()}`, { headers: { authorization: `Bearer ${token}` } })
    control(simulator, 'POST', 'faults', { truncateBytes: 20 })
    expect(await (await list()).text()).toHaveLength(20)
    control(simulator, 'POST', 'faults', { slowMs: 30_000 })
    let isAnswered = false
    const answering = list().then(() => (isAnswered = true))
    await new Promise(resolve => setImmediate(resolve))
    await simulator.advance(29_000)
    expect(isAnswered).toBe(false)
    await simulator.advance(1_000)
    expect(await answering).toBe(true)
  })

  test('a short page has fewer events than asked, even none, and still goes on', () => {
    const { anna, events, simulator } = aWorld()
    anna('POST', events(), anEvent({ id: 'abcde1' }))
    control(simulator, 'POST', 'faults', { shortPage: 0 })
    const empty = anna('GET', events())
    expect(idsOf(empty)).toEqual([])
    expect(empty.body).not.toHaveProperty('nextSyncToken')
    expect(
      idsOf(anna('GET', `${events()}?pageToken=${encodeURIComponent(String(empty.body['nextPageToken']))}`)),
    ).toEqual(['abcde1'])
  })

  test('a calendar can answer 410 to every increment and still give full lists', () => {
    const { anna, events, simulator } = aWorld()
    const token = () => encodeURIComponent(String(anna('GET', events()).body['nextSyncToken']))
    control(simulator, 'POST', 'faults', { reason: 'fullSyncRequired', times: 'always', match: { has: 'syncToken' } })
    for (let i = 0; i < 3; i++) {
      const answer = anna('GET', `${events()}?syncToken=${token()}`)
      expect([answer.status, reasonOf(answer)]).toEqual([410, 'fullSyncRequired'])
    }
    control(simulator, 'DELETE', 'faults')
    expect(anna('GET', `${events()}?syncToken=${token()}`).status).toBe(200)
  })

  test('a share of the requests is struck, the same ones for the same seed', () => {
    const struckBy = (seed: number) => {
      const { anna, events, simulator } = aWorld({ seed })
      control(simulator, 'POST', 'faults', { reason: 'backendError', probability: 0.5 })
      return Array.from({ length: 400 }, () => anna('GET', events()).status === 503)
    }
    expect(struckBy(7)).toEqual(struckBy(7))
    expect(struckBy(7)).not.toEqual(struckBy(8))
    expect(struckBy(7).filter(Boolean).length).toBeGreaterThan(150)
  })

  test('an account’s tokens expire and its grant ends on demand', () => {
    const { anna, events, simulator } = aWorld()
    control(simulator, 'POST', `accounts/${ANNA}/expire-tokens`)
    expect(reasonOf(anna('GET', events()))).toBe('authError')
  })
})

describe('quotas', () => {
  test('are off unless asked for, and slide by the minute', async () => {
    const { anna, events, simulator, world } = aWorld({ quotas: { userPerMinute: 5 } })
    for (let i = 0; i < 5; i++) expect(anna('GET', events()).status).toBe(200)
    const over = anna('GET', events())
    expect([over.status, reasonOf(over)]).toEqual([403, 'userRateLimitExceeded'])
    await simulator.advance(59_999)
    expect(anna('GET', events()).status).toBe(403)
    await simulator.advance(1)
    expect(anna('GET', events()).status).toBe(200)
    expect(world.requestLog.filter(entry => entry.status === 403)).toHaveLength(2)
    expect(GOOGLE_QUOTAS).toMatchObject({ userPerMinute: 600, projectPerMinute: 10_000 })
  })

  test('count a patch as three units and an update as one', () => {
    const { anna, events } = aWorld({ quotas: { userPerMinute: 5, status: 429 } })
    anna('POST', events(), anEvent({ id: 'abcde1' }))
    anna('PUT', `${events()}/abcde1`, anEvent())
    expect(anna('PATCH', `${events()}/abcde1`, { summary: 'x' }).status).toBe(200)
    expect(anna('GET', events()).status).toBe(429)
  })

  test('of the project are shared by its accounts, of an account by nobody', () => {
    const { anna, as, events } = aWorld({ quotas: { userPerMinute: 3, projectPerMinute: 4 } })
    const ben = as('ben@example.com')
    for (let i = 0; i < 3; i++) expect(anna('GET', events()).status).toBe(200)
    expect(ben('GET', events()).status).toBe(200)
    expect(reasonOf(ben('GET', events()))).toBe('rateLimitExceeded')
  })
})

describe('an account’s own limit of use', () => {
  test('refuses whatever it writes once it has made too many events, for a day, and lets it read', async () => {
    const { anna, as, events, simulator } = aWorld({ quotas: { newEventsPerDay: 2 } })
    for (const id of ['abcde1', 'abcde2']) expect(anna('POST', events(), anEvent({ id })).status).toBe(200)
    for (const refused of [anna('POST', events(), anEvent()), anna('DELETE', `${events()}/abcde1`)]) {
      expect([refused.status, reasonOf(refused)]).toEqual([403, 'quotaExceeded'])
      expect(refused.body).toMatchObject({ error: { message: 'Calendar usage limits exceeded.' } })
    }
    expect(anna('GET', events()).status).toBe(200)
    expect(as('ben@example.com')('POST', events(), anEvent()).status).toBe(200)
    await simulator.advance(24 * 3_600_000)
    expect(as(ANNA)('DELETE', `${events()}/abcde1`).status).toBe(204)
  })
})

describe('the request log', () => {
  test('says what each request was, who made it and what it cost, and can be asked in part', () => {
    const { anna, events, simulator } = aWorld()
    anna('POST', `${events()}?sendUpdates=all`, anEvent({ id: 'abcde1', attendees: [{ email: 'g@elsewhere.org' }] }))
    anna('GET', `${events()}/missing1`)
    anna('PATCH', `${events()}/abcde1`, { summary: 'x' })
    const log = control(simulator, 'GET', 'log').body['requests']
    expect(log).toMatchObject([
      {
        kind: 'events.insert',
        method: 'POST',
        status: 200,
        account: ANNA,
        calendarId: ANNA,
        eventId: 'abcde1',
        mails: 1,
        units: 1,
      },
      { kind: 'events.get', status: 404, reason: 'notFound', mails: 0 },
      { kind: 'events.patch', status: 200, clientId: 'client-1', units: 3 },
    ])
    expect(control(simulator, 'GET', 'log?kind=events.patch').body['requests']).toHaveLength(1)
    control(simulator, 'DELETE', 'log')
    expect(control(simulator, 'GET', 'log').body['requests']).toEqual([])
  })

  test('another site’s page may not control the simulator', () => {
    const { simulator } = aWorld()
    const request = { method: 'DELETE', path: '/_control/log', query: new URLSearchParams(), body: '' }
    expect(simulator.handle({ ...request, headers: { 'sec-fetch-site': 'cross-site' } }).status).toBe(403)
    expect(simulator.handle({ ...request, headers: { 'sec-fetch-site': 'same-origin' } }).status).toBe(200)
  })
})
