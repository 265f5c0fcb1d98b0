import { execFile } from 'node:child_process'
import { copyFile, writeFile } from 'node:fs/promises'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import ts from 'typescript'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { installPacked } from '../support/packed.ts'
import { blocksOf, follow, freePort, patternOf } from '../support/page-steps.ts'

const run = promisify(execFile)
let installed: Awaited<ReturnType<typeof installPacked>>
beforeAll(async () => {
  installed = await installPacked()
}, 180_000)
afterAll(() => installed.remove())

const node = (args: string[], env: Record<string, string> = {}) =>
  run(process.execPath, args, { cwd: installed.folder, env: { PATH: process.env['PATH'], NO_COLOR: '1', ...env } })

test('what is installed is built: no sources, no tests, and the migrations beside it', () => {
  const within = (path: string): boolean => existsSync(join(installed.folder, 'node_modules/lockstep', path))
  expect(
    ['dist/client.js', 'dist/drizzle/meta/_journal.json', 'dist/page/index.html', 'bin/lockstep.js'].every(within),
  ).toBe(true)
  expect(['src', 'test', 'fixtures', 'node_modules'].some(within)).toBe(false)
})

test('each export is there for plain JavaScript', { timeout: 60_000 }, async () => {
  await writeFile(
    join(installed.folder, 'all.mjs'),
    `import { createLockstep, LockstepError } from 'lockstep/client'
import { verifyWebhook, WebhookRefused } from 'lockstep/webhooks'
import { startSimulator, createSimulator, addAccount, addCalendar, seedEvents } from 'lockstep/testing'
import { lockstep } from 'lockstep/fastify'
const simulator = await startSimulator({ virtualTime: true })
addAccount(simulator.world, { email: 'anna@example.com', timeZone: 'Europe/Berlin' })
const state = await (await fetch(simulator.url + '/_control/state')).json()
const page = await fetch(simulator.url + '/')
await simulator.close()
const kinds = [createLockstep, LockstepError, verifyWebhook, WebhookRefused, createSimulator, addCalendar, seedEvents, lockstep].map(each => typeof each)
console.log(JSON.stringify({ kinds: [...new Set(kinds)], accounts: state.accounts.length, page: page.status }))
await import('lockstep/src/cli.ts').catch(error => console.log(error.code))`,
  )
  const { stdout } = await node(['all.mjs'])
  expect(stdout.trim().split('\n')).toEqual([
    '{"kinds":["function"],"accounts":1,"page":200}',
    'ERR_PACKAGE_PATH_NOT_EXPORTED',
  ])
})

test('their types are there for TypeScript, and are strict', { timeout: 60_000 }, async () => {
  const file = join(installed.folder, 'typed.ts')
  await writeFile(
    file,
    `import { createLockstep, type Change, type Schemas } from 'lockstep/client'
import { verifyWebhook } from 'lockstep/webhooks'
import { startSimulator } from 'lockstep/testing'
import { lockstep } from 'lockstep/fastify'
const api = createLockstep({ baseUrl: 'http://127.0.0.1', apiKey: 'k' })
export const version: Promise<number> = api.getAppointment({ path: { id: 'a' } }).then(found => found.version)
export type Both = [Change, Schemas['Connection'], typeof verifyWebhook, typeof startSimulator, typeof lockstep]
// @ts-expect-error a version is no text
export const wrong: Promise<string> = api.getAppointment({ path: { id: 'a' } }).then(found => found.version)
// @ts-expect-error the id is missing
api.getAppointment({})
// @ts-expect-error there is no such reason
api.listAppointments({ query: { origin: 'outlook' } })
`,
  )
  const options = {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2024,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: ['node'],
  }
  const program = ts.createProgram([file], options)
  const own = ts
    .getPreEmitDiagnostics(program)
    .filter(each => each.file === undefined || /typed\.ts|lockstep\/dist/.test(each.file.fileName))
  expect(
    own.map(each => `${each.file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(each.messageText, ' ')}`),
  ).toEqual([])
})

test('`npx lockstep` works there', { timeout: 60_000 }, async () => {
  const { stdout } = await run('npx', ['lockstep', '--help'], { cwd: installed.folder })
  for (const command of ['serve', 'migrate', 'doctor', 'tenant create', 'simulator', 'replay'])
    expect(stdout).toContain(command)
  const failed = await node(['node_modules/.bin/lockstep', 'serve']).catch(
    (error: unknown) => error as { code: number; stderr: string },
  )
  expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('SECRET_KEYS') })
})

test('the example runs there as it is, and both sides end equal', { timeout: 180_000 }, async () => {
  await copyFile('examples/platform.ts', join(installed.folder, 'platform.ts'))
  const { stdout } = await node(['platform.ts'], { PORT: await freePort() })
  expect(stdout.split('\n').slice(1)).toEqual([
    '✓ dr-lee is connected as lee@example.com',
    '✓ a slot that is taken is refused: slot-taken',
    '✓ both are in Google',
    '✓ moved in Google, the platform’s diary has it',
    '✓ cancelled here, gone from Google',
    '✓ made in Google, shown and locked here',
    '✓ what was made in Google is changed there: google-owned',
    '✓ the webhooks told the same',
    '',
    'The platform            Google',
    'First visit, Jane Roe   First visit, Jane Roe',
    'Dentist                 Dentist',
    '',
    '0 differences',
    '',
  ])
})

test(
  'docs/integrate.md, followed to the letter in that folder, prints what it says',
  { timeout: 300_000 },
  async () => {
    const blocks = await blocksOf(readFileSync('docs/integrate.md', 'utf8'))
    const { folder } = installed
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
    const script: string[] = []
    const wanted: string[] = []
    for (const { language, note, text } of blocks) {
      const [, file] = /^\/\/ (\S+\.js)\n/.exec(text) ?? []
      if (language === 'js' && file !== undefined) await writeFile(join(folder, file), text)
      // The one step that is done otherwise: the package is unpacked with its dependencies linked, so that no registry is asked.
      if (language === 'sh' && note !== 'install') script.push(text)
      if (language === 'text') wanted.push(...text.trimEnd().split('\n'))
    }
    expect(script.length).toBeGreaterThan(7)
    const { code, stdout, stderr } = await follow(script.join('\n'), folder)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.trimEnd().split('\n')).toEqual(wanted.map(line => expect.stringMatching(patternOf(line))))
  },
)
