import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Setup } from '../../src/demo/page-server.ts'
import type { Week } from '../../src/demo/week.ts'
import { runDemo, type RunningDemo } from './demo-process.ts'

const BOTH_STARTS_MS_MAX = 200_000
const SOON = { timeout: 10_000, interval: 100 }

let folder: string
let demo: RunningDemo
let monday: string

const add = (title: string, from: string, to: string): Promise<Response> =>
  fetch(`${demo.pageUrl}/api/google/dr-lee`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ title, from: `${monday}T${from}`, to: `${monday}T${to}` }),
  })

const ask = async <T>(path: string): Promise<T> => (await (await fetch(`${demo.pageUrl}/api/${path}`)).json()) as T // its own server

/** On which sides something of this title stands. */
async function sidesOf(title: string): Promise<string[]> {
  const { platform, google } = await ask<Week>(`week?userId=dr-lee&week=${monday}`)
  return [...platform, ...google].filter(each => each.title === title).map(each => each.side)
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-kept-'))
  demo = await runDemo(['--keep'], folder)
  monday = (await ask<Setup>('setup')).firstWeek
}, BOTH_STARTS_MS_MAX)

test(
  'a kept demo goes on after a restart: what was there is there, nothing twice, and changes still arrive',
  async () => {
    await add('Before the restart', '19:00', '19:30')
    await expect.poll(() => sidesOf('Before the restart'), SOON).toEqual(['platform', 'google'])
    const before = await ask<Week>(`week?userId=dr-lee&week=${monday}`)
    const ports = [demo.serviceUrl, demo.simulatorUrl]
    expect(await demo.stop()).toBe(0)

    demo = await runDemo(['--keep'], folder, [])
    expect([demo.serviceUrl, demo.simulatorUrl]).toEqual(ports)
    expect(await ask<Week>(`week?userId=dr-lee&week=${monday}`)).toEqual(before)
    await add('After the restart', '19:30', '20:00')
    await expect.poll(() => sidesOf('After the restart'), SOON).toEqual(['platform', 'google'])
    expect(await sidesOf('Before the restart')).toEqual(['platform', 'google'])
  },
  BOTH_STARTS_MS_MAX,
)

afterAll(async () => {
  await demo.stop()
  await rm(folder, { recursive: true, force: true })
})
