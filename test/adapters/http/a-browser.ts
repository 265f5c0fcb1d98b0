import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
export const hasBrowser = existsSync(CHROMIUM)
if (!hasBrowser && process.env['CI'] !== undefined) throw new Error(`no browser at ${CHROMIUM}`)
if (!hasBrowser) process.stderr.write(`SKIPPED: no browser at ${CHROMIUM}; the console was not looked at\n`)

export const LAUNCH = {
  executablePath: CHROMIUM,
  args: ['--no-sandbox', '--headless', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** WCAG 2.2 AA by axe; run as a debugger would, since the page's own policy lets nothing in. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  const found = await page.evaluate(`axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] })
    .then(({ violations }) => violations.map(each => each.id + ': ' + each.nodes.map(node => node.target.join(' ')).join(', ')))`)
  return found as string[] // what the expression above makes
}
