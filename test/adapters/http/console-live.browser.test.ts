import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mintAccessToken } from '../../../src/simulator/oauth.ts'
import { newServiceProcess, until, type ServiceProcess } from '../../support/service-process.ts'
import { hasBrowser, LAUNCH } from './a-browser.ts'

const WITHIN_MS = 2_000

/** The service as a process of its own with its database and jobs, Google beside it, and a page that somebody has open. */
describe.runIf(hasBrowser)('a page that is open', () => {
  let service: ServiceProcess
  let browser: Browser
  let folder: string
  let connected: { connectionId: string; calendarId: string; runId: string }
  let page: Page

  const google = async (method: string, path: string, body: object): Promise<{ id: string }> => {
    const scopes = ['https://www.googleapis.com/auth/calendar']
    const who = { account: 'dr-live@example.com', clientId: 'google-own-page', scopes }
    const { token } = mintAccessToken(service.simulator.world, who, null)
    const events = `calendar/v3/calendars/${encodeURIComponent(connected.calendarId)}/events`
    const answer = await fetch(`${service.simulator.url}/${events}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}`)
    return (await answer.json()) as { id: string } // an event, which has one
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lockstep-live-'))
    service = await newServiceProcess({ DATA_DIR: folder })
    await service.start()
    connected = await service.connect('dr-live', [])
    await until(async () => (await service.api('GET', `/v1/runs/${connected.runId}`)).body['state'] === 'done')
    browser = await chromium.launch(LAUNCH)
    page = await browser.newPage()
    await page.goto(`${service.url}/console/sign-in`)
    await page.getByLabel('Token or API key').fill(service.apiKey)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('link', { name: 'dr-live' }).click()
    await page.locator('.live', { hasText: 'live' }).waitFor()
  })
  afterAll(async () => {
    await browser.close()
    await service.stop()
    await rm(folder, { recursive: true })
  })

  test('shows a title changed in Google within two seconds, and is never reloaded', async () => {
    await page.evaluate('window.wasHere = true')
    const at = new Date()
    at.setUTCHours(15, 0, 0, 0)
    const half = new Date(at.getTime() + 1_800_000)
    const event = { summary: 'Congress', start: { dateTime: at.toISOString() }, end: { dateTime: half.toISOString() } }
    const { id } = await google('POST', '', event)
    await page.locator('.side.google', { hasText: 'Congress' }).waitFor()
    const took: number[] = []
    for (const title of ['Lunch', 'Dentist', 'Journey']) {
      const changedAt = performance.now()
      await google('PATCH', `/${id}`, { summary: title })
      for (const side of ['google', 'platform']) await page.locator(`.side.${side}`, { hasText: title }).waitFor()
      took.push(Math.round(performance.now() - changedAt))
    }
    expect(await page.evaluate('window.wasHere')).toBe(true)
    process.stdout.write(`a title changed in Google is on the page after ${took.join(', ')} ms\n`)
    expect(took.toSorted((a, b) => a - b)[1]).toBeLessThan(WITHIN_MS)
  })

  test('tells of a connection that comes to grief', async () => {
    await page.goto(`${service.url}/console`)
    await page.locator('.live', { hasText: 'live' }).waitFor()
    const path = `${service.simulator.url}/_control/accounts/dr-live%40example.com/revoke`
    await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
    await service.api('POST', `/v1/connections/${connected.connectionId}/sync`)
    await page.locator('.tile.revoked').waitFor()
  })
})
