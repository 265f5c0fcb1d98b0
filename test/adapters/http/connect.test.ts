import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { contrast, readColour, themeCss } from '../../../src/adapters/http/connect/brand.ts'
import { html } from '../../../src/adapters/http/connect/html.ts'
import { addAccount } from '../../../src/simulator/testing.ts'
import { startConnectService, type ConnectService } from '../../support/connect-service.ts'

let service: ConnectService

beforeAll(async () => {
  service = await startConnectService({ branding: { productName: 'Lake & Side <Clinic>', colour: '#ffd400' } })
  for (const email of ['lee@lakeside.example', 'newcomer@lakeside.example'])
    addAccount(service.simulator.world, { email, timeZone: 'America/New_York' })
})
afterAll(() => service.stop())
afterEach(() => expect(service.errors).toEqual([]))

/** A browser without scripts: keeps cookies, follows nothing by itself. */
const aBrowser = () => {
  const jar = new Map<string, string>()
  const go = async (url: string, init: RequestInit = {}) => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const reply = await fetch(new URL(url, service.publicUrl), {
      redirect: 'manual',
      ...init,
      headers: { ...init.headers, ...(cookie === '' ? {} : { cookie }) },
    })
    for (const line of reply.headers.getSetCookie()) {
      const [name = '', value = ''] = line.split(';')[0]?.split(/=(.*)/su) ?? []
      jar.set(name, value)
    }
    const text = await reply.text()
    return { status: reply.status, headers: reply.headers, text, location: reply.headers.get('location') ?? '' }
  }
  const submit = (url: string, fields: Record<string, string>) =>
    go(url, { method: 'POST', body: new URLSearchParams(fields) })
  return { jar, go, submit }
}

let user = 0
const newLink = async (body: Record<string, unknown> = {}) => {
  const made = await service.api('POST', `/v1/users/user-${++user}/connect-links`, body)
  expect(made.status).toBe(201)
  return { url: String(made.body['url']), googleUrl: String(made.body['googleUrl']), userId: `user-${user}` }
}

/** What the person does on Google's page; answers where Google sends the browser. */
const decide = async (googleUrl: string, decision: 'allow' | 'deny', without = 'nothing'): Promise<string> => {
  const request = new URL(googleUrl).search.slice(1)
  // Google adds what an account granted before: only a newcomer can leave something out.
  const account = without === 'nothing' ? 'lee@lakeside.example' : 'newcomer@lakeside.example'
  const form = new URLSearchParams({ request, account, decision })
  for (const scope of new URL(googleUrl).searchParams.get('scope')?.split(' ') ?? [])
    if (!scope.endsWith(without)) form.append('scope', scope)
  const reply = await fetch(`${service.simulator.url}/o/oauth2/v2/auth`, {
    method: 'POST',
    body: form,
    redirect: 'manual',
  })
  return reply.headers.get('location') ?? ''
}

const csrfOf = (page: string): string => /name="csrf" value="([^"]+)"/u.exec(page)?.[1] ?? ''

/** Through the hosted page up to the choice of calendars. */
const signIn = async (without?: string) => {
  const browser = aBrowser()
  const link = await newLink({ returnUrl: 'https://platform.example.com/done?from=clinic' })
  const sent = await browser.submit(link.url, {})
  const back = await browser.go(await decide(sent.location, 'allow', without))
  return { browser, link, back, page: await browser.go('/connect/setup') }
}

describe('the hosted page', () => {
  test('shows the platform’s name escaped, and runs nothing that is not its own', async () => {
    const page = await aBrowser().go((await newLink()).url)
    expect(page.status).toBe(200)
    expect(page.text).toContain('Lake &amp; Side &lt;Clinic&gt;')
    expect(page.text).not.toContain('<Clinic>')
    expect(page.text).not.toMatch(/<script(?![^>]* src=)|\son[a-z]+=|\sstyle=/u)
    const policy = page.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain(`form-action 'self' ${new URL(service.simulator.url).origin}`)
    expect(policy).not.toContain('unsafe')
    expect(page.headers.get('cache-control')).toBe('no-store')
  })

  test('looked at often is not used up; signed in once it is', async () => {
    const { url } = await newLink()
    for (let look = 0; look < 3; look++) expect((await aBrowser().go(url)).status).toBe(200)
    expect((await aBrowser().submit(url, {})).status).toBe(303)
    expect((await aBrowser().go(url)).status).toBe(410)
    expect((await aBrowser().submit(url, {})).status).toBe(410)
  })

  test('keeps its session in a cookie that scripts cannot read and other sites cannot send', async () => {
    const { url } = await newLink()
    const sent = await aBrowser().submit(url, {})
    const [cookie = ''] = sent.headers.getSetCookie()
    expect(cookie).toMatch(/^lockstep-connect=/u)
    expect(cookie).toMatch(/HttpOnly/u)
    expect(cookie).toMatch(/SameSite=Lax/u)
    expect(cookie).not.toContain(service.tenantId)
  })

  test('leads through Google to the calendars, the first sync and the state', async () => {
    const { browser, back, page, link } = await signIn()
    expect([back.status, back.location]).toEqual([303, '/connect/setup'])
    expect(page.text).toContain('Choose your calendars')
    const form = { csrf: csrfOf(page.text), target: 'create', createName: 'Clinic', sources: 'lee@lakeside.example' }
    const shown = { daysBack: '7', daysAhead: '60', title: 'busy', kinds: 'appointment' }
    const saved = await browser.submit('/connect/setup/calendars', { ...form, ...shown })
    expect([saved.status, saved.location]).toEqual([303, '/connect/setup'])
    await expect
      .poll(async () => (await browser.go('/connect/setup')).text, { timeout: 10_000 })
      .toContain('Your calendars are connected')
    const { body } = await service.api('GET', `/v1/users/${link.userId}/connections`)
    expect(body['items']).toMatchObject([
      {
        status: 'active',
        window: { daysBack: 7, daysAhead: 60 },
        policies: { presentation: { title: 'busy', location: false }, include: { kinds: ['appointment'] } },
      },
    ])
    const done = await browser.go('/connect/setup')
    expect(done.text).toMatch(
      /href="https:\/\/platform\.example\.com\/done\?from=clinic&amp;connectionId=con_[\w-]+&amp;status=active"/u,
    )
  })

  test('names the permission that is missing and offers to grant it', async () => {
    const { page } = await signIn('calendar.events')
    expect(page.text).toContain('Some permissions are missing')
    expect(page.text).toMatch(/See and change events[^<]*<span class="badge">missing/u)
    expect(page.text).toContain('Grant again with Google')
    expect(page.text).not.toContain('Start syncing')
  })

  test('after a refusal at Google lets the same browser try again', async () => {
    const browser = aBrowser()
    const sent = await browser.submit((await newLink()).url, {})
    const back = await browser.go(await decide(sent.location, 'deny'))
    const page = await browser.go(back.location)
    expect(page.text).toContain('nothing was connected')
    const again = await browser.submit('/connect/setup/google', { csrf: csrfOf(page.text) })
    const connected = await browser.go(await decide(again.location, 'allow'))
    expect((await browser.go(connected.location)).text).toContain('Choose your calendars')
  })

  test('a wrong choice comes back with what is wrong, and nothing is saved', async () => {
    const { browser, page, link } = await signIn()
    const wrong = { csrf: csrfOf(page.text), target: 'id:somebody-else', daysBack: '7', daysAhead: '60', title: 'full' }
    const reply = await browser.submit('/connect/setup/calendars', wrong)
    expect(reply.status).toBe(400)
    expect(reply.text).toContain('is not a calendar of this Google account')
    const { body } = await service.api('GET', `/v1/users/${link.userId}/connections`)
    expect(body['items']).toMatchObject([{ status: 'pending', calendars: [] }])
  })
})

describe('strangers', () => {
  let signedIn: Awaited<ReturnType<typeof signIn>>
  beforeEach(async () => {
    signedIn = await signIn()
  })

  test.each(['calendars', 'sync', 'pause', 'resume', 'disconnect', 'check', 'google'])(
    'a form for %s without the page’s own token does nothing',
    async name => {
      const { browser, link } = signedIn
      for (const fields of [{}, { csrf: 'guessed' }])
        expect((await browser.submit(`/connect/setup/${name}`, { ...fields, googleEvents: 'remove' })).status).toBe(403)
      const { body } = await service.api('GET', `/v1/users/${link.userId}/connections`)
      expect(body['items']).toMatchObject([{ status: 'pending', version: 1 }])
    },
  )

  test('without the cookie there is no page, no progress and no action', async () => {
    const stranger = aBrowser()
    expect((await stranger.go('/connect/setup')).status).toBe(401)
    expect((await stranger.go('/connect/setup/progress')).status).toBe(404)
    const token = csrfOf(signedIn.page.text)
    expect((await stranger.submit('/connect/setup/disconnect', { csrf: token })).status).toBe(401)
  })

  test('a changed cookie is as good as none', async () => {
    const stranger = aBrowser()
    const [[name, value]] = [...signedIn.browser.jar] as [[string, string]]
    stranger.jar.set(name, `${value.slice(0, -4)}AAAA`)
    expect((await stranger.go('/connect/setup')).status).toBe(401)
  })

  test('Google’s way back does not open in another browser, not even with the right state', async () => {
    const browser = aBrowser()
    const link = await newLink()
    const sent = await browser.submit(link.url, {})
    const way = await decide(sent.location, 'allow')
    expect((await aBrowser().go(way)).status).toBe(400)
    const { body } = await service.api('GET', `/v1/users/${link.userId}/connections`)
    expect(body['items']).toEqual([])
  })
})

describe('platforms that draw their own page', () => {
  test('get the browser back with the connection’s id, once', async () => {
    const link = await newLink({ returnUrl: 'https://platform.example.com/done?from=clinic' })
    expect(new URL(link.googleUrl).searchParams.get('code_challenge_method')).toBe('S256')
    const way = await decide(link.googleUrl, 'allow')
    const back = await aBrowser().go(way)
    expect(back.location).toMatch(
      /^https:\/\/platform\.example\.com\/done\?from=clinic&connectionId=con_[\w-]+&status=pending$/u,
    )
    const replayed = await aBrowser().go(way)
    expect(replayed.status).toBe(400)
    expect(replayed.location).toBe('')
  })

  test('are told of a refusal', async () => {
    const link = await newLink({ returnUrl: 'https://platform.example.com/done' })
    const back = await aBrowser().go(await decide(link.googleUrl, 'deny'))
    expect(back.location).toBe('https://platform.example.com/done?status=denied')
  })

  test('without a returnUrl their users land on the hosted page', async () => {
    const browser = aBrowser()
    const back = await browser.go(await decide((await newLink()).googleUrl, 'allow'))
    expect((await browser.go(back.location)).text).toContain('Choose your calendars')
  })
})

test.each(['?', '?state=', '?state=unknown&code=x', '?error=access_denied', '?state=a&state=b&code=x'])(
  'a callback with %s is refused without a stack',
  async query => {
    const reply = await aBrowser().go(`/oauth/google/callback${query}`)
    expect(reply.status).toBe(400)
    expect(reply.text).not.toMatch(/\bat \S+\.ts:/u)
  },
)

test('whatever colour a platform brings, text on it and in it stays readable', () => {
  for (const colour of ['#ffd400', '#ffffff', '#000000', '#777777', '#1a56a8', '#00ff00', '#ff0000', '#808080']) {
    const value = (name: string) =>
      readColour(new RegExp(`--${name}:(#[0-9a-f]{6})`, 'u').exec(themeCss(colour))?.[1] ?? '')
    expect([colour, contrast(value('brand'), value('on-brand')) >= 4.5]).toEqual([colour, true])
    expect([colour, contrast(value('brand-text'), [255, 255, 255]) >= 4.5]).toEqual([colour, true])
  }
})

test('whatever goes into a hole of the markup stays text', () => {
  const evil = `"><script>alert('x')</script>&`
  expect(html`<p title="${evil}">${[evil, null, 7]}</p>`.text).toBe(
    '<p title="&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;">' +
      '&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;7</p>',
  )
})
