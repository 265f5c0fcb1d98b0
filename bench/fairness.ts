import { startGoogle, type Google } from './support/google.ts'
import { median, mostFigure, quantile, type Figure } from './support/measure.ts'
import { newPostgres } from './support/scratch.ts'
import { aBooking } from './support/booking.ts'
import { connectUser, startService, until, type Service } from './support/service.ts'

const BACKLOG = 1_000
const CHANGES = 8
const USER_RPM = 600

/**
 * One user has far more to write than Google lets through in a minute: what others wait meanwhile, of the same tenant and of another,
 * beside what they wait when nobody else writes. The real service, its quotas and PostgreSQL.
 */
export async function fairness(): Promise<Figure[]> {
  const google = await startGoogle()
  const scratch = await newPostgres()
  const service = await startService(
    { DATABASE_URL: scratch.url ?? '', GOOGLE_USER_RPM: String(USER_RPM), GOOGLE_PROJECT_RPM: '10000' },
    { google },
  )
  try {
    const other = await service.newTenant()
    const busy = await connected(service, google, 'busy')
    const colleague = await connected(service, google, 'colleague')
    const stranger = await connected(other, google, 'stranger')
    const alone = await waits(service, google, colleague, 'alone')
    const items = Array.from({ length: BACKLOG }, (_, place) => ({
      id: `backlog-${place}`,
      ...aBooking(place, { userId: busy.userId }),
    }))
    const taken = await service.api('POST', '/v1/appointments/batch', { items })
    if (taken.status !== 200) throw new Error(JSON.stringify(taken.body))
    const besides = await waits(service, google, colleague, 'colleague')
    const beyond = await waits(other, google, stranger, 'stranger')
    const written = await google.ask('count', { calendarId: busy.calendarId })
    if (written >= BACKLOG) throw new Error('the backlog was gone before the others had written')
    const beside = `nobody else writes: ${Math.round(median(alone))} ms`
    const figure = (whose: string, times: number[]): Figure =>
      mostFigure(`${whose} beside a backlog of ${BACKLOG}, the slowest of ${CHANGES}`, Math.max(...times), {
        max: 2_000,
        unit: 'ms',
        noise: quantile(alone, 1) - quantile(alone, 0),
        beside,
        samples: times,
      })
    return [figure("a colleague's change", besides), figure("another tenant's change", beyond)]
  } finally {
    await service.stop()
    await scratch.drop()
    google.close()
  }
}

type Connected = { userId: string; calendarId: string }

async function connected(service: Pick<Service, 'api'>, google: Google, userId: string): Promise<Connected> {
  const email = `${userId}@example.com`
  const { calendarId } = await google.ask('calendar', { email, events: 0 })
  await connectUser(service, google, { userId, email, calendarId })
  return { userId, calendarId }
}

/** From the platform's request until the event is in Google, one after the other. */
async function waits(
  service: Pick<Service, 'api'>,
  google: Google,
  { userId, calendarId }: Connected,
  name: string,
): Promise<number[]> {
  const times: number[] = []
  for (let round = 0; round < CHANGES; round += 1) {
    const before = await google.ask('count', { calendarId })
    const from = performance.now()
    const put = await service.api('PUT', `/v1/appointments/${name}-${round}`, aBooking(round, { userId }))
    if (put.status >= 300) throw new Error(JSON.stringify(put.body))
    await until(async () => (await google.ask('count', { calendarId })) > before, 5)
    times.push(performance.now() - from)
  }
  return times
}
