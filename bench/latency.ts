import { startGoogle, type Google } from './support/google.ts'
import { median, mostFigure, quantile, timed, type Figure } from './support/measure.ts'
import { aBooking } from './support/booking.ts'
import { newPostgres } from './support/scratch.ts'
import { connectUser, startService, until, type Json, type Service } from './support/service.ts'

const CHANGES = 40
const LISTENERS = 100
const SERIES = 60
const READS = 30
const BATCH = 1_000
const BURSTS = 3
const BURST = 50
/** Nothing is under way any more. */
const SETTLED_MS = 2_500
const DAY_MS = 86_400_000

/** The real service with its workers on PostgreSQL, Google in a process beside it, everything over loopback. */
export async function latency(): Promise<Figure[]> {
  const google = await startGoogle()
  const scratch = await newPostgres()
  const service = await startService({ DATABASE_URL: scratch.url ?? '' }, { google })
  try {
    const email = 'lee@example.com'
    const calendar = await google.ask('calendar', { email, events: 200 })
    await connectUser(service, google, { userId: 'dr-lee', email, calendarId: calendar.calendarId })
    return [
      ...(await fromGoogle(service, google, calendar)),
      await burst(service, google, calendar),
      ...(await toGoogle(service, google)),
      ...(await reads(service)),
      await batch(service),
      await listeners(service),
    ]
  } finally {
    await service.stop()
    await scratch.drop()
    google.close()
  }
}

async function lastCursor(service: Service): Promise<string> {
  for (let cursor = ''; ;) {
    const after = cursor === '' ? '' : `&after=${encodeURIComponent(cursor)}`
    const { body } = await service.api('GET', `/v1/changes?limit=500${after}`)
    if (typeof body['cursor'] === 'string') cursor = body['cursor']
    if (body['hasMore'] !== true) return cursor
  }
}

/** From Google's answer to the person until the change feed offers it: notification, pull, decision and commit lie between. */
async function fromGoogle(
  service: Service,
  google: Google,
  { calendarId, ids }: { calendarId: string; ids: string[] },
): Promise<Figure[]> {
  const times: number[] = []
  let cursor = await lastCursor(service)
  for (let round = 0; round < CHANGES; round += 1) {
    const waiting = service.api('GET', `/v1/changes?after=${encodeURIComponent(cursor)}&wait=10`)
    await new Promise(resolve => setTimeout(resolve, 20))
    const id = ids[round % ids.length] ?? ''
    const { at } = await google.ask('change', { calendarId, ids: [id], title: `Moved ${round}` })
    const { body } = await waiting
    if ((body['items'] as Json[]).length === 0) throw new Error('the change was not offered within ten seconds')
    times.push(Date.now() - at)
    cursor = await lastCursor(service)
  }
  const noise = (quantile(times, 0.75) - quantile(times, 0.25)) / 2
  return [
    mostFigure('change in Google → offered on the feed, p50', median(times), {
      max: 50,
      unit: 'ms',
      noise,
      samples: times,
    }),
    mostFigure('… p95', quantile(times, 0.95), { max: 200, unit: 'ms', noise }),
  ]
}

/** Many changes at once in one calendar, each with a notification of its own: how often it is listed. */
async function burst(
  service: Service,
  google: Google,
  { calendarId, ids }: { calendarId: string; ids: string[] },
): Promise<Figure> {
  const lists: number[] = []
  for (let round = 0; round < BURSTS; round += 1) {
    await new Promise(resolve => setTimeout(resolve, SETTLED_MS))
    await google.ask('requests')
    const cursor = await lastCursor(service)
    await google.ask('change', { calendarId, ids: ids.slice(0, BURST), title: `Burst ${round}` })
    await until(async () => {
      const { body } = await service.api('GET', `/v1/changes?after=${encodeURIComponent(cursor)}&limit=500`)
      return (body['items'] as Json[]).length >= BURST
    })
    await new Promise(resolve => setTimeout(resolve, SETTLED_MS))
    lists.push((await google.ask('requests'))['events.list'] ?? 0)
  }
  return mostFigure(`a burst of ${BURST} changes in one calendar: lists`, Math.max(...lists), {
    max: 2,
    unit: '',
    samples: lists,
    beside: '1',
  })
}

/** From the platform's request until Google has taken the insert. */
async function toGoogle(service: Service, google: Google): Promise<Figure[]> {
  const times: number[] = []
  let requests = 0
  await google.ask('inserts')
  for (let round = 0; round < CHANGES; round += 1) {
    const from = Date.now()
    const put = await service.api('PUT', `/v1/appointments/own-${round}`, aBooking(round))
    if (put.status >= 300) throw new Error(JSON.stringify(put))
    let inserted: number[] = []
    await until(async () => {
      const asked = await google.ask('inserts')
      requests += asked.requests
      inserted = asked.at
      return inserted.length > 0
    }, 2)
    times.push((inserted[0] ?? NaN) - from)
  }
  const noise = (quantile(times, 0.75) - quantile(times, 0.25)) / 2
  return [
    mostFigure('appointment accepted → in Google, p50', median(times), {
      max: null,
      unit: 'ms',
      noise,
      samples: times,
    }),
    mostFigure('… p95', quantile(times, 0.95), { max: null, unit: 'ms', noise }),
    mostFigure('… writes to Google per appointment', requests / CHANGES, { max: 1, unit: '', beside: '1' }),
  ]
}

/** A week of a user with many series, beside the smallest read there is. */
async function reads(service: Service): Promise<Figure[]> {
  const series = Array.from({ length: SERIES }, (_, place) => ({
    id: `series-${place}`,
    ...aBooking(place, { userId: 'dr-kim', recurrence: ['RRULE:FREQ=WEEKLY'] }),
  }))
  await service.api('POST', '/v1/appointments/batch', { items: series })
  const from = new Date(Date.now() + 30 * DAY_MS).toISOString()
  const to = new Date(Date.now() + 37 * DAY_MS).toISOString()
  const week = `/v1/appointments?userId=dr-kim&from=${from}&to=${to}&expand=instances&limit=500`
  const times: number[] = []
  const single: number[] = []
  for (let round = 0; round < READS; round += 1) {
    times.push(await timed(() => service.api('GET', week)))
    single.push(await timed(() => service.api('GET', '/v1/appointments/series-0')))
  }
  const { body } = await service.api('GET', week)
  const shown = (body['items'] as Json[]).length
  const beside = `one appointment ${median(single).toFixed(1)} ms`
  return [
    mostFigure(`a week of ${SERIES} series, ${shown} occurrences, p50`, median(times), {
      max: null,
      unit: 'ms',
      beside,
    }),
  ]
}

async function batch(service: Service): Promise<Figure> {
  const times: number[] = []
  for (let round = 0; round < 3; round += 1) {
    const items = Array.from({ length: BATCH }, (_, place) => ({
      id: `batch-${round}-${place}`,
      ...aBooking(place, { userId: 'dr-alone' }),
    }))
    times.push(await timed(() => service.api('POST', '/v1/appointments/batch', { items })))
  }
  return mostFigure(`a batch of ${BATCH} appointments`, median(times), { max: null, unit: 'ms', samples: times })
}

/** One change, and the last of many long polls is answered. */
async function listeners(service: Service): Promise<Figure> {
  const times: number[] = []
  for (let round = 0; round < 5; round += 1) {
    const cursor = await lastCursor(service)
    const all = Array.from({ length: LISTENERS }, () =>
      service.api('GET', `/v1/changes?after=${encodeURIComponent(cursor)}&wait=10`),
    )
    await new Promise(resolve => setTimeout(resolve, 500))
    const from = performance.now()
    await service.api('PUT', `/v1/appointments/told-${round}`, aBooking(round, { userId: 'dr-alone' }))
    await Promise.all(all)
    times.push(performance.now() - from)
  }
  return mostFigure(`a change told to ${LISTENERS} listeners, the last one`, median(times), {
    max: null,
    unit: 'ms',
    samples: times,
  })
}
