import { spawn } from 'node:child_process'
import { expect, test } from 'vitest'

/** What reckons with days, clocks and expiry. Each runs again on a host whose own zone is none of those it is about. */
const SUITES = [
  'test/core/model/time.test.ts',
  'test/core/recurrence/exceptions.test.ts',
  'test/usecases/connections/access-tokens.test.ts',
]
const HOST_ZONES = ['America/Chicago', 'Asia/Kolkata', 'Pacific/Apia']

test('F38: a host in another time zone reckons the same', { timeout: 120_000 }, async () => {
  for (const zone of HOST_ZONES) {
    const { code, text } = await runIn(zone)
    expect(`${zone}: ${code}\n${code === 0 ? '' : text}`).toBe(`${zone}: 0\n`)
    expect(text).toMatch(/Tests .*\d+ passed/u)
  }
})

function runIn(zone: string): Promise<{ code: number | null; text: string }> {
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', ...SUITES]
  // A worker of this suite must not take the child for one of its own.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST')))
  const child = spawn(process.execPath, args, { env: { ...env, TZ: zone, NO_COLOR: '1' } })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (text += String(chunk)))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', code => resolve({ code, text }))
  })
}
