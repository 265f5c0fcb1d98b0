import type { Intake } from '../../../ports/store/connections.ts'
import { instantToText } from '../instant.ts'
import { run, type Db } from '../statements.ts'
import { storableJson } from '../storable.ts'
import { codecs } from './rows.ts'
import { isChanged } from './scope.ts'

/**
 * One statement each. An `opening` channel counts as live: its first messages come before Google's answer, with the resource's name,
 * is stored.
 */
const NOTE_NOTIFICATION = `
with channel as (
  update channels set last_notified_at = greatest(last_notified_at, $3::timestamptz)
  where id = $1 and expires_at > $3::timestamptz
    and (state = 'live' and resource_id = $2 or state = 'opening' and (resource_id is null or resource_id = $2))
  returning tenant_id, connection_id, calendar_id
), woken as (
  update calendars set wake_seq = calendars.wake_seq + 1 from channel
  where not $4::boolean and calendars.tenant_id = channel.tenant_id and calendars.connection_id = channel.connection_id
    and calendars.id = channel.calendar_id
)
select to_json(channel) as woken from channel`

const NOTE_ORPHAN = `
update channels set state = 'stopping', resource_id = $2, due_at = $3
where id = $1 and state in ('retired', 'failed') and expires_at > $3::timestamptz and due_at <= $4::timestamptz
returning 1`

const EXPECT = `
update channels set expected_at = $4, due_at = least(due_at, $5::timestamptz)
where tenant_id = $1 and connection_id = $2 and calendar_id = $3 and state = 'live'
  and (expected_at is null or last_notified_at >= expected_at)`

const LEASE = `
update credentials set refresh_lease_until = $4
where tenant_id = $1 and connection_id = $2 and (refresh_lease_until is null or refresh_lease_until <= $3)
returning to_jsonb(credentials) as lease`

const STORE_REFRESHED = `${codecs.credentials.update('$1', {
  version: 'credentials.version + 1',
  refresh_lease_until: 'null',
})} and credentials.version = $2 returning 1`

export function intake(db: () => Db): Intake {
  return {
    noteNotification: async ({ channelId, resourceId, at, isGreeting = false }) => {
      const [row] = await run(db(), NOTE_NOTIFICATION, [channelId, resourceId, instantToText(at), isGreeting])
      if (row === undefined) return null
      // The columns that the statement returns.
      const woken = row['woken'] as { tenant_id: string; connection_id: string; calendar_id: string | null }
      return { tenantId: woken.tenant_id, connectionId: woken.connection_id, calendarId: woken.calendar_id }
    },
    noteOrphan: ({ channelId, resourceId, at, settledBefore }) =>
      isChanged(db(), NOTE_ORPHAN, [channelId, resourceId, instantToText(at), instantToText(settledBefore)]),
    expectNotification: async ({ tenantId, connectionId, calendarId, at, dueAt }) => {
      await run(db(), EXPECT, [tenantId, connectionId, calendarId, instantToText(at), instantToText(dueAt)])
    },
    leaseCredentials: async (tenantId, connectionId, now, until) => {
      const [row] = await run(db(), LEASE, [tenantId, connectionId, instantToText(now), instantToText(until)])
      return row === undefined ? null : codecs.credentials.decode(row['lease'] as Record<string, unknown>)
    },
    storeRefreshed: (credentials, expectedVersion) => {
      const row = storableJson(codecs.credentials.encode(credentials))
      return isChanged(db(), STORE_REFRESHED, [row, expectedVersion])
    },
  }
}
