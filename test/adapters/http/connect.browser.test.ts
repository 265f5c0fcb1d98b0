import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addAccount, addCalendar, setRole } from '../../../src/simulator/testing.ts'
import { addToList } from '../../../src/simulator/calendars.ts'
import { startConnectService, type ConnectService } from '../../support/connect-service.ts'

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const hasBrowser = existsSync(CHROMIUM)
if (!hasBrowser && process.env['CI'] !== undefined) throw new Error(`no browser at ${CHROMIUM}`)
if (!hasBrowser) process.stderr.write(`SKIPPED: no browser at ${CHROMIUM}; the connect page was not looked at\n`)

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const SIZES = { desk: { width: 1_000, height: 900 }, phone: { width: 360, height: 720 } }

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
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--headless', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
    })
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

  const aPage = async (size: keyof typeof SIZES) => {
    const context = await browser.newContext({ viewport: SIZES[size] })
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', message => void (message.type() === 'error' && complaints.push(message.text())))
    page.on('pageerror', error => void complaints.push(error.message))
    return { page, complaints, close: () => context.close() }
  }

  /** WCAG 2.2 AA by axe, and nothing to scroll sideways for. */
  const look = async (page: Page, name: string): Promise<void> => {
    const shots = process.env['SCREENSHOTS']
    if (shots !== undefined) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true })
    await page.evaluate(AXE)
    const found = await page.evaluate<string[]>(
      `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] })
        .then(({ violations }) => violations.map(each => each.id + ': ' + each.nodes.map(node => node.html).join()))`,
    )
    expect([name, found]).toEqual([name, []])
    const isWide = await page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth')
    expect([name, isWide]).toEqual([name, false])
  }

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
      await click('summary')
      await page.check('#events-remove')
      await click('text=Disconnect Google')
      await page.waitForSelector('h1:has-text("Disconnected")')
      await shown('8-goodbye')
      expect(complaints).toEqual([])
      await close()
    },
  )

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
