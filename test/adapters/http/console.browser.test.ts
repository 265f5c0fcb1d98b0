import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { putAppointment } from '../../../src/usecases/appointments/put-appointment.ts'
import { TENANT } from '../../support/engine.ts'
import { accessibilityFaults, hasBrowser, LAUNCH } from './a-browser.ts'
import { ADMIN_TOKEN, API_KEY, aTroubledClinic } from './console-clinic.ts'

const DESK = { width: 1_400, height: 900 }
const PHONE = { width: 360, height: 740 }

describe.runIf(hasBrowser)('the console in a browser', () => {
  let clinic: Awaited<ReturnType<typeof aTroubledClinic>>
  let browser: Browser
  let url: string
  const complaints: string[] = []

  beforeAll(async () => {
    clinic = await aTroubledClinic()
    url = await clinic.app.listen({ host: '127.0.0.1', port: 0 })
    browser = await chromium.launch(LAUNCH)
  })
  afterAll(async () => {
    await browser.close()
    await clinic.app.close()
  })

  async function signedIn(
    token: string,
    look: { viewport: typeof DESK; colorScheme: 'light' | 'dark' },
  ): Promise<Page> {
    const context = await browser.newContext(look)
    const page = await context.newPage()
    page.on('console', message => message.type() === 'error' && complaints.push(message.text()))
    await page.goto(`${url}/console/sign-in`)
    await page.getByLabel('Token or API key').fill(token)
    await page.getByRole('button', { name: 'Sign in' }).press('Enter')
    await page.waitForURL('**/console')
    return page
  }

  const PAGES = [
    '/console',
    `/console/t/${TENANT}/connections/con_dr-lee`,
    `/console/t/${TENANT}/connections/con_held`,
    `/console/t/${TENANT}/appointments/apt_1`,
    `/console/t/${TENANT}/search?q=jane`,
    `/console/t/${TENANT}/writes`,
    `/console/t/${TENANT}/questions`,
    `/console/t/${TENANT}/webhooks`,
    `/console/t/${TENANT}/audit`,
  ]

  test.each([
    ['on a desk, light', DESK, 'light'],
    ['on a desk, dark', DESK, 'dark'],
    ['on a phone, light', PHONE, 'light'],
  ] as const)('everybody can read and use every page %s', async (_where, viewport, colorScheme) => {
    const page = await signedIn(API_KEY, { viewport, colorScheme })
    for (const path of PAGES) {
      await page.goto(url + path)
      expect([path, await accessibilityFaults(page)]).toEqual([path, []])
      const overflow = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')
      expect([path, Number(overflow) <= 0]).toEqual([path, true])
    }
    await page.context().close()
    expect(complaints).toEqual([])
  })

  test('the operator’s own pages too', async () => {
    const page = await signedIn(ADMIN_TOKEN, { viewport: DESK, colorScheme: 'light' })
    for (const path of ['/console', '/console/tenants', '/console/quota', '/console/webhooks', '/console/audit']) {
      await page.goto(url + path)
      expect([path, await accessibilityFaults(page)]).toEqual([path, []])
    }
    await page.evaluate("document.title = ''")
    expect(await accessibilityFaults(page)).toEqual([expect.stringContaining('document-title')]) // it would notice
    await page.context().close()
    expect(complaints).toEqual([])
  })

  test('what changes appears without a reload', async () => {
    const page = await signedIn(API_KEY, { viewport: DESK, colorScheme: 'light' })
    await page.goto(`${url}/console/t/${TENANT}/connections/con_dr-lee`)
    await page.locator('.live', { hasText: 'live' }).waitFor()
    await page.evaluate('window.wasHere = true')
    const start = { dateTime: '2026-12-02T10:00:00-05:00', timeZone: 'America/New_York' }
    const end = { dateTime: '2026-12-02T11:00:00-05:00', timeZone: 'America/New_York' }
    const body = { userId: 'dr-lee', title: 'Just booked', start, end }
    const input = { tenantId: TENANT, id: 'apt_live', body, ifMatch: null, onConflict: 'allow' } as const
    expect((await putAppointment(clinic.engine.deps, input)).ok).toBe(true)
    await page.locator('.side.platform', { hasText: 'Just booked' }).waitFor({ timeout: 20_000 })
    expect(await page.evaluate('window.wasHere')).toBe(true)
    await page.context().close()
  })

  test('a person mends a parked write by keyboard alone', async () => {
    const page = await signedIn(API_KEY, { viewport: DESK, colorScheme: 'light' })
    await page.goto(`${url}/console?trouble=parked`)
    await page.getByRole('button', { name: 'Try again' }).focus()
    await page.keyboard.press('Enter')
    await page.waitForURL('**/connections/con_dr-lee')
    await clinic.engine.settle()
    expect((await clinic.store.appointment(TENANT, 'apt_4'))?.outbox).toBeNull()
    await page.context().close()
  })
})
