import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { newPostgres } from '../support/databases.ts'
import { control, newServiceProcess, until, type Json, type ServiceProcess } from '../support/service-process.ts'

const EVENTS = 5_000
const HOUR = 3_600_000

let service: ServiceProcess
let drop: () => Promise<unknown>
afterEach(async () => {
  await service.stop()
  await drop()
})

async function onPostgres(): Promise<Record<string, string>> {
  const { url, drop: dropDatabase } = await newPostgres()
  drop = dropDatabase
  return { DATABASE_URL: url ?? '' }
}

async function embedded(): Promise<Record<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-first-sync-'))
  drop = () => rm(folder, { recursive: true })
  return { DATA_DIR: folder }
}

test.each([
  ['PostgreSQL', onPostgres],
  ['the embedded database', embedded],
])(
  'a first sync that is killed half-way goes on from its checkpoint, on %s',
  { timeout: 180_000 },
  async (_name, open) => {
    service = await newServiceProcess(await open())
    await service.start()
    const startAt = Date.now()
    const events = Array.from({ length: EVENTS }, (_, index): Json => ({
      summary: `Event ${index}`,
      start: { dateTime: new Date(startAt + index * HOUR).toISOString() },
      end: { dateTime: new Date(startAt + index * HOUR + HOUR / 2).toISOString() },
    }))
    // The second page is slow, so that the kill falls between the two.
    await control(service.simulator, 'POST', 'faults', {
      match: { kind: 'events.list', has: 'pageToken' },
      slowMs: 2_000,
      times: 1,
    })
    const slow = await service.connect('dr-okafor', events)
    await until(async () => Number((await service.api('GET', `/v1/runs/${slow.runId}`)).body['done']) >= EVENTS / 2)
    await service.kill()
    const listed = () =>
      service.simulator.world.requestLog.filter(
        entry => entry.calendarId === slow.calendarId && entry.kind === 'events.list',
      )
    const before = listed().length
    await service.start()
    await until(async () => (await service.api('GET', `/v1/runs/${slow.runId}`)).body['state'] === 'done')

    const ids = new Set<string>()
    let count = 0
    let cursor = ''
    do {
      const page = await service.api(
        'GET',
        `/v1/appointments?userId=dr-okafor&limit=500${cursor === '' ? '' : `&cursor=${cursor}`}`,
      )
      for (const item of page.body['items'] as Json[]) {
        ids.add(String(item['title']))
        count += 1
      }
      cursor = typeof page.body['cursor'] === 'string' ? encodeURIComponent(page.body['cursor']) : ''
    } while (cursor !== '')
    expect(count).toBe(EVENTS)
    expect(ids.size).toBe(EVENTS)
    const after = listed().slice(before)
    expect(after[0]?.query['pageToken']).toBeDefined()
  },
)
