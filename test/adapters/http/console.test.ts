import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TENANT } from '../../support/engine.ts'
import { NOW } from '../../support/builders.ts'
import { ADMIN_TOKEN, API_KEY, aTroubledClinic, PATIENT, STRANGERS_KEY } from './console-clinic.ts'

let clinic: Awaited<ReturnType<typeof aTroubledClinic>>
let addresses = 0
beforeAll(async () => {
  clinic = await aTroubledClinic()
})
afterAll(() => clinic.app.close())

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const form = (fields: Record<string, string>): string => new URLSearchParams(fields).toString()

/** Each from an address of its own, so that one test's tries do not slow another's. */
async function signIn(token: string, remoteAddress = `10.0.0.${(addresses += 1)}`) {
  return clinic.app.inject({
    method: 'POST',
    url: '/console/sign-in',
    headers: FORM,
    payload: form({ token }),
    remoteAddress,
  })
}

/** A browser that is signed in: reads pages, presses buttons of the page it read. */
async function browserOf(token: string) {
  const answer = await signIn(token)
  const [cookie] = answer.cookies
  if (cookie === undefined) throw new Error(`not signed in: ${answer.statusCode}`)
  const headers = { cookie: `${cookie.name}=${cookie.value}` }
  const get = (url: string) => clinic.app.inject({ method: 'GET', url, headers })
  const csrf = async (): Promise<string> => /name="csrf" value="(\w+)"/.exec((await get('/console')).body)?.[1] ?? ''
  const post = async (url: string, fields: Record<string, string> = {}, over: Record<string, string> = {}) =>
    clinic.app.inject({
      method: 'POST',
      url,
      headers: { ...headers, ...FORM, ...over },
      payload: form({ csrf: await csrf(), ...fields }),
    })
  return { get, post, csrf, cookie }
}

const at = (path: string): string => `/console/t/${TENANT}/${path}`

describe('signing in', () => {
  test('pages send those who are not signed in to the door', async () => {
    for (const url of ['/console', '/console/quota', at('connections/con_dr-lee'), at('audit')]) {
      const answer = await clinic.app.inject({ method: 'GET', url })
      expect([url, answer.statusCode, answer.headers.location]).toEqual([url, 303, '/console/sign-in'])
    }
    expect((await clinic.app.inject('/console/live')).statusCode).toBe(401)
  })

  test('a wrong token is refused and on record, without the token', async () => {
    const answer = await signIn('wrong-token-canary')
    expect(answer.statusCode).toBe(401)
    expect(answer.cookies).toEqual([])
    expect(answer.body).not.toContain('wrong-token-canary')
    expect(clinic.audit.rows.at(-1)).toMatchObject({ action: 'sign in', actor: { kind: 'nobody' }, result: 'refused' })
    expect(JSON.stringify(clinic.audit.rows)).not.toContain('canary')
  })

  test('the cookie is for the browser alone, is short-lived, and holds no token', async () => {
    const { cookie } = await browserOf(ADMIN_TOKEN)
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/', maxAge: 1_800 })
    expect(cookie.value).not.toContain(ADMIN_TOKEN)
  })

  test('guessing is slowed down by address, and others are not', async () => {
    const tries = []
    for (let n = 0; n < 8; n += 1) tries.push((await signIn('guess', '10.9.9.9')).statusCode)
    expect(tries).toEqual([401, 401, 401, 401, 401, 401, 429, 429])
    expect((await signIn(API_KEY)).statusCode).toBe(303)
  })

  test('a session ends when nobody clicks, and when its key is revoked', async () => {
    const { clock, deps } = clinic.engine
    const browser = await browserOf(STRANGERS_KEY)
    expect((await browser.get('/console')).statusCode).toBe(200)
    clock.now += 31 * 60_000
    expect((await browser.get('/console')).statusCode).toBe(303)
    clock.now = NOW
    const again = await browserOf(STRANGERS_KEY)
    const [key] = await deps.store.apiKeys('stranger')
    if (key === undefined) throw new Error('no key')
    await deps.store.transaction('stranger', tx => tx.saveApiKey({ ...key, revokedAt: NOW }))
    expect((await again.get('/console')).statusCode).toBe(303)
    await deps.store.transaction('stranger', tx => tx.saveApiKey(key))
  })
})

describe('what a viewer sees', () => {
  const PAGES = ['connections/con_dr-lee', 'appointments/apt_1', 'appointments/apt_4', 'search?q=apt_1', 'writes']

  test('the operator sees ids, times and states, and never a title, on any page', async () => {
    const operator = await browserOf(ADMIN_TOKEN)
    for (const path of PAGES) {
      const { statusCode, body } = await operator.get(at(path))
      expect([path, statusCode]).toEqual([path, 200])
      for (const secret of [PATIENT, 'Mary Major', 'Adam Smith', 'Dentist', 'Room 5', 'dr-lee@example.com'])
        expect([path, secret, body.includes(secret)]).toEqual([path, secret, false])
    }
    expect((await operator.get(at('search?q=Jane'))).body).toContain('Nothing found')
    expect((await operator.get('/console')).body).not.toContain('dr-lee@example.com')
  })

  test('a tenant sees its own titles, and finds by them', async () => {
    const tenant = await browserOf(API_KEY)
    for (const path of ['connections/con_dr-lee', 'appointments/apt_1', 'search?q=jane'])
      expect((await tenant.get(at(path))).body).toContain(PATIENT)
  })

  test('a stranger finds nothing of it, as if it did not exist', async () => {
    const stranger = await browserOf(STRANGERS_KEY)
    for (const path of [...PAGES, 'audit', 'webhooks', 'questions'])
      expect([path, (await stranger.get(at(path))).statusCode]).toEqual([path, 404])
    expect((await stranger.get(`/console?tenant=${TENANT}`)).body).not.toContain('dr-lee')
    for (const path of ['/console/quota', '/console/tenants', '/console/audit', '/console/webhooks'])
      expect([path, (await stranger.get(path)).statusCode]).toEqual([path, 404])
    expect((await stranger.get(`/console/live?tenant=${TENANT}`)).statusCode).toBe(401)
  })

  test('text from outside is text', async () => {
    const operator = await browserOf(ADMIN_TOKEN)
    const { body } = await operator.get(`/console?q=${encodeURIComponent('"><script>alert(1)</script>')}`)
    expect(body).not.toContain('<script>alert')
  })

  test('nothing is inline and nothing comes from elsewhere', async () => {
    const tenant = await browserOf(API_KEY)
    for (const url of ['/console', at('connections/con_dr-lee'), at('appointments/apt_1')]) {
      const { body, headers } = await tenant.get(url)
      expect(headers['content-security-policy']).toContain("default-src 'none'")
      expect(headers['content-security-policy']).not.toContain('unsafe')
      expect(body).not.toMatch(/ style=|<style|<script(?! src="\/console\/)| on\w+="/)
      expect(body).not.toMatch(/(?:src|href)="https?:\/\/(?!www\.google\.com|calendar\.google\.com)/)
    }
  })
})

describe('trouble', () => {
  const CAUSES: [string, RegExp][] = [
    ['revoked', /Google no longer accepts the grant/],
    ['permission', /did not tick every permission/],
    ['read_only', /may no longer change its target calendar/],
    ['parked', /refused by Google and would be refused again/],
    ['channel', /no live watch channel/],
    ['held', /40 of 50 events were gone/],
    ['duplicate', /looks exactly like an appointment/],
    ['quota', /stop writing for a while/],
    ['unreadable', /could not be understood/],
  ]

  test.each(CAUSES)('%s is found from the front page in two clicks, with its cause', async (trouble, cause) => {
    const tenant = await browserOf(API_KEY)
    const front = (await tenant.get('/console')).body
    const tile = new RegExp(`href="(/console\\?trouble=${trouble})"`).exec(front)?.[1]
    const list = (await tenant.get(tile ?? '/none')).body
    expect(list).toMatch(cause)
    const row = new RegExp(`href="(/console/t/${TENANT}/connections/[^"#]+)#${trouble}"`).exec(list)?.[1]
    const page = (await tenant.get(row ?? '/none')).body
    expect(page).toContain(`id="${trouble}"`)
    expect(page).toMatch(cause)
  })

  test('a webhook endpoint that is down and a job in quarantine are one click away', async () => {
    const tenant = await browserOf(API_KEY)
    expect((await tenant.get('/console')).body).toContain(`href="${at('webhooks')}"`)
    expect((await tenant.get(at('webhooks'))).body).toMatch(/hooks\.platform\.example[\s\S]*For days nothing arrived/)
    const operator = await browserOf(ADMIN_TOKEN)
    expect((await operator.get('/console')).body).toContain('href="/console/quota#quarantine"')
    expect((await operator.get('/console/quota')).body).toContain('con_poison')
  })
})

describe('actions', () => {
  test('a parked write is tried again, goes to Google, and is on record with who did it', async () => {
    const tenant = await browserOf(API_KEY)
    const answer = await tenant.post(at('connections/con_dr-lee/retry'), { appointmentId: 'apt_4' })
    expect(answer.statusCode).toBe(303)
    const paired = await clinic.store.appointment(TENANT, 'apt_4')
    expect(paired?.outbox).toMatchObject({ state: 'queued', lane: 'people', attempts: 0, error: null })
    await clinic.engine.settle()
    expect((await clinic.store.appointment(TENANT, 'apt_4'))?.outbox).toBeNull()
    expect(clinic.audit.rows.at(-1)).toMatchObject({
      tenantId: TENANT,
      actor: { kind: 'tenant', id: `key_${TENANT}` },
      via: 'console',
      action: 'retry',
      object: 'connection con_dr-lee',
      result: 'done',
    })
    const page = (await tenant.get(at('audit'))).body
    expect(page).toMatch(/retry[\s\S]*connection con_dr-lee/)
    expect(page).toContain('The chain is whole')
  })

  test('a calendar compared with Google shows the pairs that differed and what was done, to each role what it may see', async () => {
    const filter = { userId: 'dr-lee', from: null, to: null, origin: 'google', status: null } as const
    const imported = await clinic.store.listAppointments(TENANT, {
      ...filter,
      isArchived: false,
      after: null,
      limit: 9,
    })
    const dentist = imported.find(each => each.appointment.title === 'Dentist, private')?.appointment
    if (dentist === undefined) throw new Error('nothing imported')
    await clinic.store.transaction(TENANT, tx =>
      tx.apply(TENANT, { appointments: [{ ...dentist, title: 'Somewhere', markerKey: null }] }),
    )
    const tenant = await browserOf(API_KEY)
    expect((await tenant.get(at('connections/con_dr-lee'))).body).toContain('Not yet.')
    await tenant.post(at('connections/con_dr-lee/compare'))
    expect(clinic.audit.rows.at(-1)).toMatchObject({ action: 'compare', result: 'done' })
    await clinic.engine.settle()
    const page = (await tenant.get(at('connections/con_dr-lee'))).body
    expect(page).toMatch(/1 pair<\/b> differed|<b class="warn-text">1 pair/)
    expect(page).toContain('What was here was not what Google showed')
    expect(page).toContain(`href="${at(`appointments/${dentist.id}`)}"`)
    expect((await clinic.store.appointment(TENANT, dentist.id))?.appointment.title).toBe('Dentist, private')
    const operator = await browserOf(ADMIN_TOKEN)
    const overview = (await operator.get('/console/quota')).body
    expect(overview).toContain('con_dr-lee#compared')
    for (const body of [overview, (await operator.get(at('connections/con_dr-lee'))).body])
      expect(body).not.toMatch(/Dentist|Somewhere/)
  })

  test('a form without the page’s own secret, or of another site, changes nothing and is on record', async () => {
    const tenant = await browserOf(API_KEY)
    const before = await clinic.store.connection(TENANT, 'con_fine')
    expect((await tenant.post(at('connections/con_fine/pause'), { csrf: 'forged' })).statusCode).toBe(404)
    expect(clinic.audit.rows.at(-1)).toMatchObject({ action: 'pause', result: 'refused' })
    const stranger = await browserOf(STRANGERS_KEY)
    expect((await stranger.post(at('connections/con_fine/pause'))).statusCode).toBe(404)
    expect(clinic.audit.rows.at(-1)).toMatchObject({ tenantId: 'stranger', action: 'pause', result: 'refused' })
    expect(await clinic.store.connection(TENANT, 'con_fine')).toEqual(before)
  })

  test('pause and resume, a connect link for a revoked grant, a job given back', async () => {
    const operator = await browserOf(ADMIN_TOKEN)
    await operator.post(at('connections/con_fine/pause'))
    expect((await clinic.store.connection(TENANT, 'con_fine'))?.status).toBe('paused')
    await operator.post(at('connections/con_fine/resume'))
    expect((await clinic.store.connection(TENANT, 'con_fine'))?.status).toBe('active')
    const link = await operator.post(at('connections/con_revoked/connect-link'))
    expect(link.body).toMatch(/value="http:\/\/lockstep\.localhost\/connect\/[\w-]+"/)
    expect(JSON.stringify(clinic.audit.rows)).not.toContain('/connect/')
    await operator.post('/console/quota/release', { id: 'job_1' })
    expect(clinic.released).toEqual(['job_1'])
    const tenant = await browserOf(API_KEY)
    await tenant.post('/console/quota/release', { id: 'job_2' })
    expect(clinic.released).toEqual(['job_1'])
  })

  test('the deletion guard, a duplicate and an endpoint that was switched off are answered', async () => {
    const tenant = await browserOf(API_KEY)
    expect((await tenant.get(at('connections/con_held'))).body).toContain('They were meant')
    await tenant.post(at('connections/con_held/restore-deletions'))
    const held = await clinic.store.connection(TENANT, 'con_held')
    expect(held).toMatchObject({ status: 'active', guardAnswer: { deletions: 'restore' } })
    expect((await tenant.get(at('questions'))).body).toContain('They are the same')
    await tenant.post(at('duplicates/dup_1/keep_both'))
    expect((await clinic.store.duplicate(TENANT, 'dup_1'))?.state).toBe('kept')
    await tenant.post(at('endpoints/whe_1/enable'))
    expect((await clinic.store.webhookEndpoint(TENANT, 'whe_1'))?.status).toBe('enabled')
    expect(
      clinic.audit.rows
        .filter(row => row.via === 'console')
        .slice(-3)
        .map(row => [row.action, row.object, row.result]),
    ).toEqual([
      ['restore-deletions', 'connection con_held', 'done'],
      ['keep both duplicate', 'duplicate dup_1', 'done'],
      ['enable webhook endpoint', 'webhook endpoint whe_1', 'done'],
    ])
    expect((await tenant.post(at('duplicates/dup_1/explode'))).statusCode).toBe(404)
  })

  test('what cannot be done is said, not done', async () => {
    const operator = await browserOf(ADMIN_TOKEN)
    const answer = await operator.post(at('connections/con_revoked/sync'))
    expect(answer.statusCode).toBe(409)
    expect(answer.body).toContain('role="alert"')
    expect((await operator.post(at('connections/con_revoked/explode'))).statusCode).toBe(404)
  })
})

describe('the record of writes over the API', () => {
  test('settings are on record, refused tries too, with no content; appointments and reads are not', async () => {
    const call = (method: 'POST' | 'PATCH' | 'GET' | 'PUT', url: string, token: string, payload?: object) =>
      clinic.app.inject({ method, url, headers: { authorization: `Bearer ${token}` }, ...(payload ? { payload } : {}) })
    const before = clinic.audit.rows.length
    await call('PATCH', `/v1/tenants/${TENANT}`, ADMIN_TOKEN, { name: 'Canary Clinic' })
    await call('POST', '/v1/connections/con_fine/pause', API_KEY)
    await call('POST', '/v1/connections/con_fine/resume', API_KEY)
    await call('PATCH', `/v1/tenants/${TENANT}`, 'no-token', { name: 'Canary Clinic' })
    await call('GET', '/v1/connections/con_fine', API_KEY)
    await call('PUT', '/v1/appointments/apt_9', API_KEY, { userId: 'dr-lee' })
    const rows = clinic.audit.rows.slice(before)
    expect(rows.map(({ action, actor, object, result }) => [action, actor.kind, object, result])).toEqual([
      ['change tenant', 'admin', `tenant ${TENANT}`, 'done'],
      ['pause', 'tenant', 'connection con_fine', 'done'],
      ['resume', 'tenant', 'connection con_fine', 'done'],
      ['change tenant', 'nobody', `tenant ${TENANT}`, 'refused 401'],
    ])
    expect(JSON.stringify(rows)).not.toContain('Canary')
  })
})
