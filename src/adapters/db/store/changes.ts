import type { JournalEntry } from '../../../core/model/journal.ts'
import type { AppointmentWrites, ChangeSet } from '../../../ports/store/appointments.ts'
import { instantToText } from '../instant.ts'
import { run, type Row } from '../statements.ts'
import { storableJson } from '../storable.ts'
import { UNSENT, unsentValues } from './appointments.ts'
import { placesOf } from './lookup.ts'
import { appointmentRow, codecs, journalRow, linkRow } from './rows.ts'
import { mustOwn, type Scope } from './scope.ts'

/** Carries the id of a tenant whose change feed grew. */
export const CHANGES_CHANNEL = 'lockstep_changes'

/** A part of a change: sorted rows, and the CTE that writes them, given their parameter. */
type Part = { rows: readonly Row[]; write: (parameter: string, rows: readonly Row[]) => string }

/**
 * Writes a change in one statement (on the embedded database: one per `rowsMax` rows of its largest part). The parts of one statement
 * see nothing of each other, so a row that is both erased and written is only written.
 */
async function apply(scope: Scope, tenantId: string, changes: ChangeSet): Promise<void> {
  const { appointments = [], links = [], outbox = [], proposals = [], duplicates = [] } = changes
  const rows = [...appointments, ...links, ...outbox, ...proposals, ...duplicates]
  mustOwn(scope, new Set([tenantId, ...rows.map(row => row.tenantId)]))
  const parts = partsOf(tenantId, changes).filter(part => part.rows.length > 0)
  const rowsMost = Math.max(0, ...parts.map(part => part.rows.length))
  for (let at = 0; at < rowsMost; at += scope.rowsMax) {
    const slices = parts.map(part => ({ ...part, rows: part.rows.slice(at, at + scope.rowsMax) }))
    await write(
      scope,
      tenantId,
      slices.filter(part => part.rows.length > 0),
    )
  }
}

async function write(scope: Scope, tenantId: string, parts: readonly Part[]): Promise<void> {
  const values: unknown[] = [tenantId]
  const ctes = parts.map(({ rows, write }) => write(`$${values.push(storableJson(rows))}`, rows))
  const isFeed = parts.some(({ rows }) => rows.some(row => typeof row['change_type'] === 'string'))
  const last = isFeed ? `select pg_notify('${CHANGES_CHANNEL}', $1)` : 'select where $1::text is null'
  await run(scope.db(), `with ${ctes.join(', ')} ${last}`, values)
}

function partsOf(tenantId: string, changes: ChangeSet): Part[] {
  const { appointments = [], links = [], outbox = [], proposals = [], duplicates = [], journal = [] } = changes
  return [
    { rows: forgotten(changes), write: forgetLinks },
    { rows: seen(changes), write: markSeen },
    { rows: sent(changes), write: removeSent },
    {
      rows: codecs.appointments.sorted(appointments.map(appointmentRow)),
      write: parameter => `appointment as (${codecs.appointments.upsert(parameter)})`,
    },
    {
      rows: codecs.links.sorted(links.map(linkRow)),
      write: parameter => `link as (${codecs.links.upsert(parameter)})`,
    },
    { rows: codecs.outbox.sorted(outbox), write: parameter => `queued as (${codecs.outbox.upsert(parameter)})` },
    {
      rows: codecs.proposals.sorted(proposals),
      write: parameter => `proposal as (${codecs.proposals.upsert(parameter)})`,
    },
    {
      rows: codecs.duplicates.sorted(duplicates),
      write: parameter => `duplicate as (${codecs.duplicates.upsert(parameter)})`,
    },
    { rows: numbered(tenantId, journal), write: appendJournal },
  ]
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

const forgetLinks = (parameter: string): string =>
  `forgotten as (delete from links where ctid = any(${placesOf('links', LINK_KEY, parameter)}))`

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

const markSeen = (parameter: string, rows: readonly Row[]): string => {
  const generation = Number(rows[0]?.['seen_generation'])
  const places = placesOf('links', LINK_KEY, parameter, `stored.seen_generation <> ${generation}`)
  return `seen as (update links set seen_generation = ${generation} where ctid = any(${places}))`
}

function sent({ sent: done = [], outbox = [] }: ChangeSet): Row[] {
  const kept = new Set(outbox.map(entry => [entry.appointmentId, entry.calendarId].join('\0')))
  return done
    .filter(entry => !kept.has([entry.appointmentId, entry.calendarId].join('\0')))
    .map(entry => ({ appointment_id: entry.appointmentId, calendar_id: entry.calendarId }))
}

const removeSent = (parameter: string): string =>
  `sent as (delete from outbox where ctid = any(${placesOf('outbox', ['appointment_id', 'calendar_id'], parameter)}))`

const numbered = (tenantId: string, journal: readonly JournalEntry[]): Row[] =>
  journal.map((entry, place) => codecs.journal.encode(journalRow(tenantId, entry, place + 1)))

/** Numbers follow the tenant's own count, which is under its lock: no gaps, and in the order of the commits. */
function appendJournal(parameter: string, rows: readonly Row[]): string {
  const { columns } = codecs.journal
  const first = Number(rows[0]?.['seq'])
  const values = columns.map(name => (name === 'seq' ? `counted.base + entry.seq - ${first - 1}` : `entry."${name}"`))
  return `counted as (
    update tenants set journal_seq = journal_seq + ${rows.length} where tenant_id = $1
    returning journal_seq - ${rows.length} as base
  ), entry as (
    insert into journal (${columns.map(name => `"${name}"`).join(', ')})
    select ${values.join(', ')} from counted, json_populate_recordset(null::journal, ${parameter}::json) as entry)`
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
    apply: (tenantId, changes) => apply(scope, tenantId, changes),
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
