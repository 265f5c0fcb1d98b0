import { expect } from 'vitest'
import type { PolicyOverrides } from '../../src/core/model/policies.ts'
import { cancelAppointment } from '../../src/usecases/appointments/cancel-appointment.ts'
import { putAppointment } from '../../src/usecases/appointments/put-appointment.ts'
import { createConnectLink } from '../../src/usecases/connections/create-connect-link.ts'
import { finishOAuth } from '../../src/usecases/connections/finish-oauth.ts'
import { receiveNotification } from '../../src/usecases/sync/receive-notification.ts'
import { HOUR, MINUTE } from './builders.ts'
import type { Connected, ConnectOptions, Engine } from './engine.ts'
import { markRequests, personAt, requestsSince } from './person.ts'
import { control, countCalls, inPath } from './trouble.ts'

/** Half an hour on the first of December, at this hour UTC. */
export const time = (hour: number, minutes = 30) => ({
  start: { dateTime: new Date(Date.UTC(2026, 11, 1, hour)).toISOString(), timeZone: 'America/New_York' },
  end: {
    dateTime: new Date(Date.UTC(2026, 11, 1, hour) + minutes * MINUTE).toISOString(),
    timeZone: 'America/New_York',
  },
})
/** No brake on deletions. */
export const CALM: PolicyOverrides = { deletionGuard: { count: 1_000, share: 1 } }

/** One user, their calendar and the platform, with short words for what a test does and asks. */
export function onStage(engine: Engine) {
  let connected: Connected
  let person: ReturnType<typeof personAt>

  const start = async (options: ConnectOptions = {}): Promise<void> => {
    connected = await engine.connect({ policies: CALM, ...options })
    person = personAt(engine, connected)
  }
  const key = () => ({ tenantId: connected.tenantId, connectionId: connected.connectionId })
  const book = async (id = 'apt_1', more: object = {}) => {
    const body = { userId: connected.userId, title: `Visit ${id}`, ...time(14), ...more }
    const answer = await putAppointment(engine.deps, {
      tenantId: connected.tenantId,
      id,
      body,
      ifMatch: null,
      onConflict: 'allow',
    })
    if (!answer.ok) throw new Error(JSON.stringify(answer.error))
  }
  const cancel = (id: string) =>
    cancelAppointment(engine.deps, { tenantId: connected.tenantId, id, reason: 'cancelled', ifMatch: null })
  const read = (id: string) => engine.deps.store.appointment(connected.tenantId, id)
  const connection = () => engine.deps.store.connection(connected.tenantId, connected.connectionId)
  const calendar = () => engine.deps.store.calendar(connected.tenantId, connected.connectionId, connected.calendarId)
  const channels = () => engine.deps.store.channelsOf(connected.tenantId, connected.connectionId)
  const live = async () =>
    (await channels()).filter(each => each.calendarId === connected.calendarId && each.state === 'live')
  const titles = async () => (await person.events()).map(each => each.summary).toSorted()
  const changes = (seq = 0) => engine.deps.store.changes(connected.tenantId, seq, 10_000)
  const lastSeq = async () => (await changes()).at(-1)?.seq ?? 0
  const told = async (type: string) => (await changes()).filter(row => row.change?.type === type)
  const imported = async () =>
    (
      await engine.deps.store.listAppointments(connected.tenantId, {
        userId: connected.userId,
        from: null,
        to: null,
        origin: 'google',
        status: null,
        isArchived: false,
        after: null,
        limit: 500,
      })
    ).map(({ appointment }) => appointment)
  const notifications = (trouble: object) => control(engine, 'POST', 'notifications', trouble)
  const lists = (mark: number) => countCalls(engine, mark, 'events.list')
  const role = (role: string) =>
    control(engine, 'POST', `calendars/${inPath(connected.calendarId)}/role`, { email: connected.email, role })
  const notice = (channel: { id: string; resourceId: string | null }, more: object = {}) =>
    receiveNotification(engine.deps, {
      channelId: channel.id,
      token: engine.deps.names.channelToken(channel.id),
      resourceId: channel.resourceId ?? '',
      state: 'exists',
      ...more,
    })
  const reconnect = async (denyScopes: string[] = [], account = connected.email): Promise<string> => {
    const { userId, tenantId } = connected
    const link = await createConnectLink(engine.deps, { tenantId, userId, role: null, returnUrl: null })
    if (!link.ok) throw new Error(JSON.stringify(link.error))
    engine.simulator.oauth.autoConsent = { account, denyScopes }
    const answer = await engine.simulator.fetch(link.value.googleUrl, { redirect: 'manual' })
    const back = new URL(answer.headers.get('location') ?? 'http://nowhere').searchParams
    const [state, code] = [back.get('state') ?? '', back.get('code')]
    const outcome = await finishOAuth(engine.deps, { state, code, error: null, browserSecret: null })
    await engine.settle()
    return outcome.kind === 'connected' ? outcome.connection.id : outcome.kind
  }
  /** Nothing is written, nothing told, for six hours. */
  const isQuiet = async () => {
    const mark = markRequests(engine)
    const seq = await lastSeq()
    await engine.advance(6 * HOUR)
    expect(requestsSince(engine, mark).filter(each => /insert|update|patch|delete/.test(each))).toEqual([])
    expect(await changes(seq)).toEqual([])
  }
  /** Somebody takes the calendar away, or gives it back. */
  const setListed = (isListed: boolean): void => {
    const { world } = engine.simulator
    const entry = world.accounts.get(connected.email)!.entries.get(connected.calendarId)!
    world.calendars.get(connected.calendarId)!.isDeleted = !isListed
    entry.isDeleted = !isListed
  }
  return {
    engine,
    get connected() {
      return connected
    },
    get person() {
      return person
    },
    start,
    key,
    book,
    cancel,
    read,
    connection,
    calendar,
    channels,
    live,
    titles,
    changes,
    lastSeq,
    told,
    imported,
    notifications,
    lists,
    role,
    notice,
    reconnect,
    isQuiet,
    setListed,
  }
}
