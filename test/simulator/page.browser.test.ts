import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'

import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { addAccount } from '../../src/simulator/calendars.ts'
import { type RunningSimulator, startSimulator } from '../../src/simulator/server.ts'
import { seedEvents } from '../../src/simulator/seeding.ts'
import { ANNA } from './world-builder.ts'

const CHROMIUM = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'
const hasBrowser = existsSync(CHROMIUM)
if (!hasBrowser) process.stderr.write(`NO BROWSER at ${CHROMIUM}: the simulator's pages were not looked at\n`)

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

describe.runIf(hasBrowser)('the simulator’s page', () => {
  let browser: Browser
  let simulator: RunningSimulator
  let page: Page
  let complaints: string[]

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--headless', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
    })
  })
  afterAll(() => browser.close())

  beforeEach(async () => {
    complaints = []
    simulator = await startSimulator({ virtualTime: Date.UTC(2026, 2, 4, 8) })
    addAccount(simulator.world, { email: ANNA, name: 'Anna', timeZone: 'Europe/Berlin' })
    page = await browser.newPage({ viewport: { width: 1380, height: 860 }, timezoneId: 'America/New_York' })
    page.on('console', message => message.type() === 'error' && complaints.push(message.text()))
    page.on('pageerror', error => complaints.push(error.message))
    return async () => {
      await page.close()
      await simulator.close()
    }
  })

  const calendar = () => simulator.world.calendars.get(ANNA)!
  const living = () => calendar().ordered.filter(event => !event.isTombstone)
  const summaries = () => living().map(event => event.fields['summary'])
  const seed = (fields: object) =>
    seedEvents(simulator.world, calendar(), [
      {
        summary: 'Stand-up',
        start: { dateTime: '2026-03-02T09:00:00', timeZone: 'Europe/Berlin' },
        end: { dateTime: '2026-03-02T10:00:00', timeZone: 'Europe/Berlin' },
        ...fields,
      },
    ])
  const field = (name: string) => page.locator(`#editor [name=${name}]`)

  test('a person adds an event with the keyboard, and it is in the calendar at the time they wrote', async () => {
    await page.goto(simulator.url)
    await page.getByRole('button', { name: 'New event' }).press('Enter')
    await field('summary').fill('Haircut')
    await field('start').fill('2026-03-05T14:00')
    await field('end').fill('2026-03-05T15:00')
    await field('summary').press('Enter')
    await page.locator('.ec-event', { hasText: 'Haircut' }).waitFor()
    expect(living().map(event => event.start)).toEqual([
      { kind: 'time', ms: Date.UTC(2026, 2, 5, 13), zone: 'Europe/Berlin' },
    ])
    expect(complaints).toEqual([])
  })

  test('an event is opened, renamed and deleted with the keyboard alone', async () => {
    seed({})
    await page.goto(simulator.url)
    await page.locator('.ec-event', { hasText: 'Stand-up' }).press('Enter')
    await field('summary').fill('Renamed')
    await field('summary').press('Enter')
    await page.locator('.ec-event', { hasText: 'Renamed' }).press('Enter')
    await page.getByRole('button', { name: 'Delete' }).press('Enter')
    await page.locator('.ec-event', { hasText: 'Renamed' }).waitFor({ state: 'detached' })
    expect(living()).toEqual([])
    expect(complaints).toEqual([])
  })

  test('one occurrence of a series, this and following, or all of them are changed as asked', async () => {
    seed({ recurrence: ['RRULE:FREQ=DAILY;COUNT=5'] })
    await page.goto(simulator.url)
    const rename = async (occurrence: string, to: string, scope: string) => {
      await page.locator('.ec-event', { hasText: occurrence }).first().click()
      await field('summary').fill(to)
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('radio', { name: scope, exact: true }).check()
      await page.getByRole('button', { name: 'OK' }).click()
      await page.locator('.ec-event', { hasText: to }).first().waitFor()
    }
    await rename('Stand-up', 'Monday only', 'This event')
    expect(summaries()).toEqual(['Stand-up', 'Monday only'])
    await rename('Stand-up', 'From Tuesday', 'This and following events')
    expect(summaries()).toEqual(['Stand-up', 'Monday only', 'From Tuesday'])
    await rename('From Tuesday', 'All of the rest', 'All events')
    expect(summaries()).toEqual(['Stand-up', 'Monday only', 'All of the rest'])
    expect(complaints).toEqual([])
  })

  test('dragging moves an event by days, in the calendar’s zone', async () => {
    seed({})
    await page.goto(simulator.url)
    const event = page.locator('.ec-event', { hasText: 'Stand-up' })
    const box = (await event.boundingBox())!
    await page.mouse.move(box.x + 20, box.y + 10)
    await page.mouse.down()
    await page.mouse.move(box.x + 60, box.y + 10, { steps: 4 })
    await page.mouse.move(box.x + 20 + box.width + 6, box.y + 10, { steps: 8 })
    await page.mouse.up()
    await expect
      .poll(() => living()[0]?.start)
      .toEqual({ kind: 'time', ms: Date.UTC(2026, 2, 3, 8), zone: 'Europe/Berlin' })
    expect(complaints).toEqual([])
  })

  test('a change made elsewhere appears by itself, and what apps ask is shown beside it', async () => {
    await page.goto(simulator.url)
    await page.locator('#requests-none').waitFor()
    const control = (path: string, body: object) =>
      fetch(`${simulator.url}/_control/${path}`, { method: 'POST', body: JSON.stringify(body) })
    const { access_token } = (await (await control(`accounts/${ANNA}/token`, {})).json()) as { access_token: string }
    await fetch(`${simulator.url}/calendar/v3/calendars/primary/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${access_token}` },
      body: JSON.stringify({
        summary: 'From an app',
        start: { dateTime: '2026-03-06T10:00:00Z' },
        end: { dateTime: '2026-03-06T11:00:00Z' },
      }),
    })
    await page.locator('.ec-event', { hasText: 'From an app' }).waitFor()
    await page.locator('#requests li', { hasText: 'events.insert' }).waitFor()
  })

  test('the consent page grants what was left ticked', async () => {
    const query = new URLSearchParams({
      client_id: 'Clinic',
      redirect_uri: `${simulator.url}/`,
      response_type: 'code',
      scope:
        'openid https://www.googleapis.com/auth/calendar.events https://www.googleapis.com/auth/calendar.calendarlist.readonly',
    })
    await page.goto(`${simulator.url}/o/oauth2/v2/auth?${query}`)
    await page.getByRole('checkbox').nth(1).uncheck()
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.waitForURL(url => url.searchParams.has('code'))
    expect(new URL(page.url()).searchParams.get('scope')).toBe('openid https://www.googleapis.com/auth/calendar.events')
    expect(complaints).toEqual([])
  })

  test('both pages and the form pass the accessibility rules', async () => {
    seed({})
    const violations = async () => {
      await page.addScriptTag({ path: AXE }).catch(() => page.evaluate(() => undefined))
      return page.evaluate(async () => {
        const axe = (
          globalThis as unknown as { axe: { run: (what: object) => Promise<{ violations: { id: string }[] }> } }
        ).axe
        const { violations: found } = await axe.run({ exclude: ['.ec'] })
        return found.map(violation => violation.id)
      })
    }
    const context = await browser.newContext({ bypassCSP: true })
    page = await context.newPage()
    await page.goto(simulator.url)
    await page.locator('.ec-event').first().waitFor()
    expect(await violations()).toEqual([])
    await page.locator('.ec-event').first().press('Enter')
    expect(await violations()).toEqual([])
    await page.goto(
      `${simulator.url}/o/oauth2/v2/auth?client_id=a&redirect_uri=http://127.0.0.1/&response_type=code&scope=email+x`,
    )
    expect(await violations()).toEqual([])
    await context.close()
  })
})
