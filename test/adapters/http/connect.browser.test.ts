import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addAccount, addCalendar, seedEvents, setRole } from '../../../src/simulator/testing.ts'
import { addToList } from '../../../src/simulator/calendars.ts'
import { startConnectService, type ConnectService } from '../../support/connect-service.ts'
import { hasBrowser, look, openBrowser, openPage, type SIZES } from '../../support/connect-browser.ts'

describe.runIf(hasBrowser)('the connect page in a browser', () => {
  let service: ConnectService
  let browser: Browser

  beforeAll(async () => {
    service = await startConnectService({ branding: { productName: 'Lakeside Clinic', colour: '#ffd400' } })
    const { world } = service.simulator
    const lee = addAccount(world, { email: 'lee@lakeside.example', timeZone: 'America/New_York' })
    addCalendar(world, { owner: lee, summary: 'Private', timeZone: 'America/New_York' })
    const boss = addAccount(world, { email: 'boss@lakeside.example', timeZone: 'America/New_York' })
    const shared = [
      ['Team', 'reader'],
      ['Boss', 'freeBusyReader'],
    ] as const
    for (const [summary, role] of shared) {
      const calendar = addCalendar(world, { owner: boss, summary, timeZone: 'America/New_York' })
      setRole(world, calendar, lee.email, role)
      addToList(world, lee, calendar, {})
    }
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await service.stop()
  })

  const linkFor = async (userId: string): Promise<string> => {
    const made = await service.api('POST', `/v1/users/${userId}/connect-links`, {
      returnUrl: 'https://platform.example',
    })
    return String(made.body['url'])
  }

  const fillCalendar = (email: string, count: number): void => {
    const { world } = service.simulator
    const account = addAccount(world, { email, timeZone: 'America/New_York' })
    addCalendar(world, { owner: account, summary: 'Second', timeZone: 'America/New_York' })
    const primary = world.calendars.get(email)
    if (primary === undefined) throw new Error('no primary calendar')
    const start = Date.now() + 3_600_000
    const time = (at: number) => ({ dateTime: new Date(at).toISOString() })
    const events = Array.from({ length: count }, (_, index) => ({
      summary: `Own ${index}`,
      start: time(start + index * 3_600_000),
      end: time(start + index * 3_600_000 + 1_800_000),
    }))
    seedEvents(world, primary, events)
  }

  const bookAhead = async (userId: string, count: number): Promise<void> => {
    const time = (days: number) => ({
      dateTime: new Date(Date.now() + days * 86_400_000).toISOString(),
      timeZone: 'UTC',
    })
    for (let index = 0; index < count; index++)
      await service.api('PUT', `/v1/appointments/${userId}-${index}`, {
        userId,
        kind: 'appointment',
        title: `Visit ${index}`,
        start: time(index + 1),
        end: time(index + 1.02),
      })
  }

  /** Titles of what we have written into any calendar of the account. */
  const titlesIn = async (email: string): Promise<string[]> =>
    [...service.simulator.world.calendars.values()]
      .filter(calendar => calendar.dataOwner === email)
      .flatMap(calendar => [...calendar.events.values()])
      .filter(event => event.status !== 'cancelled')
      .map(event => String(event.fields['summary']))
      .filter(summary => summary.startsWith('Visit'))
      .toSorted()

  const slowGoogle = (slowMs: Readonly<Record<string, number>>): void => {
    service.simulator.faults.rules = Object.entries(slowMs).map(([kind, ms], id) => ({
      id,
      match: { kind },
      effect: { kind: 'slow', ms },
      remaining: Infinity,
      probability: 1,
    }))
  }
  const aPage = (size: keyof typeof SIZES) => openPage(browser, size)

  test.each(['desk', 'phone'] as const)(
    'leads a person from the link to the end, readable by everyone (%s)',
    async size => {
      const { page, complaints, close } = await aPage(size)
      const shown = (name: string) => look(page, `${size}-${name}`)
      const click = async (selector: string) => {
        await page.click(selector)
        await page.waitForLoadState()
      }
      await page.goto(await linkFor(`user-${size}`))
      await shown('1-landing')
      await click('button.google')
      await click('text=Cancel')
      await shown('2-denied')
      await click('button.google')
      await page.fill('input[name=new_account]', size === 'desk' ? '' : 'phone@lakeside.example')
      await page.uncheck('input[value$="calendar.events"]')
      await click('text=Continue')
      await page.waitForSelector('text=Some permissions are missing')
      await shown('3-missing')
      await click('button.google')
      if (size === 'phone') await page.check('input[value="phone@lakeside.example"]')
      await click('text=Continue')
      await page.waitForSelector('text=Start syncing')
      await shown('4-choose')
      await click('text=Start syncing')
      await page.waitForSelector('text=Your calendars are connected')
      await shown('5-connected')
      await click('text=Test')
      await shown('6-tested')
      await click('text=Pause')
      await page.waitForSelector('text=Resume')
      await click('text=Resume')
      await click('text=Change calendars')
      await shown('7-change')
      await page.goto(`${service.publicUrl}/connect/setup`)
      await click('summary:has-text("Disconnect")')
      await page.check('#events-remove')
      await click('text=Disconnect Google')
      await page.waitForSelector('h1:has-text("Disconnected")')
      await shown('8-goodbye')
      expect(complaints).toEqual([])
      await close()
    },
  )

  test.each(['desk', 'phone'] as const)(
    'is lived with: connected in four clicks, watched, switched, started over and ended (%s)',
    async size => {
      const { page, complaints, close } = await aPage(size)
      const userId = `life-${size}`
      const email = `${userId}@lakeside.example`
      const shown = (name: string) => look(page, `${size}-life-${name}`)
      let clicks = 0
      const click = async (selector: string) => {
        clicks += 1
        await page.click(selector)
        await page.waitForLoadState()
      }
      fillCalendar(email, 2_000)
      await bookAhead(userId, 12)
      slowGoogle({ 'events.list': 400 })
      await page.goto(await linkFor(userId))
      await click('button.google')
      await page.check(`input[value="${email}"]`)
      await click('text=Continue')
      await page.waitForSelector('text=Start syncing')
      await click('text=Start syncing')
      expect(clicks).toBeLessThanOrEqual(6)
      const texts = new Set<string>()
      await page.waitForSelector('[data-progress-text]')
      await shown('1-syncing')
      while (await page.isVisible('[data-progress-text]')) {
        texts.add((await page.textContent('[data-progress-text]').catch(() => null)) ?? '')
        await page.waitForTimeout(100)
      }
      expect([...texts].filter(text => /^Reading your calendars: \d+ done so far$/.test(text)).length).toBeGreaterThan(
        2,
      )
      await page.waitForSelector('text=Your calendars are connected')
      service.simulator.faults.rules = []
      expect(await titlesIn(email)).toEqual(Array.from({ length: 12 }, (_, index) => `Visit ${index}`).toSorted())

      await click('button:has-text("Test")')
      await page.waitForSelector('text=Google’s word of a test change reached us.')
      expect(await page.locator('.cross').count()).toBe(0)
      await shown('2-tested')

      await click('text=Change calendars')
      await page.check('label:has-text("Second")')
      await click('text=Save and sync')
      await page.waitForSelector('text=Your calendars are connected')
      await page.waitForSelector('dd:has-text("Second")')
      expect(await titlesIn(email)).toHaveLength(12)

      await click('button:has-text("Send existing")')
      await page.waitForSelector('text=Your calendars are connected')

      await click('summary:has-text("Start over")')
      await page.check('#reset-remove')
      await shown('3-start-over')
      await click('text=Show what would happen')
      await page.waitForSelector('h1:has-text("Start over?")')
      expect(await page.innerText('dl.facts')).toMatch(/Deleted\s+12 events\s+Written anew\s+12 events/)
      await click('summary:has-text("Show them")')
      await shown('4-plan')
      await click('text=Start over now')
      await page.waitForSelector('text=Your calendars are connected')
      expect(await titlesIn(email)).toHaveLength(12)

      slowGoogle({ 'events.list': 1_500 })
      await click('button:has-text("Sync now")')
      await page.waitForSelector('button:has-text("Stop")')
      await click('button:has-text("Stop")')
      await page.waitForSelector('text=Your calendars are connected')
      service.simulator.faults.rules = []

      await click('button:has-text("Pause")')
      await page.waitForSelector('text=Resume')
      await shown('5-paused')
      await click('summary:has-text("Disconnect")')
      await shown('6-disconnecting')
      await click('text=Disconnect Google')
      await page.waitForSelector('h1:has-text("Disconnected")')
      expect(await titlesIn(email)).toHaveLength(12)
      expect(complaints).toEqual([])
      expect(service.errors).toEqual([])
      await close()
    },
  )

  test('says so when another Google account comes back than the one that was to be mended', async () => {
    const { page, close } = await aPage('desk')
    for (const name of ['first', 'other']) addAccount(service.simulator.world, { email: `${name}@lakeside.example` })
    await page.goto(await linkFor('user-other'))
    await page.click('button.google')
    await page.check('input[value="first@lakeside.example"]')
    await page.uncheck('input[value$="calendar.events"]')
    await page.click('text=Continue')
    await page.waitForSelector('text=Some permissions are missing')
    await page.click('button.google')
    await page.check('input[value="other@lakeside.example"]')
    await page.click('text=Continue')
    await page.waitForSelector('text=You signed in with another Google account than before: other@lakeside.example')
    await look(page, 'desk-other-account')
    const { body } = await service.api('GET', '/v1/users/user-other/connections')
    expect(body['items'].map((each: { googleAccount: { email: string } }) => each.googleAccount.email)).toEqual([
      'first@lakeside.example',
      'other@lakeside.example',
    ])
    await close()
  })

  test('shows what Google will show while one chooses, and why a calendar cannot be chosen', async () => {
    const { page, close } = await aPage('desk')
    await page.goto(await linkFor('user-preview'))
    await page.click('button.google')
    await page.check('input[value="lee@lakeside.example"]')
    await page.click('text=Continue')
    await page.waitForSelector('text=Start syncing')
    const preview = async () => (await page.innerText('.event')).split('\n').filter(line => line.trim() !== '')
    expect(await preview()).toEqual(['Tue 9:00 – 9:30', 'Follow-up, Jane Roe', 'Room 2', 'Bring the last report.'])
    await page.check('input[name=title][value=busy]')
    await page.uncheck('input[name=location]')
    expect(await preview()).toEqual(['Tue 9:00 – 9:30', 'Busy', 'Bring the last report.'])
    const why = async (selector: string) => [
      await page.isDisabled(selector),
      await page.innerText(`label[for="${await page.getAttribute(selector, 'id')}"]`),
    ]
    expect(await why('input[name=target][value^="id:c_"]:disabled >> nth=0')).toEqual([
      true,
      expect.stringContaining('nothing can be written here'),
    ])
    await close()
  })

  test('is walked through with the keyboard alone', async () => {
    const { page, close } = await aPage('desk')
    await page.goto(await linkFor('user-keys'))
    const focused = () => page.evaluate<string>('document.activeElement.textContent.trim()')
    await page.keyboard.press('Tab')
    expect(await focused()).toBe('Skip to content')
    await page.keyboard.press('Tab')
    expect(await focused()).toBe('Sign in with Google')
    await page.keyboard.press('Enter')
    await page.waitForSelector('text=wants to access your account')
    await close()
  })
})
