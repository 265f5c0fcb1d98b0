import { afterAll, describe, expect, test } from 'vitest'
import { createGoogle } from '../../src/demo/google.ts'
import type { Live } from '../../src/demo/live.ts'
import { buildPageServer, type Setup } from '../../src/demo/page-server.ts'
import { createPlatform } from '../../src/demo/platform.ts'
import { startSimulator } from '../../src/simulator/testing.ts'

const EMAIL = 'hana.lee@harbourlane.example'
const setup: Setup = {
  clinic: 'Harbour Lane Clinic',
  members: [
    {
      userId: 'dr-lee',
      name: 'Dr. Hana Lee',
      profession: 'Family physician',
      email: EMAIL,
      timeZone: 'America/New_York',
      shows: '',
      calendars: [{ id: EMAIL, summary: EMAIL }],
    },
  ],
  firstWeek: '2026-11-23',
  weeks: { from: '2026-10-12', to: '2027-01-18' },
  clockChanges: [],
  links: { simulator: 'http://127.0.0.1:1/', docs: 'http://127.0.0.1:1/docs', console: null },
}
const begun: string[] = []
const live: Live = {
  story: () => [],
  requests: () => ({ total: 3, ofLastChange: ['events.list'] }),
  beginChange: () => void begun.push('change'),
  subscribe: () => () => undefined,
  stop: async () => undefined,
}

const simulator = await startSimulator({ seed: 1 })
await createGoogle(simulator.url).control('POST', 'accounts', { email: EMAIL, timeZone: 'America/New_York' })
const google = createGoogle(simulator.url)
const app = await buildPageServer({
  setup,
  google,
  live,
  platform: createPlatform({ baseUrl: simulator.url, apiKey: 'none' }),
})
afterAll(async () => {
  await app.close()
  await simulator.close()
})

describe('the page', () => {
  test('runs nothing inline and loads nothing from elsewhere', async () => {
    const page = await app.inject('/demo')
    expect(page.statusCode).toBe(200)
    expect(page.headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
    expect(page.body).not.toMatch(/<script(?![^>]*src="\/demo\/)|style="|onclick=|https?:\/\//)
    for (const [, path = ''] of page.body.matchAll(/(?:src|href)="(\/demo\/[^"]+)"/g))
      expect((await app.inject(path)).statusCode).toBe(200)
  })

  test('holds neither the key nor a token', async () => {
    const told = await app.inject('/demo/api/setup')
    expect(told.json()).toEqual(setup)
    expect(told.body).not.toMatch(/apiKey|token|secret/i)
  })

  test('is not for other sites, nor under another name', async () => {
    const post = { method: 'POST' as const, url: '/demo/api/google/dr-lee', payload: { title: 'x' } }
    const foreign = await app.inject({ ...post, headers: { origin: 'http://evil.example' } })
    const renamed = await app.inject({ url: '/demo/api/setup', headers: { host: 'evil.example' } })
    expect([foreign.statusCode, renamed.statusCode]).toEqual([403, 403])
    expect(await google.instances(EMAIL, EMAIL, '2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z')).toEqual([])
    expect(begun).toEqual([])
  })
})

describe('an edit in Google', () => {
  const from = '2026-11-23T09:00'
  const to = '2026-11-23T09:30'

  test('is added, moved and deleted as the person, on their own clock', async () => {
    const added = await app.inject({
      method: 'POST',
      url: '/demo/api/google/dr-lee',
      payload: { title: 'Errand', from, to },
    })
    expect(added.statusCode).toBe(200)
    expect(added.json()).toMatchObject({ summary: 'Errand', start: { dateTime: '2026-11-23T09:00:00-05:00' } })
    const url = `/demo/api/google/dr-lee/${encodeURIComponent(EMAIL)}/${added.json().id}`
    const moved = await app.inject({
      method: 'PATCH',
      url,
      payload: { from: '2026-11-24T10:00', to: '2026-11-24T10:30' },
    })
    expect(moved.json()).toMatchObject({ summary: 'Errand', start: { dateTime: '2026-11-24T10:00:00-05:00' } })
    expect((await app.inject({ method: 'DELETE', url })).statusCode).toBe(204)
    expect(await google.instances(EMAIL, EMAIL, '2026-11-01T00:00:00Z', '2026-12-01T00:00:00Z')).toEqual([])
    expect(begun).toHaveLength(3)
  })

  test('that makes no sense is refused with a sentence and changes nothing', async () => {
    const url = '/demo/api/google/dr-lee'
    const noTime = await app.inject({ method: 'POST', url, payload: { title: 'Errand', from: 'soon', to } })
    expect([noTime.statusCode, noTime.json()]).toEqual([422, { message: 'That is no time.' }])
    const stranger = await app.inject({ method: 'POST', url: '/demo/api/google/dr-who', payload: { from, to } })
    expect(stranger.json()).toEqual({ message: 'Nobody of that name works here.' })
    const unknown = await app.inject({ method: 'DELETE', url: `${url}/${encodeURIComponent(EMAIL)}/none` })
    expect([unknown.statusCode, unknown.json()]).toEqual([404, { message: 'Not Found' }])
  })
})
