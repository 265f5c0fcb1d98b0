import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Connection } from '../../../src/core/model/connection.ts'
import { addAccount } from '../../../src/simulator/testing.ts'
import { endRun } from '../../../src/usecases/runs/end-run.ts'
import { patchTenant } from '../../../src/usecases/tenants/patch-tenant.ts'
import { hasBrowser, look, openBrowser, openPage, type SIZES } from '../../support/connect-browser.ts'
import { startConnectService, type ConnectService } from '../../support/connect-service.ts'

describe.runIf(hasBrowser)('the connect page in states that nobody wishes for', () => {
  let service: ConnectService
  let browser: Browser

  beforeAll(async () => {
    service = await startConnectService({ branding: { productName: 'Lakeside Clinic', colour: '#0b6e4f' } })
    addAccount(service.simulator.world, { email: 'lee@lakeside.example', timeZone: 'America/New_York' })
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await service.stop()
  })

  const setup = () => `${service.publicUrl}/connect/setup`
  const linkFor = async (userId: string): Promise<string> => {
    const { body } = await service.api('POST', `/v1/users/${userId}/connect-links`, {})
    return String(body['url'])
  }
  const set = async (settings: object): Promise<void> => {
    const outcome = await patchTenant(service.deps, { tenantId: service.tenantId, settings })
    expect(outcome.ok).toBe(true)
  }
  const connect = async (page: Page, userId: string, link: string): Promise<string> => {
    await page.goto(link)
    await page.click('button.google')
    await page.check('input[value="lee@lakeside.example"]')
    await page.click('text=Continue')
    await page.click('text=Start syncing')
    await page.waitForSelector('text=Your calendars are connected')
    const [connection] = await service.deps.store.connectionsOfUser(service.tenantId, userId)
    return connection?.id ?? ''
  }
  /** As the engine would leave it. */
  const standAt = async (connectionId: string, fields: Partial<Connection>): Promise<void> => {
    const { store } = service.deps
    const connection = await store.connection(service.tenantId, connectionId)
    if (connection === null) throw new Error('no connection')
    await store.transaction(service.tenantId, tx => tx.saveConnection({ ...connection, ...fields }))
  }

  test.each(['desk', 'phone'] as const)('each is said in words and readable by everyone (%s)', async size => {
    const { page, close } = await openPage(browser, size as keyof typeof SIZES)
    const shown = (name: string) => look(page, `${size}-state-${name}`)
    const says = async (address: string, text: string, name: string) => {
      await page.goto(address)
      await page.waitForSelector(`text=${text}`)
      await shown(name)
    }
    await says(setup(), 'Please open your link again', 'no-session')
    await says(`${service.publicUrl}/connect/${'x'.repeat(43)}`, 'This link is no longer valid', 'link-over')
    await says(`${service.publicUrl}/oauth/google/callback?state=forged&code=1`, 'cannot be completed', 'refused')

    const userId = `states-${size}`
    const link = await linkFor(userId)
    await page.goto(link)
    await page.click('summary')
    await shown('permissions')
    await set({ syncing: false })
    await page.click('button.google')
    await page.check('input[value="lee@lakeside.example"]')
    await page.click('text=Continue')
    await page.waitForSelector('text=switched off for everyone')
    await shown('connecting-while-off')
    await set({ syncing: true })

    const second = await linkFor(userId)
    const connectionId = await connect(page, userId, second)
    await says(second, 'Your calendars are connected', 'link-again')
    await standAt(connectionId, { statusReason: 'target_read_only' })
    await says(setup(), 'may no longer write', 'target-read-only')
    await standAt(connectionId, { status: 'needs_reauth', statusReason: 'access_revoked' })
    await says(setup(), 'Please sign in again', 'needs-reauth')
    await standAt(connectionId, { status: 'held', statusReason: 'deletion_guard' })
    await says(setup(), 'Unusually many events vanished', 'held')
    await standAt(connectionId, { status: 'active', statusReason: null })
    await set({ syncing: false })
    await says(setup(), 'has switched calendar sync off for everyone', 'switched-off')
    expect(await page.isVisible('text=Resume')).toBe(false)
    await set({ syncing: true })

    service.simulator.faults.rules = [
      {
        id: 1,
        match: { kind: 'events.list' },
        effect: { kind: 'slow', ms: 1_500 },
        remaining: Infinity,
        probability: 1,
      },
    ]
    await page.goto(setup())
    await page.click('text=Sync now')
    await page.waitForSelector('[data-progress-text]')
    await service.deps.store.transaction(service.tenantId, async tx => {
      const run = await tx.openRunOf(service.tenantId, connectionId)
      const reason = 'The calendar that appointments go to no longer exists in Google: choose another.'
      if (run !== null) await endRun(tx, run, { state: 'failed', now: Date.now(), reason })
    })
    await page.waitForSelector('text=The sync did not finish')
    await shown('failed-run')
    service.simulator.faults.rules = []
    await close()
  })

  test('shows and takes only what the tenant offers and has not locked', async () => {
    const { page, close } = await openPage(browser, 'desk')
    await set({
      offers: ['new_calendar', 'window', 'masking', 'kinds', 'pause'],
      locked: ['presentation', 'window'],
      policies: { presentation: { title: 'kind' }, window: { daysBack: 7, daysAhead: 90 } },
    })
    await page.goto(await linkFor('offers'))
    await page.click('button.google')
    await page.check('input[value="lee@lakeside.example"]')
    await page.click('text=Continue')
    await page.waitForSelector('text=Start syncing')
    await look(page, 'desk-state-offers')
    const names = await page.$$eval('form [name]', fields => [
      ...new Set(fields.map(each => each.getAttribute('name'))),
    ])
    expect(names.toSorted()).toEqual(['createName', 'csrf', 'kinds', 'target'])
    expect(await page.innerText('.event')).toContain('Appointment')
    await page.click('text=Start syncing')
    await page.waitForSelector('text=Your calendars are connected')
    await look(page, 'desk-state-offered')
    const buttons = await page.$$eval('.row .button', all => all.map(each => each.textContent?.trim()))
    expect(buttons).toEqual(['Test', 'Change calendars', 'Pause'])
    expect(await page.locator('summary').count()).toBe(0)
    const [connection] = await service.deps.store.connectionsOfUser(service.tenantId, 'offers')
    expect(connection).toMatchObject({ window: { daysBack: 7, daysAhead: 90 } })
    const csrf = await page.getAttribute('input[name=csrf]', 'value')
    const refused = await page.request.post(`${setup()}/disconnect`, { form: { csrf: csrf ?? '' } })
    expect([refused.status(), await refused.text()]).toEqual([403, expect.stringContaining('not offered here')])
    expect((await service.deps.store.connection(service.tenantId, connection?.id ?? ''))?.status).toBe('active')
    await set({ offers: null, locked: [] })
    await close()
  })

  test('is lived with by the keyboard alone, from the link to the test', async () => {
    const { page, close } = await openPage(browser, 'desk')
    const focused = () =>
      page.evaluate<string>('(document.activeElement.textContent || document.activeElement.id || "").trim()')
    /** Every stop on the way shows where it is. */
    const tabTo = async (name: string): Promise<void> => {
      for (let stop = 0; stop < 60; stop++) {
        await page.keyboard.press('Tab')
        expect(await page.evaluate<string>('getComputedStyle(document.activeElement).outlineStyle')).not.toBe('none')
        if ((await focused()) === name) return
      }
      throw new Error(`${name} cannot be reached`)
    }
    await page.goto(await linkFor('keys'))
    await tabTo('Sign in with Google')
    await page.keyboard.press('Enter')
    await page.waitForSelector('text=wants to access your account')
    await page.check('input[value="lee@lakeside.example"]')
    await page.click('text=Continue') // Google’s own page is not ours to walk
    await page.waitForSelector('text=Start syncing')
    await tabTo('target-create')
    await page.keyboard.press('ArrowDown')
    expect(await focused()).toBe('target-lee@lakeside.example')
    await page.keyboard.press('ArrowUp')
    await tabTo('Start syncing')
    await page.keyboard.press('Enter')
    await page.waitForSelector('text=Your calendars are connected')
    await tabTo('Test')
    await page.keyboard.press('Enter')
    await page.waitForSelector('text=Google’s word of a test change reached us.')
    await tabTo('Start over')
    await page.keyboard.press('Enter')
    expect(await page.isVisible('text=They are recognised and kept')).toBe(true)
    await close()
  })
})
