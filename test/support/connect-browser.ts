import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium, type Browser, type Page } from 'playwright-core'
import { expect } from 'vitest'

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
export const hasBrowser = existsSync(CHROMIUM)
if (!hasBrowser && process.env['CI'] !== undefined) throw new Error(`no browser at ${CHROMIUM}`)
if (!hasBrowser) process.stderr.write(`SKIPPED: no browser at ${CHROMIUM}; the connect page was not looked at\n`)

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** The phone is a dark one, so that pages are looked at in both. */
export const SIZES = {
  desk: { viewport: { width: 1_000, height: 900 }, colorScheme: 'light' },
  phone: { viewport: { width: 360, height: 720 }, colorScheme: 'dark' },
} as const

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--headless', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
  })

/** A person's browser with cookies of its own; what it complains of is kept. */
export async function openPage(browser: Browser, size: keyof typeof SIZES) {
  const context = await browser.newContext(SIZES[size])
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', message => void (message.type() === 'error' && complaints.push(message.text())))
  page.on('pageerror', error => void complaints.push(error.message))
  return { page, complaints, close: () => context.close() }
}

/** WCAG 2.2 AA by axe, and nothing to scroll sideways for. `SCREENSHOTS` names a folder to keep what was seen. */
export async function look(page: Page, name: string): Promise<void> {
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
