import type { InferInsertModel } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { JournalEntry } from '../../../core/model/journal.ts'
import type { AppointmentWrites, ChangeSet } from '../../../ports/store/appointments.ts'
import type { Database } from '../database.ts'
import type { Codec } from '../codec.ts'
import { instantToText } from '../instant.ts'
import { run, type Row } from '../statements.ts'
import { storableJson } from '../storable.ts'
import { UNSENT, unsentValues } from './appointments.ts'
import { placesOf } from './lookup.ts'
import { advanceAndRead } from './page-context.ts'
import { appointmentRow, codecs, journalRow, linkRow } from './rows.ts'
import { mustOwn, type Scope } from './scope.ts'

/** Carries the id of a tenant whose change feed grew. */
export const CHANGES_CHANNEL = 'lockstep_changes'

/**
 * A part of a change: sorted rows, their JSON where it was made beforehand, and the CTE that writes them. `given` names the parameter that
 * holds the rows; `put` makes a value another one and names it.
 */
type Part = { rows: readonly Row[]; json?: string; write: (given: string, put: Put, rows: readonly Row[]) => string }
type Put = (value: unknown) => string

/**
 * Writes a change in one statement (on the embedded database: one per `rowsMax` rows of its largest part). The parts of one statement
 * see nothing of each other, so a row that is both erased and written is only written.
 */
async function apply(scope: Scope, tenantId: string, changes: ChangeSet): Promise<void> {
  const { appointments = [], links = [], outbox = [], proposals = [], duplicates = [], journal = [] } = changes
  for (const rows of [appointments, links, outbox, proposals, duplicates])
    mustOwn(scope, new Set([tenantId, ...rows.map(row => row.tenantId)]))
  const parts = prepared.get(changes) ?? partsOf(tenantId, changes)
  const isFeed = journal.some(({ change }) => change !== null)
  const rowsMost = Math.max(0, ...parts.map(part => part.rows.length))
  for (let at = 0; at < rowsMost; at += scope.rowsMax) {
    const slices = rowsMost <= scope.rowsMax ? parts : parts.map(part => sliced(part, at, at + scope.rowsMax))
    const filled = slices.filter(part => part.rows.length > 0)
    await write(scope, tenantId, filled, isFeed)
  }
}

const sliced = ({ rows, write }: Part, from: number, to: number): Part => ({ rows: rows.slice(from, to), write })

async function write(scope: Scope, tenantId: string, parts: readonly Part[], isFeed: boolean): Promise<void> {
  const values: unknown[] = [tenantId]
  const put: Put = value => `$${values.push(storableJson(value))}`
  const ctes = parts.map(({ rows, json, write }) => write(`$${values.push(json ?? storableJson(rows))}`, put, rows))
  const last = isFeed ? `select pg_notify('${CHANGES_CHANNEL}', $1)` : 'select where $1::text is null'
  await run(scope.db(), `with ${ctes.join(', ')} ${last}`, values)
}

function partsOf(tenantId: string, changes: ChangeSet): Part[] {
  const { appointments = [], links = [], outbox = [], proposals = [], duplicates = [], journal = [] } = changes
  const parts: Part[] = [
    { rows: forgotten(changes), write: forgetLinks },
    { rows: seen(changes), write: markSeen },
    { rows: sent(changes), write: removeSent },
    upserted('appointment', codecs.appointments, appointments.map(appointmentRow)),
    upserted('link', codecs.links, links.map(linkRow)),
    upserted('queued', codecs.outbox, outbox),
    upserted('proposal', codecs.proposals, proposals),
    upserted('duplicate', codecs.duplicates, duplicates),
    appended(tenantId, journal),
  ]
  return parts.filter(part => part.rows.length > 0)
}

const prepared = new WeakMap<ChangeSet, Part[]>()

/** The rows as they will be sent. On the embedded database there is nothing to gain: it has this thread to itself while it writes. */
export function prepare(kind: Database['kind'], tenantId: string, changes: ChangeSet): void {
  if (kind === 'embedded') return
  prepared.set(
    changes,
    partsOf(tenantId, changes).map(part => ({ ...part, json: storableJson(part.rows) })),
  )
}

function upserted<T extends PgTable>(name: string, codec: Codec<T>, rows: readonly InferInsertModel<T>[]): Part {
  const sorted = codec.sorted(rows)
  return {
    rows: sorted.rows,
    write: (given, put) => `${name} as (${codec.upsert(put(sorted.same), given)})`,
  }
}

const linkKey = (connectionId: string, calendarId: string, eventId: string): string =>
  [connectionId, calendarId, eventId].join('\0')

function forgotten({ forgetLinks: keys = [], links = [] }: ChangeSet): Row[] {
  const kept = new Set(links.map(link => linkKey(link.connectionId, link.calendarId, link.eventId)))
  return keys
    .filter(key => !kept.has(linkKey(key.connectionId, key.calendarId, key.eventId)))
    .map(key => ({ connection_id: key.connectionId, calendar_id: key.calendarId, event_id: key.eventId }))
}

const LINK_KEY = ['connection_id', 'calendar_id', 'event_id']

const forgetLinks: Part['write'] = given =>
  `forgotten as (delete from links where ctid = any(${placesOf('links', LINK_KEY, given)}))`

function seen({ seen: shown, links = [], forgetLinks: keys = [] }: ChangeSet): Row[] {
  if (shown === undefined) return []
  const { connectionId, calendarId, generation, eventIds } = shown
  const others = [...links, ...keys].map(link => linkKey(link.connectionId, link.calendarId, link.eventId))
  const written = new Set(others)
  return [...new Set(eventIds)]
    .filter(eventId => !written.has(linkKey(connectionId, calendarId, eventId)))
    .sort()
    .map(eventId => ({
      connection_id: connectionId,
      calendar_id: calendarId,
      event_id: eventId,
      seen_generation: generation,
    }))
}

const markSeen: Part['write'] = (given, put, rows) => {
  const generation = `${put(rows[0]?.['seen_generation'])}::text::int`
  const places = placesOf('links', LINK_KEY, given, `stored.seen_generation <> ${generation}`)
  return `seen as (update links set seen_generation = ${generation} where ctid = any(${places}))`
}

function sent({ sent: done = [], outbox = [] }: ChangeSet): Row[] {
  const kept = new Set(outbox.map(entry => [entry.appointmentId, entry.calendarId].join('\0')))
  return done
    .filter(entry => !kept.has([entry.appointmentId, entry.calendarId].join('\0')))
    .map(entry => ({ appointment_id: entry.appointmentId, calendar_id: entry.calendarId }))
}

const removeSent: Part['write'] = given =>
  `sent as (delete from outbox where ctid = any(${placesOf('outbox', ['appointment_id', 'calendar_id'], given)}))`

/** Numbers follow the tenant's own count, which is under its lock: no gaps, and in the order of the commits. */
function appended(tenantId: string, journal: readonly JournalEntry[]): Part {
  const { columns, unpacked, pack } = codecs.journal
  const packed = pack(journal.map((entry, place) => journalRow(tenantId, entry, place + 1)))
  let before = 0
  return {
    rows: packed.rows,
    write: (given, put, rows) => {
      // As parameters, or each number of rows would be a statement of its own to prepare and remember.
      const [first, count] = [before, rows.length].map(each => `${put(each)}::text::int`)
      before += rows.length
      const values = columns.map(name => (name === 'seq' ? `counted.base + entry.seq - ${first}` : `entry."${name}"`))
      return `counted as (
        update tenants set journal_seq = journal_seq + ${count} where tenant_id = $1 returning journal_seq - ${count} as base
      ), entry as (
        insert into journal (${columns.map(name => `"${name}"`).join(', ')})
        select ${values.join(', ')} from counted, ${unpacked(put(packed.same), given)} as entry)`
    },
  }
}

export function appointmentWrites(scope: Scope): AppointmentWrites {
  const count = async (text: string, values: readonly unknown[]): Promise<number> => {
    const [row] = await run(
      scope.db(),
      `with touched as (${text} returning 1) select count(*)::int as n from touched`,
      values,
    )
    return Number(row?.['n'])
  }
  return {
    advanceAndRead: (calendar, expected, keys) => {
      mustOwn(scope, [calendar.tenantId])
      return advanceAndRead(scope.db(), calendar, expected, keys)
    },
    apply: (tenantId, changes) => apply(scope, tenantId, changes),
    skipJournal: async (tenantId, past) => {
      mustOwn(scope, [tenantId])
      await run(scope.db(), 'update tenants set journal_seq = greatest(journal_seq, $2) where tenant_id = $1', [
        tenantId,
        past,
      ])
    },
    flagAbsent: (tenantId, { connectionId, calendarId, generation, listedFrom }, missing) => {
      mustOwn(scope, [tenantId])
      const from = listedFrom === null ? null : instantToText(listedFrom)
      return count(FLAG_ABSENT, [
        tenantId,
        connectionId,
        calendarId,
        generation,
        from,
        missing.how,
        instantToText(missing.since),
      ])
    },
    forgetConnection: async (tenantId, connectionId) => {
      mustOwn(scope, [tenantId])
      await run(scope.db(), FORGET_CONNECTION, [tenantId, connectionId])
    },
    holdQueued: (tenantId, connectionId, calendarId, reason) => {
      mustOwn(scope, [tenantId])
      return count(HOLD_QUEUED, [tenantId, connectionId, calendarId, storableJson(reason)])
    },
    releaseHeld: (tenantId, connectionId, calendarId, now) => {
      mustOwn(scope, [tenantId])
      return count(RELEASE_HELD, [tenantId, connectionId, calendarId, instantToText(now)])
    },
    queueShown: (tenantId, { connectionId, calendarId = null, now }) => {
      mustOwn(scope, [tenantId])
      return count(QUEUE_SHOWN, [tenantId, connectionId, instantToText(now), calendarId])
    },
    queueUnsent: (tenantId, unsent) => {
      mustOwn(scope, [tenantId])
      return count(QUEUE_UNSENT, [...unsentValues(tenantId, unsent), instantToText(unsent.now)])
    },
  }
}

/** A link without an appointment has no known end: it is flagged, and asking settles it. */
const FLAG_ABSENT = `
update links set missing_how = $6, missing_since = $7
where tenant_id = $1 and connection_id = $2 and calendar_id = $3 and seen_generation < $4 and missing_how is null
  and ($5::timestamptz is null or not exists (
    select from appointments a where a.tenant_id = $1 and a.id = links.appointment_id and a.range_end <= $5::timestamptz))`

const FORGET_CONNECTION = `
with links as (delete from links where tenant_id = $1 and connection_id = $2)
delete from outbox where tenant_id = $1 and connection_id = $2`

const HOLD_QUEUED = `
update outbox set state = 'held', error = $4::text::jsonb
where tenant_id = $1 and connection_id = $2 and calendar_id = $3 and state = 'queued'`

const RELEASE_HELD = `
update outbox set state = 'queued', not_before = $4, error = null
where tenant_id = $1 and connection_id = $2 and calendar_id = $3 and state = 'held'`

const QUEUE_UNSENT = `
insert into outbox (tenant_id, appointment_id, calendar_id, connection_id, lane, state, not_before, attempts, queued_at)
select a.tenant_id, a.id, $4, $3, 'backfill', 'queued', $7::timestamptz, 0, $7::timestamptz
from appointments a where ${UNSENT}
on conflict (tenant_id, appointment_id, calendar_id) do update
set state = 'queued', not_before = excluded.not_before, attempts = 0, error = null where outbox.state = 'failed'`

const QUEUE_SHOWN = `
insert into outbox (tenant_id, appointment_id, calendar_id, connection_id, lane, state, not_before, attempts, queued_at)
select distinct tenant_id, appointment_id, calendar_id, connection_id, 'backfill', 'queued', $3::timestamptz, 0, $3::timestamptz
from links where tenant_id = $1 and connection_id = $2 and role = 'ours' and appointment_id is not null
  and ($4::text is null or calendar_id = $4)
on conflict (tenant_id, appointment_id, calendar_id) do update
set state = 'queued', not_before = excluded.not_before, attempts = 0, error = null where outbox.state = 'failed'`
