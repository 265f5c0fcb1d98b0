import type postgres from 'postgres'
import type { Database } from '../../src/adapters/db/database.ts'
import { run } from '../../src/adapters/db/statements.ts'
import type { Listed } from './line.ts'

/**
 * The least that any mirror of a calendar must do: download the pages, parse them, write each with one bulk upsert into one plain table
 * with one index, and keep the token. No decisions, no history, no second table.
 */
export type Floor = {
  /** @returns the token to go on with, and how many rows were written. */
  mirror(google: { url: string }, listed: Listed, key: string, syncToken: string | null): Promise<Mirrored>
}
export type Mirrored = { syncToken: string; rows: number; requests: number; statements: number }

const TABLE = `create table if not exists floor_events (
  calendar text not null, id text not null, uid text, etag text, status text, summary text, description text, location text,
  starts timestamptz, ends timestamptz, zone text, recurrence text, series text, updated timestamptz, primary key (calendar, id))`
const TOKENS = 'create table if not exists floor_tokens (calendar text primary key, token text not null)'
const UPSERT = `insert into floor_events
  select $1, r.* from json_to_recordset($2::text::json) as r(id text, uid text, etag text, status text, summary text, description text,
    location text, starts timestamptz, ends timestamptz, zone text, recurrence text, series text, updated timestamptz)
  on conflict (calendar, id) do update set uid = excluded.uid, etag = excluded.etag, status = excluded.status,
    summary = excluded.summary, description = excluded.description, location = excluded.location, starts = excluded.starts,
    ends = excluded.ends, zone = excluded.zone, recurrence = excluded.recurrence, series = excluded.series, updated = excluded.updated`
const KEEP = 'insert into floor_tokens values ($1, $2) on conflict (calendar) do update set token = excluded.token'

/** Over PostgreSQL by the bare client; over the embedded database by the same connection as ours, since it has only one. */
export async function newFloor({ sql, database }: { sql: postgres.Sql | null; database: Database }): Promise<Floor> {
  const write = async (text: string, values: string[] = []): Promise<void> => {
    await (sql === null ? run(database.db, text, values) : sql.unsafe(text, values, { prepare: true }))
  }
  await write(TABLE)
  await write(TOKENS)
  return { mirror: (google, listed, key, syncToken) => mirror(write, google.url, listed, { key, syncToken }) }
}

type Wire = Record<string, unknown> & {
  start?: Record<string, string>
  end?: Record<string, string>
  recurrence?: string[]
}
type WirePage = { items: Wire[]; nextPageToken?: string; nextSyncToken?: string }

async function mirror(
  write: (text: string, values: string[]) => Promise<void>,
  url: string,
  { calendarId, token }: Listed,
  { key, syncToken }: { key: string; syncToken: string | null },
): Promise<Mirrored> {
  const done: Mirrored = { syncToken: '', rows: 0, requests: 0, statements: 0 }
  let pageToken = ''
  do {
    const query = new URLSearchParams({ maxResults: '2500', prettyPrint: 'false' })
    if (syncToken !== null) query.set('syncToken', syncToken)
    if (pageToken !== '') query.set('pageToken', pageToken)
    const answer = await fetch(`${url}/calendar/v3/calendars/${encodeURIComponent(calendarId)}/events?${query}`, {
      headers: { authorization: `Bearer ${token}` },
    })
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
    const page = (await answer.json()) as WirePage
    done.requests += 1
    if (page.items.length > 0) {
      await write(UPSERT, [key, JSON.stringify(page.items.map(rowOf))])
      done.statements += 1
    }
    done.rows += page.items.length
    pageToken = page.nextPageToken ?? ''
    done.syncToken = page.nextSyncToken ?? ''
  } while (pageToken !== '')
  await write(KEEP, [key, done.syncToken])
  done.statements += 1
  return done
}

function rowOf({ id, iCalUID: uid, etag, status, summary, description, location, updated, ...event }: Wire) {
  const { start, end, recurrence, recurringEventId: series } = event
  const times = { starts: start?.['dateTime'] ?? start?.['date'], ends: end?.['dateTime'] ?? end?.['date'] }
  const rest = { zone: start?.['timeZone'], recurrence: recurrence?.join('\n'), series, updated }
  return { id, uid, etag, status, summary, description, location, ...times, ...rest }
}
