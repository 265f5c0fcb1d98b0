import type { Intake } from '../../../ports/store/connections.ts'
import { gathered } from '../../../ports/gathered.ts'
import { instantToText } from '../instant.ts'
import type { Database } from '../database.ts'
import { mustBeOutside } from '../inside-transaction.ts'
import { run, type Db } from '../statements.ts'
import { storableJson } from '../storable.ts'
import { codecs } from './rows.ts'
import { retried } from './retried.ts'
import { isChanged } from './scope.ts'

/** A group's rows are locked in one order, so that the groups of two instances do not deadlock. */
const GROUP_MAX = 500

/**
 * A group of notifications in one statement and one commit; `place` is a notification's place in the group. An `opening` channel counts as
 * live: its first messages come before Google's answer, with the resource's name, is stored.
 */
const NOTE_NOTIFICATIONS = `
with given as materialized (
  select * from json_to_recordset($1::text::json)
    as g(place int, channel text, resource text, at timestamptz, is_greeting boolean)
), locked as materialized (
  select c.* from channels c where c.id = any(array(select distinct channel from given))
  order by c.tenant_id, c.id for no key update
), shown as materialized (
  select g.place, g.at, g.is_greeting, c.tenant_id, c.id, c.connection_id, c.calendar_id
  from given g join locked c on c.id = g.channel and c.expires_at > g.at
    and (c.state = 'live' and c.resource_id = g.resource
      or c.state = 'opening' and (c.resource_id is null or c.resource_id = g.resource))
), noted as (
  update channels set last_notified_at = greatest(last_notified_at, s.at)
  from (select tenant_id, id, max(at) as at from shown group by tenant_id, id) s
  where channels.tenant_id = s.tenant_id and channels.id = s.id
), due as materialized (
  select tenant_id, connection_id, calendar_id as id, count(*) as notifications, max(at) as at from shown
  where not is_greeting and calendar_id is not null group by tenant_id, connection_id, calendar_id
), calendars_locked as materialized (
  select c.tenant_id, c.connection_id, c.id, c.wake_seq > c.pulled_seq as is_awake from calendars c join due using (tenant_id, connection_id, id)
  order by c.tenant_id, c.connection_id, c.id for no key update of c
), woken as (
  update calendars set wake_seq = calendars.wake_seq + due.notifications, next_poll_at = least(calendars.next_poll_at, due.at)
  from due
  where calendars.tenant_id = due.tenant_id and calendars.connection_id = due.connection_id and calendars.id = due.id
    and (select count(*) from calendars_locked) > 0
)
select json_build_object('place', s.place, 'tenant_id', s.tenant_id, 'connection_id', s.connection_id,
  'calendar_id', s.calendar_id, 'is_awake', c.is_awake) as woken
from shown s left join calendars_locked c
  on c.tenant_id = s.tenant_id and c.connection_id = s.connection_id and c.id = s.calendar_id`

const NOTE_ORPHAN = `
update channels set state = 'stopping', resource_id = $2, due_at = $3
where id = $1 and state in ('retired', 'failed') and expires_at > $3::timestamptz and due_at <= $4::timestamptz
returning 1`

const EXPECT = `
update channels set expected_at = $4, due_at = least(due_at, $5::timestamptz)
where tenant_id = $1 and connection_id = $2 and calendar_id = $3 and state = 'live'
  and (expected_at is null or last_notified_at >= expected_at)`

const NOTE_KEY_USE = `
update api_keys set last_used_at = greatest(last_used_at, $3::timestamptz) where tenant_id = $1 and id = $2`

const LEASE = `
update credentials set refresh_lease_until = $4
where tenant_id = $1 and connection_id = $2 and (refresh_lease_until is null or refresh_lease_until <= $3)
returning to_jsonb(credentials) as lease`

const STORE_REFRESHED = `${codecs.credentials.update('$1', {
  version: 'credentials.version + 1',
  refresh_lease_until: 'null',
})} and credentials.version = $2 returning 1`

type Notification = Parameters<Intake['noteNotification']>[0]
type Noted = Awaited<ReturnType<Intake['noteNotification']>>

type Woken = {
  place: number
  tenant_id: string
  connection_id: string
  calendar_id: string | null
  is_awake: boolean | null
}

async function noteGroup(db: Db, group: readonly Notification[]): Promise<Noted[]> {
  const given = group.map(({ channelId, resourceId, at, isGreeting = false }, place) => {
    return { place, channel: channelId, resource: resourceId, at: instantToText(at), is_greeting: isGreeting }
  })
  const rows = await retried(() => run(db, NOTE_NOTIFICATIONS, [storableJson(given)]))
  const noted: Noted[] = group.map(() => null)
  for (const row of rows) {
    const woken = row['woken'] as Woken // the columns that the statement returns
    const { tenant_id: tenantId, connection_id: connectionId, calendar_id: calendarId } = woken
    noted[woken.place] = { tenantId, connectionId, calendarId, ...(woken.is_awake === true ? { isAwake: true } : {}) }
  }
  return noted
}

/** Notifications name a channel, not a tenant. */
export function intake(database: Database, fleet: () => Db): Intake {
  const alone = <T>(tenantId: string, work: (db: Db) => Promise<T>): Promise<T> => {
    mustBeOutside()
    return database.alone(tenantId, 'read write', work)
  }
  return {
    noteNotification: gathered(GROUP_MAX, group => noteGroup(fleet(), group)),
    noteOrphan: ({ channelId, resourceId, at, settledBefore }) =>
      isChanged(fleet(), NOTE_ORPHAN, [channelId, resourceId, instantToText(at), instantToText(settledBefore)]),
    expectNotification: async ({ tenantId, connectionId, calendarId, at, dueAt }) => {
      const values = [tenantId, connectionId, calendarId, instantToText(at), instantToText(dueAt)]
      await alone(tenantId, db => run(db, EXPECT, values))
    },
    noteKeyUse: async (tenantId, keyId, at) => {
      await alone(tenantId, db => run(db, NOTE_KEY_USE, [tenantId, keyId, instantToText(at)]))
    },
    leaseCredentials: async (tenantId, connectionId, now, until) => {
      const values = [tenantId, connectionId, instantToText(now), instantToText(until)]
      const [row] = await alone(tenantId, db => run(db, LEASE, values))
      return row === undefined ? null : codecs.credentials.decode(row['lease'] as Record<string, unknown>)
    },
    storeRefreshed: (credentials, expectedVersion) => {
      const row = storableJson(codecs.credentials.encode(credentials))
      return alone(credentials.tenantId, db => isChanged(db, STORE_REFRESHED, [row, expectedVersion]))
    },
  }
}
