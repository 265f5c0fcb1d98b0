import { mintAccessToken } from '../../src/simulator/oauth.ts'
import { addAccount, addCalendar, seedEvents, startSimulator } from '../../src/simulator/testing.ts'
import { sampleEvent } from './sample-event.ts'

/**
 * Google in a process of its own, so that its work is not measured as ours. Answers its parent's questions one by one.
 */
const google = await startSimulator({
  autoConsent: true,
  notificationDelayMs: 0,
  quotas: {},
})
const { world } = google
const WRITES: ReadonlySet<string> = new Set([
  'events.insert',
  'events.update',
  'events.patch',
  'events.delete',
  'events.get',
])
/** More are never changed. */
const IDS_MAX = 100
const tokens = new Map<string, string>()

const answers = {
  url: () => google.url,
  /** A calendar of `events` events, and a token that may read it. */
  calendar({ email, events }: { email: string; events: number }) {
    const owner = addAccount(world, { email, timeZone: 'America/New_York' })
    const calendar = addCalendar(world, { owner, summary: 'Practice', timeZone: 'America/New_York' })
    const bodies = Array.from({ length: events }, (_, index) => sampleEvent(index))
    const { ids } = seedEvents(world, calendar, bodies)
    const scopes = ['https://www.googleapis.com/auth/calendar']
    const { token } = mintAccessToken(world, { account: email, clientId: 'client', scopes }, null)
    tokens.set(calendar.id, token)
    return { calendarId: calendar.id, sub: owner.sub, token, ids: (ids as string[]).slice(0, IDS_MAX) }
  },
  /** A person changes the titles of some events. @returns how long that took here. */
  async change({ calendarId, ids, title }: { calendarId: string; ids: string[]; title: string }) {
    for (const id of ids) {
      const path = `/calendar/v3/calendars/${encodeURIComponent(calendarId)}/events/${id}`
      const answer = google.handle({
        method: 'PATCH',
        path,
        query: new URLSearchParams(),
        headers: { authorization: `Bearer ${tokens.get(calendarId)}`, 'content-type': 'application/json' },
        body: JSON.stringify({ summary: title }),
      })
      await answer.wait
      if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body}`)
    }
    return { at: Date.now() }
  },
  /** How often each method was asked for since the last time; titles of listed events stay here. */
  requests() {
    const kinds: Record<string, number> = {}
    for (const { kind } of world.requestLog.splice(0)) kinds[kind] = (kinds[kind] ?? 0) + 1
    return kinds
  },
  /** When events were inserted since the last time, as epoch milliseconds in turn, and what was asked for one event in all. */
  inserts() {
    const log = world.requestLog.splice(0)
    const writes = log.filter(({ kind }) => WRITES.has(kind))
    const inserted = writes.filter(({ kind }) => kind === 'events.insert')
    return { at: inserted.map(({ at }) => Date.parse(at)), requests: writes.length }
  },
  /** How many events a calendar holds. */
  count: ({ calendarId }: { calendarId: string }) => world.calendars.get(calendarId)?.events.size ?? 0,
  consent: ({ email }: { email: string }) => {
    google.oauth.autoConsent = { account: email }
    return null
  },
}

export type GoogleAnswers = typeof answers

process.on('message', (asked: { id: number; name: keyof GoogleAnswers; input: never }) => {
  void (async () => {
    try {
      process.send?.({ id: asked.id, value: await answers[asked.name](asked.input) })
    } catch (error) {
      process.send?.({ id: asked.id, error: String(error) })
    }
  })()
})
process.on('disconnect', () => process.exit(0))
process.send?.({ id: 0, value: google.url })
