import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, chromium, type Locator, type Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { runDemo, type RunningDemo } from './demo-process.ts'

const CHROMIUM = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'
const hasBrowser = existsSync(CHROMIUM)
if (!hasBrowser) process.stderr.write(`NO BROWSER at ${CHROMIUM}: the demo's page was not looked at\n`)

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
/** The promise is a second; a loaded machine gets more in a test. */
const SOON = { timeout: 5_000, interval: 30 }
const HOUR_PX = 56

describe.runIf(hasBrowser)('the demo’s page', () => {
  let demo: RunningDemo
  let browser: Browser | undefined
  let page: Page
  let complaints: string[]
  let loads: number

  beforeAll(async () => {
    demo = await runDemo()
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--headless', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
    })
  })
  afterAll(async () => {
    await browser?.close()
    await demo?.stop()
  })

  beforeEach(async () => {
    complaints = []
    loads = 0
    page = await browser!.newPage({ viewport: { width: 1280, height: 800 }, timezoneId: 'Asia/Tokyo' })
    page.on('console', message => message.type() === 'error' && complaints.push(message.text()))
    page.on('pageerror', error => complaints.push(error.message))
    page.on('load', () => (loads += 1))
    page.on('request', request => {
      if (!request.url().startsWith(new URL(demo.pageUrl).origin)) complaints.push(`asked ${request.url()}`)
    })
    await page.goto(demo.pageUrl)
    await page.waitForSelector('html[data-ready]')
    return async () => {
      await page.close()
    }
  })

  type Side = 'platform' | 'google'
  const box = (side: Side, title: string): Locator => page.locator(`#${side} .box`, { hasText: title })
  const label = (of: Locator): Promise<string | null> => of.first().getAttribute('aria-label')
  const dialog = (name: string): Locator => page.locator(`#editor [name=${name}]`)

  const add = async (side: Side, title: string, from: string, to: string): Promise<void> => {
    await page.locator(`.add[data-side=${side}]`).click()
    await dialog('title').fill(title)
    await dialog('from').fill(from)
    await dialog('to').fill(to)
    await page.keyboard.press('Enter')
  }
  const drag = async (what: Locator, hours: number): Promise<void> => {
    await what.scrollIntoViewIfNeeded()
    const at = (await what.boundingBox())!
    await page.mouse.move(at.x + 15, at.y + 5)
    await page.mouse.down()
    await page.mouse.move(at.x + 15, at.y + 5 + hours * HOUR_PX, { steps: 6 })
    await page.mouse.up()
  }
  const expectBoth = (title: string, part: string): Promise<void> =>
    expect
      .poll(async () => [await label(box('platform', title)), await label(box('google', title))], SOON)
      .toEqual([expect.stringContaining(part), expect.stringContaining(part)])

  test('shows the same week on both sides, each box beside its partner', async () => {
    const keys = (side: Side): Promise<string[]> =>
      page
        .locator(`#${side} .box[data-pair]`)
        .evaluateAll(boxes => boxes.map(each => each.getAttribute('data-pair') ?? '').sort())
    const [platform, google] = [await keys('platform'), await keys('google')]
    expect(platform.length).toBeGreaterThan(15)
    expect(platform).toEqual(google)
    expect(await page.locator('#google .box:not([data-pair])').count()).toBe(0)
    const first = page.locator('#platform .box[data-pair]').first()
    await first.hover()
    const pair = await first.getAttribute('data-pair')
    expect(await page.locator('.box.lit').evaluateAll(lit => lit.map(each => each.getAttribute('data-pair')))).toEqual([
      pair,
      pair,
    ])
    expect(complaints).toEqual([])
  })

  test('a move on the platform is in Google a moment later, with its reason, for two requests at most', async () => {
    await add('platform', 'Check-up, Ada Stone', '18:00', '18:30')
    await expectBoth('Ada Stone', '18:00 to 18:30')
    await drag(box('platform', 'Ada Stone').first(), 1)
    await expectBoth('Ada Stone', '19:00 to 19:30')
    const story = page.locator('#story .line', { hasText: 'Ada Stone' })
    await expect
      .poll(() => story.allInnerTexts(), SOON)
      .toEqual(
        expect.arrayContaining([
          expect.stringContaining('Moved on the platform'),
          expect.stringContaining('Written to Google'),
          expect.stringContaining('Booked on the platform'),
        ]),
      )
    expect(Number(await page.locator('#requests-last').innerText())).toBeLessThanOrEqual(2)
    expect([loads, complaints]).toEqual([1, []])
  })

  test('a move in Google is on the platform a moment later, and its deletion cancels', async () => {
    await add('platform', 'Check-up, Ben Hale', '19:00', '19:30')
    await expectBoth('Ben Hale', '19:00 to 19:30')
    await drag(box('google', 'Ben Hale').first(), -1)
    await expectBoth('Ben Hale', '18:00 to 18:30')
    await expect.poll(() => page.locator('#story').innerText(), SOON).toContain('Moved in Google')
    await box('google', 'Ben Hale').first().click()
    await page.locator('#editor .danger').click()
    await expect
      .poll(() => page.locator('#platform .box.status-cancelled', { hasText: 'Ben Hale' }).count(), SOON)
      .toBe(1)
    expect(await box('google', 'Ben Hale').count()).toBe(0)
    expect([loads, complaints]).toEqual([1, []])
  })

  test('an event of Google’s own arrives locked, and says why it cannot be moved here', async () => {
    await add('google', 'Parcel', '18:30', '19:00')
    await expectBoth('Parcel', '18:30 to 19:00')
    const locked = box('platform', 'Parcel').first()
    expect(await label(locked)).toContain('locked, made in Google')
    await drag(locked, 1)
    await expect.poll(() => page.locator('#toast.shown').innerText(), SOON).toContain('locked here')
    expect(await page.locator('#toast a').getAttribute('href')).toBe(demo.simulatorUrl)
    await expectBoth('Parcel', '18:30 to 19:00')
    const refused = await fetch(
      `${demo.pageUrl}/api/platform/dr-lee/${(await locked.getAttribute('data-key'))!.split('/').at(-1)!}`,
      {
        method: 'PATCH',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ title: 'Mine now' }),
      },
    )
    expect(refused.status).toBe(423)
    await locked.click()
    await expect.poll(() => page.locator('#editor').innerText(), SOON).toContain('Google owns this one')
    expect(await page.locator('#editor input').count()).toBe(0)
  })

  test('an occurrence of a series is moved by keyboard, alone', async () => {
    const course = (side: Side): Locator => box(side, 'course of 8')
    const before = await label(course('platform'))
    await course('platform').first().focus()
    await page.keyboard.press('Alt+ArrowDown')
    await expect.poll(() => label(course('google')), SOON).not.toBe(before)
    expect(await label(course('platform'))).toContain('15:15 to 15:55')
    await page.locator('#next').click()
    await expect.poll(() => label(course('google')), SOON).toContain('14:00 to 14:40')
    expect(complaints).toEqual([])
  })

  test('who is hidden from Google stays hidden on Google’s side', async () => {
    await page.locator('.person', { hasText: 'Okafor' }).click()
    await expect.poll(() => page.locator('#google .box.masked').count(), SOON).toBeGreaterThan(3)
    const titles = await page.locator('#google .box.masked .title').allInnerTexts()
    expect(new Set(titles.map(each => each.trim()))).toEqual(
      new Set(['Appointment', 'Task'].filter(each => titles.includes(each))),
    )
  })

  test.each(['light', 'dark'] as const)('has no accessibility faults a machine can find (%s)', async colorScheme => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.evaluate(readFileSync(AXE, 'utf8')) // the page's own policy lets no script tag in
    const faults = await page.evaluate<string[]>(
      `axe.run().then(({ violations }) => violations.map(each => each.id + ': ' + each.nodes.map(node => node.html.slice(0, 160)).slice(0, 3).join(' | ')))`,
    )
    expect(faults).toEqual([])
  })

  test('fits a narrow window: one day, both sides beside each other', async () => {
    await page.setViewportSize({ width: 420, height: 860 })
    await page.reload()
    await page.waitForSelector('html[data-ready]')
    expect(await page.locator('.day-chip').count()).toBe(7)
    expect(await page.locator('#platform .column').count()).toBe(1)
    expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true)
  })
})
