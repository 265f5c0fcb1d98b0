import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { takeFolder } from '../../../src/adapters/db/folder-lock.ts'

const MODULE = new URL('../../../src/adapters/db/folder-lock.ts', import.meta.url).href
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-lock-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Another process that takes the folder and keeps it; answers with what came of it. */
function otherProcess() {
  const script = `import(${JSON.stringify(MODULE)})
    .then(({ takeFolder }) => takeFolder(${JSON.stringify(folder)}))
    .then(() => console.log('taken'), error => console.log(error.message))
    .then(() => setInterval(() => {}, 1000))`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const answer = new Promise<string>(resolve => child.stdout.once('data', data => resolve(String(data).trim())))
  const kill = () =>
    new Promise(resolve => {
      child.once('exit', resolve)
      child.kill('SIGKILL')
    })
  return { pid: child.pid, answer, kill }
}

test('a folder has one process at a time, and the other is told which', async () => {
  const release = await takeFolder(folder)
  const other = otherProcess()
  expect(await other.answer).toContain(`already open in process ${process.pid}`)
  await other.kill()
  await expect(takeFolder(folder)).rejects.toThrow(`process ${process.pid}`)
  release()
  expect(existsSync(join(folder, 'lockstep.pid'))).toBe(false)
  const again = await takeFolder(folder)
  again()
})

test('the lock of a killed process is taken over', async () => {
  const other = otherProcess()
  expect(await other.answer).toBe('taken')
  await expect(takeFolder(folder)).rejects.toThrow(`process ${other.pid}`)
  await other.kill()
  const release = await takeFolder(folder)
  expect(JSON.parse(readFileSync(join(folder, 'lockstep.pid'), 'utf8'))).toMatchObject({ pid: process.pid })
  release()
})

test.each([
  ['a number that a later process has', JSON.stringify({ pid: process.ppid, startedAt: '1' })],
  ['our own number from an earlier life', JSON.stringify({ pid: process.pid, startedAt: '1' })],
  ['half a file', '{"pid":'],
  ['nothing', ''],
])('a lock with %s belongs to nobody', async (_what, content) => {
  writeFileSync(join(folder, 'lockstep.pid'), content)
  const release = await takeFolder(folder)
  release()
})

test('of many that find a dead lock one takes it', async () => {
  writeFileSync(join(folder, 'lockstep.pid'), JSON.stringify({ pid: 2 ** 22 + 1, startedAt: '1' }))
  const others = Array.from({ length: 4 }, otherProcess)
  const answers = await Promise.all(others.map(other => other.answer))
  await Promise.all(others.map(other => other.kill()))
  expect(answers.filter(answer => answer === 'taken')).toHaveLength(1)
})
