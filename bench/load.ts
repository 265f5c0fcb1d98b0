import { readFileSync } from 'node:fs'
import { startGoogle } from './support/google.ts'
import { median, mostFigure, type Figure } from './support/measure.ts'
import { newPostgres } from './support/scratch.ts'
import { aBooking } from './support/booking.ts'
import { connectUser, startService, type Service } from './support/service.ts'

/** `LOAD_SECONDS=3600` looks an hour long. */
const SECONDS = Number(process.env['LOAD_SECONDS'] ?? 24)
const WRITERS = 4
const PAGE_BYTES = 4_096

/** People book, Google changes, the feed is read, all at once and without a pause: what the service's memory does meanwhile. */
export async function load(): Promise<Figure[]> {
  const google = await startGoogle()
  const scratch = await newPostgres()
  const service = await startService({ DATABASE_URL: scratch.url ?? '' }, { google })
  try {
    const email = 'lee@example.com'
    const { calendarId, ids } = await google.ask('calendar', { email, events: 200 })
    await connectUser(service, google, { userId: 'dr-lee', email, calendarId })
    const until = Date.now() + SECONDS * 1_000
    const sizes: number[] = []
    const looking = setInterval(() => sizes.push(residentOf(service.pid)), 200)
    let written = 0
    const write = async (writer: number): Promise<void> => {
      for (let round = 0; Date.now() < until; round += 1) {
        const id = `load-${writer}-${round % 50}`
        await service.api('PUT', `/v1/appointments/${id}`, aBooking(round % 50, { title: `Visit ${round}` }))
        written += 1
      }
    }
    const change = async (): Promise<void> => {
      for (let round = 0; Date.now() < until; round += 1) {
        await google.ask('change', { calendarId, ids: ids.slice(0, 20), title: `Moved ${round}` })
        await new Promise(resolve => setTimeout(resolve, 250))
      }
    }
    await Promise.all([
      ...Array.from({ length: WRITERS }, (_, writer) => write(writer)),
      change(),
      read(service, until),
    ])
    clearInterval(looking)
    const third = Math.floor(sizes.length / 3)
    const [middle, last] = [median(sizes.slice(third, 2 * third)), median(sizes.slice(2 * third))]
    return [
      mostFigure(`memory under load, last third of ${SECONDS} s against the second`, last - middle, {
        max: 40,
        unit: 'MB',
        beside: `${Math.round(last)} MB in all, ${Math.round(written / SECONDS)} writes /s`,
        samples: sizes,
      }),
    ]
  } finally {
    await service.stop()
    await scratch.drop()
    google.close()
  }
}

async function read(service: Service, until: number): Promise<void> {
  for (let cursor = ''; Date.now() < until;) {
    const after = cursor === '' ? '' : `&after=${encodeURIComponent(cursor)}`
    const { body } = await service.api('GET', `/v1/changes?limit=500&wait=1${after}`)
    if (typeof body['cursor'] === 'string') cursor = body['cursor']
  }
}

/** Megabytes, as the kernel counts them. */
export const residentOf = (pid: number): number =>
  (Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES) / 2 ** 20
