import { describe, expect, test } from 'vitest'
import type { GoogleCalendar } from '../../../src/ports/google-calendar.ts'
import { aCalendar, aConnection } from '../../support/builders.ts'
import { aBooking, aClinic, anApp, API_KEY, bearer, STRANGERS_KEY, TENANT } from './an-app.ts'

const FEED = '/v1/users/dr-lee/feed'

async function aFeedingClinic() {
  const clinic = await aClinic()
  let secrets = 0
  clinic.deps.system.newSecret = bytes => Buffer.alloc(bytes, ++secrets).toString('base64url')
  const open = async (): Promise<string> => {
    const made = await clinic.call('POST', FEED, {})
    expect(made.status).toBe(201)
    expect(made.body['url']).toMatch(/^http:\/\/127\.0\.0\.1:8080\/feeds\/[A-Za-z0-9_-]{43}\.ics$/)
    return new URL(String(made.body['url'])).pathname
  }
  const read = (path: string, headers: Record<string, string> = {}) =>
    clinic.app.inject({ method: 'GET', url: path, headers })
  return { ...clinic, open, read }
}

/** A connection of dr-lee with chosen calendars. */
async function connected(
  clinic: Awaited<ReturnType<typeof aFeedingClinic>>,
  over: Parameters<typeof aConnection>[0] = {},
) {
  await clinic.store.transaction(TENANT, async tx => {
    await tx.saveConnection(aConnection({ tenantId: TENANT, ...over }))
    await tx.saveCalendars([aCalendar({ tenantId: TENANT })])
  })
}

test('a feed is read without a key, by its address alone', async () => {
  const clinic = await aFeedingClinic()
  await clinic.call('PUT', '/v1/appointments/apt_1', aBooking())
  await clinic.call('PUT', '/v1/appointments/apt_2', aBooking({ userId: 'dr-kim', title: 'Not hers' }))
  const path = await clinic.open()
  const reply = await clinic.read(path)
  expect(reply.statusCode).toBe(200)
  expect(reply.headers['content-type']).toBe('text/calendar; charset=utf-8')
  expect(reply.headers['cache-control']).toBe('private, no-cache')
  expect(reply.body).toContain('\r\nSUMMARY:Follow-up\\, Jane Roe\r\n')
  expect(reply.body).toContain('\r\nDTSTART:20261201T140000Z\r\n')
  expect(reply.body).not.toContain('Not hers')
  const uid = (text: string): string => /UID:(.*)\r\n/.exec(text.replaceAll('\r\n ', ''))?.[1] ?? ''
  await clinic.call('PATCH', '/v1/appointments/apt_1', { title: 'Other' })
  const later = await clinic.read(path)
  expect(later.body).toContain('SUMMARY:Other')
  expect(uid(later.body)).toBe(uid(reply.body))
  expect(uid(reply.body)).toMatch(/^[\w-]{20,}@lockstep$/)
})

test('a reader that has it already gets 304, until something changes', async () => {
  const clinic = await aFeedingClinic()
  await clinic.call('PUT', '/v1/appointments/apt_1', aBooking())
  const path = await clinic.open()
  const tag = String((await clinic.read(path)).headers['etag'])
  for (const header of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
    const again = await clinic.read(path, { 'if-none-match': header })
    expect([again.statusCode, again.body, again.headers['etag']]).toEqual([304, '', tag])
  }
  expect((await clinic.read(path, { 'if-none-match': '"other"' })).statusCode).toBe(200)
  await clinic.call('POST', '/v1/appointments/apt_1/cancel', {})
  const changed = await clinic.read(path, { 'if-none-match': tag })
  expect(changed.statusCode).toBe(200)
  expect(changed.body).not.toContain('VEVENT')
})

test('the tenant’s own masking and window hold for the feed', async () => {
  const clinic = await aFeedingClinic()
  await clinic.store.transaction(TENANT, async tx => {
    const tenant = await tx.tenant(TENANT)
    if (tenant === null) throw new Error('no tenant')
    const presentation = {
      title: 'busy',
      description: false,
      location: false,
      visibility: 'private',
      colour: null,
    } as const
    const settings = { ...tenant.settings, policies: { presentation }, window: { daysBack: 1, daysAhead: 30 } }
    await tx.saveTenant({ ...tenant, settings })
  })
  await clinic.call('PUT', '/v1/appointments/near', aBooking())
  const far = { dateTime: '2027-02-01T09:00:00-05:00', timeZone: 'America/New_York' }
  const end = { ...far, dateTime: '2027-02-01T10:00:00-05:00' }
  await clinic.call('PUT', '/v1/appointments/far', aBooking({ start: far, end }))
  const { body } = await clinic.read(await clinic.open())
  expect(body.match(/BEGIN:VEVENT/g)).toHaveLength(1)
  expect(body).toContain('\r\nSUMMARY:Busy\r\n')
  expect(body).not.toContain('Jane')
})

test('a series comes with its exceptions, also when one of them alone reaches into the window', async () => {
  const clinic = await aFeedingClinic()
  await clinic.call('PUT', '/v1/appointments/weekly', aBooking({ recurrence: ['RRULE:FREQ=WEEKLY;COUNT=4'] }))
  const moved = {
    recurringId: 'weekly',
    originalStart: { dateTime: '2026-12-08T09:00:00-05:00', timeZone: 'America/New_York' },
    start: { dateTime: '2026-12-08T11:00:00-05:00', timeZone: 'America/New_York' },
    end: { dateTime: '2026-12-08T11:30:00-05:00', timeZone: 'America/New_York' },
  }
  await clinic.call('PUT', '/v1/appointments/moved', aBooking(moved))
  const { body } = await clinic.read(await clinic.open())
  expect(new Set([...body.matchAll(/UID:(.*)\r\n/g)].map(([, uid]) => uid)).size).toBe(1)
  expect(body).toContain('\r\nRRULE:FREQ=WEEKLY;COUNT=4\r\n')
  expect(body).toContain('\r\nRECURRENCE-ID;TZID=America/New_York:20261208T090000\r\n')
  expect(body).toContain('\r\nDTSTART:20261208T160000Z\r\n')
})

test('a new address replaces the old one, and a retired feed is gone', async () => {
  const clinic = await aFeedingClinic()
  const [first, second] = [await clinic.open(), await clinic.open()]
  expect(second).not.toBe(first)
  expect((await clinic.read(first)).statusCode).toBe(404)
  expect((await clinic.read(second)).statusCode).toBe(200)
  expect((await clinic.call('DELETE', FEED, undefined, bearer(STRANGERS_KEY))).status).toBe(404)
  expect((await clinic.call('DELETE', FEED)).status).toBe(204)
  expect((await clinic.read(second)).statusCode).toBe(404)
  expect((await clinic.call('DELETE', FEED)).status).toBe(404)
})

test.each([
  '/feeds/x.ics',
  '/feeds/',
  '/feeds/.ics',
  `/feeds/${'A'.repeat(43)}.ics`,
  `/feeds/${'A'.repeat(43)}`,
  '/feeds/%20.ics',
])('nothing is found at %s', async path => {
  const clinic = await aFeedingClinic()
  await clinic.open()
  expect((await clinic.read(path)).statusCode).toBe(404)
})

test('the address is stored as a hash, and no key reads or makes another tenant’s feed', async () => {
  const clinic = await aFeedingClinic()
  const path = await clinic.open()
  const stored = await clinic.store.feedOf(TENANT, 'dr-lee')
  expect(path).not.toContain(stored?.hash)
  expect((await clinic.call('POST', FEED, {}, { authorization: 'Bearer nobody' })).status).toBe(401)
  expect((await clinic.call('POST', FEED, { url: 'mine' })).status).toBe(400)
  const lines = clinic.lines.map(each => JSON.stringify(each)).join('\n')
  expect(lines).not.toContain(path.slice('/feeds/'.length, -'.ics'.length))
})

describe('a feed and two-way sync exclude each other', () => {
  test.each(['active', 'pending', 'paused', 'held', 'needs_reauth'] as const)(
    'no feed beside a two-way connection that is %s',
    async status => {
      const clinic = await aFeedingClinic()
      await connected(clinic, { status })
      const refused = await clinic.call('POST', FEED, {})
      expect([refused.status, refused.body['type']]).toEqual([409, 'two-way-active'])
      expect(await clinic.store.feedOf(TENANT, 'dr-lee')).toBeNull()
    },
  )

  test.each([{ status: 'disconnected' }, { mode: 'push_only' }, { mode: 'off' }, { userId: 'dr-kim' }] as const)(
    'a connection with %j is in no feed’s way',
    async over => {
      const clinic = await aFeedingClinic()
      await connected(clinic, over)
      await clinic.open()
    },
  )

  test('turning a connection two-way is refused while there is a feed, and retires it when told to', async () => {
    const clinic = await aFeedingClinic()
    await connected(clinic, { mode: 'push_only' })
    const path = await clinic.open()
    const refused = await clinic.call('PATCH', '/v1/connections/con_1', { mode: 'two_way' })
    expect([refused.status, refused.body['type']]).toEqual([409, 'feed-active'])
    expect((await clinic.store.connection(TENANT, 'con_1'))?.mode).toBe('push_only')
    expect((await clinic.call('PATCH', '/v1/connections/con_1', { mode: 'off' })).status).toBe(200)
    expect((await clinic.read(path)).statusCode).toBe(200)
    const turned = await clinic.call('PATCH', '/v1/connections/con_1', { mode: 'two_way', replaceFeed: true })
    expect([turned.status, turned.body['mode']]).toEqual([200, 'two_way'])
    expect((await clinic.read(path)).statusCode).toBe(404)
  })

  test('choosing calendars is refused while there is a feed, and retires it when told to', async () => {
    const clinic = await aFeedingClinic()
    await clinic.store.transaction(TENANT, tx =>
      tx.saveConnection(aConnection({ tenantId: TENANT, status: 'pending' })),
    )
    const path = await clinic.open()
    const listed = { id: 'cal_1', summary: 'Lee', timeZone: 'UTC', accessRole: 'owner', isPrimary: true } as const
    const google: Partial<GoogleCalendar> = {
      listCalendars: async () => ({ ok: true, value: [{ ...listed, isHidden: false, isDeleted: false }] }),
    }
    const { app } = await anApp({ store: clinic.store, google: google as GoogleCalendar })
    const choose = async (over: object) => {
      const payload = { target: { calendarId: 'cal_1' }, ...over }
      const reply = await app.inject({
        method: 'PUT',
        url: '/v1/connections/con_1/calendars',
        headers: bearer(API_KEY),
        payload,
      })
      return [reply.statusCode, reply.json<{ type?: string }>().type]
    }
    expect(await choose({})).toEqual([409, 'feed-active'])
    expect(await choose({ dryRun: true })).toEqual([409, 'feed-active'])
    expect(await choose({ dryRun: true, replaceFeed: true })).toEqual([200, undefined])
    expect(await clinic.store.calendarsOf(TENANT, 'con_1')).toEqual([])
    expect((await clinic.read(path)).statusCode).toBe(200)
    expect(await choose({ replaceFeed: true })).toEqual([202, undefined])
    expect((await clinic.read(path)).statusCode).toBe(404)
  })
})
