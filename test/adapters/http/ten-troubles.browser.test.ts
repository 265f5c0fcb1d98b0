import { mkdirSync } from 'node:fs'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MINUTE } from '../../support/builders.ts'
import { TENANT } from '../../support/engine.ts'
import { accessibilityFaults, hasBrowser, LAUNCH } from './a-browser.ts'
import { API_KEY } from './console-clinic.ts'
import { aClinicInTenTroubles, TROUBLES } from './ten-troubles.ts'

/** A folder for what was seen: `SCREENSHOTS=dir npx vitest run --project browser test/adapters/http/ten-troubles`. */
const SCREENSHOTS = process.env['SCREENSHOTS']
const LOOKS = [
  { name: 'desk', viewport: { width: 1_400, height: 900 }, colorScheme: 'light' },
  { name: 'dark', viewport: { width: 1_400, height: 900 }, colorScheme: 'dark' },
  { name: 'narrow', viewport: { width: 360, height: 740 }, colorScheme: 'light' },
] as const

/** By trouble: what its tile on the front page is called, whose it is, why it is so, and the button that mends it. */
const EXPECTED: Record<string, { tile: string; user: string; cause: RegExp; button: string | null }> = {
  revoked: {
    tile: 'Access revoked',
    user: 'dr-revoked',
    cause: /no longer accepts the grant/,
    button: 'Make a connect link',
  },
  permission: {
    tile: 'Permission missing',
    user: 'dr-permission',
    cause: /did not tick every permission.*calendar\.events/,
    button: 'Make a connect link',
  },
  read_only: {
    tile: 'Target is read-only',
    user: 'dr-readonly',
    cause: /may no longer change its target calendar/,
    button: 'Look again',
  },
  parked: { tile: 'Writes parked', user: 'dr-parked', cause: /One write was refused by Google/, button: 'Try again' },
  channel: { tile: 'Channel dead', user: 'dr-channel', cause: /no live watch channel/, button: 'Open a channel' },
  held: {
    tile: 'Held: too many deletions',
    user: 'dr-held',
    cause: /6 of 6/,
    button: 'Undo them: write 6 events again',
  },
  duplicate: {
    tile: 'Duplicate',
    user: 'dr-duplicate',
    cause: /looks exactly like an appointment/,
    button: 'They are the same',
  },
  quota: {
    tile: 'Paused by Google’s quota',
    user: 'dr-quota',
    cause: /told this account to stop writing/,
    button: null,
  },
  unreadable: { tile: 'Unreadable event', user: 'dr-poisoned', cause: /could not be understood/, button: 'Read again' },
}

describe.runIf(hasBrowser)('ten troubles, from the front page', { timeout: 180_000 }, () => {
  let clinic: Awaited<ReturnType<typeof aClinicInTenTroubles>>
  let browser: Browser
  let url: string

  beforeAll(async () => {
    clinic = await aClinicInTenTroubles()
    url = await clinic.app.listen({ host: '127.0.0.1', port: 0 })
    browser = await chromium.launch(LAUNCH)
  }, 180_000)
  afterAll(async () => {
    await browser.close()
    await clinic.close()
  })

  async function signedIn({ viewport, colorScheme }: Pick<(typeof LOOKS)[number], 'viewport' | 'colorScheme'>) {
    const context = await browser.newContext({ viewport, colorScheme })
    const page = await context.newPage()
    await page.goto(`${url}/console/sign-in`)
    await page.getByLabel('Token or API key').fill(API_KEY)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL('**/console')
    return page
  }

  async function look(page: Page, name: string): Promise<void> {
    if (SCREENSHOTS === undefined) return
    mkdirSync(SCREENSHOTS, { recursive: true })
    await page.screenshot({ path: `${SCREENSHOTS}/${name}.png`, fullPage: true })
  }

  const troubled = async (): Promise<Record<string, number>> => {
    const filter = { tenantId: TENANT, trouble: null, text: null, offset: 0, limit: 1 }
    return (await clinic.engine.deps.store.connectionHealth(filter, clinic.engine.clock.now)).counts
  }

  test('nothing else is the matter: each is there once', async () => {
    expect(await troubled()).toEqual(Object.fromEntries(TROUBLES.map(({ name }) => [name, 1])))
  })

  test.each(LOOKS)('everybody can read and use what they see, $name', async ({ name, ...how }) => {
    const page = await signedIn(how)
    const paths = ['/console', `/console/t/${TENANT}/connections/con_dr-held`]
    // Each page in each look when somebody wants to see them; otherwise two.
    if (SCREENSHOTS !== undefined)
      paths.push(
        ...TROUBLES.map(each => `/console?trouble=${each.name}`),
        ...TROUBLES.map(each => `/console/t/${TENANT}/connections/con_${EXPECTED[each.name]?.user}`),
        `/console/t/${TENANT}/webhooks`,
        `/console/t/${TENANT}/questions`,
      )
    for (const path of paths) {
      await page.goto(url + path)
      expect([path, await accessibilityFaults(page)]).toEqual([path, []])
      expect([path, await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')]).toEqual([
        path,
        true,
      ])
      await look(page, `${name}-${path.slice('/console'.length).replaceAll(/[^\w]+/g, '-') || 'front'}`)
    }
    await page.context().close()
  })

  test.each(TROUBLES)('$name: found in two clicks, the cause in plain words, and mended', async trouble => {
    const { name, mend, follow, passes } = trouble
    const expected = EXPECTED[name]
    const stage = clinic.stages.get(name)
    if (expected === undefined || stage === undefined) throw new Error(`${name} is not prepared`)
    const page = await signedIn(LOOKS[0])
    await page.locator('.tiles').getByRole('link', { name: expected.tile }).click()
    const row = page.getByRole('row', { name: expected.user })
    await row.getByText(expected.cause).waitFor()
    expect(await page.locator('table.connections tbody tr').count()).toBe(1)
    await row.getByRole('link', { name: expected.user }).click()
    await page.locator(`#${name}`).getByText(expected.cause).waitFor()
    expect(await accessibilityFaults(page)).toEqual([])

    await mend?.(stage)
    if (passes !== undefined) await passes(stage)
    else await press(page, name, expected.button ?? '')
    await follow?.(stage)
    await clinic.engine.settle()
    await clinic.engine.advance(MINUTE)
    expect(await troubled()).not.toHaveProperty(name)
    await page.context().close()
  })

  /** On the connection's page, or where that leads to. */
  async function press(page: Page, name: string, button: string): Promise<void> {
    const section = page.locator(`#${name}`)
    if (name === 'duplicate') await section.getByRole('link', { name: 'Answer' }).click()
    const there = name === 'duplicate' ? page.getByRole('main') : section
    await there.getByRole('button', { name: button }).click()
    if (button === 'Make a connect link') await page.getByLabel('Link to copy').waitFor()
    await page.waitForLoadState()
  }

  test('the webhook endpoint that is down: found, told since when, and tried again', async () => {
    const page = await signedIn(LOOKS[0])
    await page.getByRole('link', { name: 'Webhook endpoint down' }).click()
    await page.getByText(/It did not take the last \d+ attempts/).waitFor()
    clinic.platform.state.isUp = true
    await page.getByRole('button', { name: 'Try now' }).click()
    await page.waitForLoadState()
    await clinic.engine.settle()
    expect(clinic.platform.state.taken).toBeGreaterThan(0)
    await page.goto(`${url}/console`)
    expect(await page.getByRole('link', { name: 'Webhook endpoint down' }).count()).toBe(0)
    await page.context().close()
  })

  test('then all is in order, and says so', async () => {
    const page = await signedIn(LOOKS[0])
    await page.getByText('All 10 connections in order.').waitFor()
    await look(page, 'desk-mended')
    await page.context().close()
  })
})
