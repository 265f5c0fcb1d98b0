import { and, asc, desc, eq, inArray, isNull, lte, ne, or, sql } from 'drizzle-orm'
import type { PolicyOverrides } from '../../../core/model/policies.ts'
import type { ConnectionReads, ConnectionWrites } from '../../../ports/store/connections.ts'
import { instantToText } from '../instant.ts'
import { calendars, channels, connections, connectLinks, credentials, oauthFlows, outbox } from '../schema.ts'
import { all, first, run, type Db, type Row } from '../statements.ts'
import { storableJson } from '../storable.ts'
import { calendarOf, calendarRow, codecs } from './rows.ts'
import { isChanged, mustOwn, save, type Scope } from './scope.ts'

export function connectionReads(db: () => Db): ConnectionReads {
  return { ...ownReads(db), ...calendarReads(db), ...schedulerReads(db) }
}

type OwnReads = Pick<
  ConnectionReads,
  | 'connection'
  | 'connectionsOfUser'
  | 'connections'
  | 'connectionBySub'
  | 'credentials'
  | 'connectLinkByHash'
  | 'oauthFlowByState'
>

function ownReads(db: () => Db): OwnReads {
  const { tenantId: tenant, id, userId: user, googleSub: sub, createdAt, status } = connections
  const oldestFirst = [asc(createdAt), asc(id)]
  return {
    connection: (tenantId, connectionId) =>
      first(
        db()
          .select()
          .from(connections)
          .where(and(eq(tenant, tenantId), eq(id, connectionId))),
      ),
    connectionsOfUser: (tenantId, userId) =>
      all(
        db()
          .select()
          .from(connections)
          .where(and(eq(tenant, tenantId), eq(user, userId)))
          .orderBy(...oldestFirst),
      ),
    connections: tenantId =>
      all(
        db()
          .select()
          .from(connections)
          .where(eq(tenant, tenantId))
          .orderBy(...oldestFirst),
      ),
    connectionBySub: (tenantId, userId, googleSub) =>
      first(
        db()
          .select()
          .from(connections)
          .where(and(eq(tenant, tenantId), eq(user, userId), eq(sub, googleSub)))
          .orderBy(eq(status, 'disconnected'), desc(createdAt), desc(id))
          .limit(1),
      ),
    credentials: (tenantId, connectionId) =>
      first(
        db()
          .select()
          .from(credentials)
          .where(and(eq(credentials.tenantId, tenantId), eq(credentials.connectionId, connectionId))),
      ),
    connectLinkByHash: hash => first(db().select().from(connectLinks).where(eq(connectLinks.hash, hash)).limit(1)),
    oauthFlowByState: stateHash =>
      first(db().select().from(oauthFlows).where(eq(oauthFlows.stateHash, stateHash)).limit(1)),
  }
}

type CalendarReads = Pick<ConnectionReads, 'calendar' | 'calendarsOf' | 'targetOf' | 'channelsOf' | 'pullState'>

function calendarReads(db: () => Db): CalendarReads {
  const ofConnection = (tenantId: string, connectionId: string) =>
    and(eq(calendars.tenantId, tenantId), eq(calendars.connectionId, connectionId))
  return {
    calendar: async (tenantId, connectionId, calendarId) => {
      const row = await first(
        db()
          .select()
          .from(calendars)
          .where(and(ofConnection(tenantId, connectionId), eq(calendars.id, calendarId))),
      )
      return row && calendarOf(row)
    },
    calendarsOf: async (tenantId, connectionId) => {
      const rows = await all(
        db().select().from(calendars).where(ofConnection(tenantId, connectionId)).orderBy(asc(calendars.id)),
      )
      return rows.map(calendarOf)
    },
    targetOf: async (tenantId, userId) => {
      const row = await first(
        db()
          .select({ connection: connections, calendar: calendars })
          .from(connections)
          .innerJoin(calendars, joined)
          .where(
            and(
              eq(connections.tenantId, tenantId),
              eq(connections.userId, userId),
              ne(connections.status, 'disconnected'),
              calendars.isTarget,
            ),
          )
          .orderBy(asc(calendars.isGone), asc(connections.createdAt), asc(connections.id))
          .limit(1),
      )
      return row && { connection: row.connection, calendar: calendarOf(row.calendar) }
    },
    channelsOf: (tenantId, connectionId) =>
      all(
        db()
          .select()
          .from(channels)
          .where(and(eq(channels.tenantId, tenantId), eq(channels.connectionId, connectionId)))
          .orderBy(asc(channels.createdAt), asc(channels.id)),
      ),
    pullState: async (tenantId, connectionId, calendarId) => {
      const [row] = await run(db(), PULL_STATE, [tenantId, connectionId, calendarId])
      if (row === undefined) return null
      // The columns that the statement returns.
      const found = row as { connection: Row; calendar: Row; policies: PolicyOverrides | null; channels: Row[] }
      return {
        connection: codecs.connections.decode(found.connection),
        calendar: calendarOf(codecs.calendars.decode(found.calendar)),
        policies: found.policies ?? {},
        channels: found.channels.map(channel => codecs.channels.decode(channel)),
      }
    },
  }
}

const PULL_STATE = `
select to_jsonb(c) as connection, to_jsonb(k) as calendar, t.settings -> 'policies' as policies, (
  select coalesce(jsonb_agg(to_jsonb(h) order by h.created_at, h.id), '[]') from channels h
  where h.tenant_id = $1 and h.connection_id = $2 and h.calendar_id = $3) as channels
from connections c
join calendars k on k.tenant_id = $1 and k.connection_id = $2 and k.id = $3
join tenants t on t.tenant_id = $1
where c.tenant_id = $1 and c.id = $2`

const joined = and(eq(calendars.tenantId, connections.tenantId), eq(calendars.connectionId, connections.id))

/** Across tenants. */
function schedulerReads(db: () => Db): Pick<ConnectionReads, 'calendarsDue' | 'channelsDue' | 'flushesDue'> {
  const isActive = and(eq(connections.status, 'active'), ne(connections.mode, 'off'))
  const isRead = and(inArray(connections.status, ['active', 'held']), ne(connections.mode, 'off'))
  const mayWriteNow = (now: number) =>
    or(isNull(connections.writesPausedUntil), lte(connections.writesPausedUntil, now))
  return {
    calendarsDue: (now, limit) =>
      all(
        db()
          .select({
            tenantId: calendars.tenantId,
            connectionId: calendars.connectionId,
            calendarId: calendars.id,
          })
          .from(calendars)
          .innerJoin(connections, joined)
          .where(
            and(
              lte(calendars.nextPollAt, now),
              sql`not ${calendars.isGone}`,
              or(isNull(calendars.holdOffUntil), lte(calendars.holdOffUntil, now)),
              or(
                calendars.isTarget,
                and(or(calendars.isSource, calendars.isConflict), ne(connections.mode, 'push_only')),
              ),
              isRead,
            ),
          )
          .orderBy(asc(calendars.nextPollAt), asc(calendars.tenantId), asc(calendars.connectionId), asc(calendars.id))
          .limit(limit),
      ),
    channelsDue: async (now, limit) => {
      const isTheirs = and(eq(connections.tenantId, channels.tenantId), eq(connections.id, channels.connectionId))
      const rows = await all(
        db()
          .select({ channel: channels })
          .from(channels)
          .innerJoin(connections, isTheirs)
          .where(and(sql`${channels.state} <> 'retired'`, lte(channels.dueAt, now), isActive))
          .orderBy(asc(channels.dueAt), asc(channels.id))
          .limit(limit),
      )
      return rows.map(({ channel }) => channel)
    },
    flushesDue: (now, limit) =>
      all(
        db()
          .select({ tenantId: outbox.tenantId, connectionId: outbox.connectionId })
          .from(outbox)
          .innerJoin(
            connections,
            and(eq(connections.tenantId, outbox.tenantId), eq(connections.id, outbox.connectionId)),
          )
          .where(and(eq(outbox.state, sql`'queued'`), lte(outbox.notBefore, now), isActive, mayWriteNow(now)))
          .groupBy(outbox.tenantId, outbox.connectionId)
          .orderBy(sql`min(${outbox.notBefore})`, asc(outbox.tenantId), asc(outbox.connectionId))
          .limit(limit),
      ),
  }
}

export function connectionWrites(scope: Scope): ConnectionWrites {
  return { ...calendarWrites(scope), ...grantWrites(scope) }
}

type CalendarWrites = Pick<
  ConnectionWrites,
  | 'saveConnection'
  | 'saveCalendars'
  | 'advanceCalendar'
  | 'noteCalendar'
  | 'saveChannel'
  | 'forgetChannels'
  | 'renameCalendar'
>

function calendarWrites(scope: Scope): CalendarWrites {
  return {
    saveConnection: connection => save(scope, codecs.connections, [connection]),
    saveCalendars: rows => save(scope, codecs.calendars, rows.map(calendarRow), WAKE_SEQ),
    advanceCalendar: async (calendar, expected) => {
      mustOwn(scope, [calendar.tenantId])
      const row = storableJson(codecs.calendars.encode(calendarRow(calendar)))
      const text = `${codecs.calendars.update('$1', WAKE_SEQ)} and calendars.cursor_version = $2 returning 1`
      return isChanged(scope.db(), text, [row, expected])
    },
    noteCalendar: async calendar => {
      mustOwn(scope, [calendar.tenantId])
      const row = storableJson(codecs.calendars.encode(calendarRow(calendar)))
      await run(scope.db(), NOTE_CALENDAR, [row])
    },
    saveChannel: channel => save(scope, codecs.channels, [channel], NOTIFIED),
    forgetChannels: async (tenantId, ids) => {
      mustOwn(scope, [tenantId])
      const text =
        'delete from channels where tenant_id = $1 and id in (select json_array_elements_text($2::text::json))'
      if (ids.length > 0) await run(scope.db(), text, [tenantId, storableJson(ids)])
    },
    renameCalendar: async (tenantId, connectionId, { from, to }) => {
      mustOwn(scope, [tenantId])
      await run(scope.db(), RENAME_CALENDAR, [tenantId, connectionId, from, to])
    },
  }
}

/** Notifications count up beside any transaction: a row read before one came must not take it back. */
export const WAKE_SEQ = { wake_seq: 'greatest(calendars.wake_seq, excluded.wake_seq)' }

const NOTIFIED = { last_notified_at: 'greatest(channels.last_notified_at, excluded.last_notified_at)' }

const RENAME_CALENDAR = `
with links as (
  update links set calendar_id = $4 where tenant_id = $1 and connection_id = $2 and calendar_id = $3
), waiting as (
  update outbox set calendar_id = $4 where tenant_id = $1 and connection_id = $2 and calendar_id = $3
), watching as (
  update channels set calendar_id = $4 where tenant_id = $1 and connection_id = $2 and calendar_id = $3
)
update calendars set id = $4 where tenant_id = $1 and connection_id = $2 and id = $3`

const NOTED = ['last_pulled_at', 'next_poll_at', 'hold_off_until', 'failures', 'pulled_seq']
const NOTE_CALENDAR = codecs.calendars.update(
  '$1',
  Object.fromEntries(
    codecs.calendars.columns.filter(name => !NOTED.includes(name)).map(name => [name, `calendars."${name}"`]),
  ),
)

type GrantWrites = Omit<ConnectionWrites, keyof CalendarWrites>

function grantWrites(scope: Scope): GrantWrites {
  return {
    saveConnectLink: link => save(scope, codecs.connectLinks, [link]),
    useConnectLink: (hash, at) => {
      const text =
        'update connect_links set used_at = $3 where tenant_id = $1 and hash = $2 and used_at is null returning 1'
      return isChanged(scope.db(), text, [scope.tenantId, hash, instantToText(at)])
    },
    saveOAuthFlow: flow => save(scope, codecs.oauthFlows, [flow]),
    useOAuthFlow: (stateHash, at) => {
      const text =
        'update oauth_flows set used_at = $3 where tenant_id = $1 and state_hash = $2 and used_at is null returning 1'
      return isChanged(scope.db(), text, [scope.tenantId, stateHash, instantToText(at)])
    },
    saveCredentials: row => save(scope, codecs.credentials, [row]),
    eraseCredentials: async (tenantId, connectionId) => {
      mustOwn(scope, [tenantId])
      await run(scope.db(), 'delete from credentials where tenant_id = $1 and connection_id = $2', [
        tenantId,
        connectionId,
      ])
    },
  }
}
