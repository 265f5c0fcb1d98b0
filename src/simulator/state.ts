import { fullEvent } from './event-json.ts'
import type { JsonObject } from './json.ts'
import type { LogEntry, World } from './world.ts'

const LOG_PAGE = 1000

/** The request log, oldest first; `since` is a number already seen, other parameters must equal the entry's field. */
export function readLog(world: World, query: URLSearchParams): LogEntry[] {
  const since = Number(query.get('since') ?? 0)
  const limit = Number(query.get('limit') ?? LOG_PAGE)
  const wanted = [...query].filter(([key]) => key !== 'since' && key !== 'limit')
  const found = world.requestLog.filter(
    entry => entry.n > since && wanted.every(([key, value]) => fieldText(entry, key) === value),
  )
  return found.slice(-limit)
}

const fieldText = (entry: LogEntry, key: string): string | undefined =>
  Object.entries(entry)
    .filter(([name]) => name === key)
    .map(([, value]) => String(value))[0]

/** Everything a test may want to compare: accounts, calendars with their living events, channels. No tokens. */
export function exportState(world: World): JsonObject {
  const calendars = [...world.calendars.values()].map(calendar => ({
    id: calendar.id,
    summary: calendar.summary,
    timeZone: calendar.timeZone,
    isDeleted: calendar.isDeleted,
    acl: Object.fromEntries([...calendar.acl].map(([email, { role }]) => [email, role])),
    events: calendar.ordered
      .filter(event => !event.isTombstone)
      .map(event => fullEvent(calendar, event, { role: 'owner', zone: null, maxAttendees: null, viewer: '' })),
  }))
  return {
    now: new Date(world.now()).toISOString(),
    accounts: [...world.accounts.keys()],
    calendars,
    channels: describeChannels(world),
  }
}

/** The channels that still deliver. */
export const describeChannels = (world: World): JsonObject[] =>
  [...world.channels.values()]
    .filter(channel => !channel.isStopped && channel.expiresAt > world.now())
    .map(channel => ({
      id: channel.id,
      resource: channel.resource,
      address: channel.address,
      account: channel.account,
      clientId: channel.clientId,
      expiration: new Date(channel.expiresAt).toISOString(),
      messages: channel.lastNumber,
    }))
