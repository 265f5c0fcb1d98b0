import { existsSync } from 'node:fs'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createGoogle } from '../../src/demo/google.ts'
import { openFolder, readKept, restoreGoogle, writeKept, type Kept } from '../../src/demo/keep.ts'
import { createSimulator, startSimulator } from '../../src/simulator/testing.ts'

const EMAIL = 'hana.lee@harbourlane.example'
const kept: Kept = {
  ports: { service: 8080, page: 8081, simulator: 8090 },
  secrets: { secretKeys: 'demo:x', adminToken: 'admin', clientId: 'client', clientSecret: 'secret' },
  apiKey: 'key',
  setup: {
    clinic: 'Harbour Lane Clinic',
    members: [],
    firstWeek: '2026-11-23',
    weeks: { from: '2026-10-12', to: '2027-01-18' },
    clockChanges: [],
    links: { simulator: '', docs: '', console: null },
  },
}
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-keep-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('a simulator that was kept goes on where it stopped: same events, same tokens of sync', async () => {
  const first = await startSimulator({ seed: 1 })
  const google = createGoogle(first.url)
  await google.control('POST', 'accounts', { email: EMAIL, timeZone: 'America/New_York' })
  const start = { dateTime: '2026-11-23T09:00:00-05:00', timeZone: 'America/New_York' }
  const end = { dateTime: '2026-11-23T10:00:00-05:00', timeZone: 'America/New_York' }
  const event = await google.insert(EMAIL, EMAIL, { summary: 'Errand', start, end })
  await writeKept(folder, kept, first.world)
  await first.close()

  const second = await startSimulator({ seed: 2 })
  expect(await readKept(folder)).toEqual(kept)
  await restoreGoogle(folder, second.world)
  const again = createGoogle(second.url)
  const window = ['2026-11-01T00:00:00Z', '2026-12-01T00:00:00Z'] as const
  expect(await again.instances(EMAIL, EMAIL, ...window)).toEqual([event])
  await again.patch(EMAIL, EMAIL, event.id, { summary: 'Long errand' })
  expect(await again.instances(EMAIL, EMAIL, ...window)).toMatchObject([{ id: event.id, summary: 'Long errand' }])
  await second.close()
})

test('what is kept is for its owner’s eyes only', async () => {
  await writeKept(folder, kept, createSimulator({ seed: 1 }).world)
  for (const name of ['demo.json', 'google.bin']) expect((await stat(join(folder, name))).mode & 0o077).toBe(0)
})

test('nothing kept is no error, something broken is one that says what to do', async () => {
  expect(await readKept(folder)).toBeNull()
  await writeFile(join(folder, 'demo.json'), '{')
  await expect(readKept(folder)).rejects.toThrow('Delete that folder to begin anew')
  await expect(restoreGoogle(folder, createSimulator({ seed: 1 }).world)).rejects.toThrow('Delete that folder')
})

test('a folder that is not kept goes with the demo', async () => {
  const { path, remove } = await openFolder(false)
  expect(existsSync(path)).toBe(true)
  await remove()
  expect(existsSync(path)).toBe(false)
})
