import { decideArrival, type Arrival, type DatabaseFingerprint } from '../../core/operations/installation.ts'
import type { Log } from '../../ports/log.ts'
import type { Vault } from '../../ports/secrets.ts'
import { CANARY_CONTEXT, CANARY_WORD } from './canary.ts'
import type { Database } from './database.ts'
import { run, type Db, type Row } from './statements.ts'
import { storableJson } from './storable.ts'

/** Any number does, as long as it is the same in every instance; another one than the migrations'. */
const LOCK = 7_215_302
const NAME = 'this'
const LOCK_TIMEOUT = '5s'

/** What any role may read; where a server keeps one of the first two to itself, it is left out. */
const IDENTIFIER = 'select system_identifier::text as value from pg_control_system()'
const TIMELINE = 'select timeline_id::int as value from pg_control_checkpoint()'
const OIDS = `select 'appointments'::regclass::oid::int8::float8 as table_oid,
  (select oid::int8::float8 from pg_database where datname = current_database()) as database_oid`

/** Calendars are spread over an interval, so that a large installation does not list everything at once. */
const RECOVER_CALENDARS = `update calendars set recovering_since = clock_timestamp(), sync_token = null, page_token = null,
  cursor_version = cursor_version + 1, hold_off_until = null, next_poll_at = clock_timestamp() + random() * interval '1 minute'`
/** Numbers that were given out before the restore are not known any more. Milliseconds grow faster than journals do. */
const SKIP_JOURNALS = `update tenants set journal_seq = greatest(journal_seq,
  (extract(epoch from clock_timestamp()) * 1000)::bigint)`

type Stored = { instanceId: string | null; fingerprint: DatabaseFingerprint; canary: string | null }

/** `foreignTo`: the name of the installation that the database belongs to. */
export type Registration = { arrival: Arrival; foreignTo: string | null }

/**
 * Looks whether this is the database that the service left, and begins the recovery of all calendars where it is not. One transaction under
 * a lock: of many instances that start at once one finds out. A foreign database is left as it is.
 * @param options.isAdopted take it over, whoever it belongs to.
 * @throws Error when none of the keys opens what the database keeps sealed.
 */
export async function register(
  database: Database,
  vault: Vault,
  options: { instanceId: string | null; isAdopted?: boolean },
): Promise<Registration> {
  const present = await readFingerprint(database)
  return database.db.transaction(async tx => {
    if (database.kind === 'postgres') await run(tx, `select pg_advisory_xact_lock(${LOCK})`)
    const stored = await readStored(tx)
    if (stored?.canary != null) openCanary(vault, stored.canary)
    const arrival = decideArrival(stored, present, options.instanceId)
    if (arrival === 'foreign' && options.isAdopted !== true) return { arrival, foreignTo: stored?.instanceId ?? null }
    const isRestored = arrival === 'restored' || arrival === 'foreign'
    if (isRestored) await recoverAll(tx)
    const canary = stored?.canary ?? vault.seal(CANARY_WORD, CANARY_CONTEXT)
    const isNamed = (stored?.instanceId ?? null) === options.instanceId
    if (arrival !== 'same' || !isNamed || stored?.canary == null)
      await write(tx, { instanceId: options.instanceId, fingerprint: present, canary }, isRestored)
    return { arrival, foreignTo: null }
  })
}

/** The one change that spans all tenants: the owner of the tables, who is bound by their policies too, is let out of them for it. */
async function recoverAll(tx: Db): Promise<void> {
  await run(tx, `set local lock_timeout = '${LOCK_TIMEOUT}'`)
  for (const table of ['calendars', 'tenants']) await run(tx, `alter table ${table} no force row level security`)
  for (const statement of [RECOVER_CALENDARS, SKIP_JOURNALS]) await run(tx, statement)
  for (const table of ['calendars', 'tenants']) await run(tx, `alter table ${table} force row level security`)
}

/** The word is sealed with the key that sealed it: a service without that key could read nothing else either. */
function openCanary(vault: Vault, sealed: string): void {
  try {
    if (vault.open(sealed, CANARY_CONTEXT) === CANARY_WORD) return
  } catch (cause) {
    throw new Error(`SECRET_KEYS does not fit this database: ${reasonOf(cause)}. ${REMEDY}`, { cause })
  }
  throw new Error(`SECRET_KEYS does not fit this database. ${REMEDY}`)
}
const REMEDY = 'Put the key back that the service ran with before; see "Keys" in docs/operations.md.'

const reasonOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message : 'its sealed values cannot be opened'

async function readStored(tx: Db): Promise<Stored | null> {
  const [row] = await run(tx, 'select instance_id, fingerprint, canary from installation where name = $1', [NAME])
  if (row === undefined) return null
  const { instance_id: instanceId, fingerprint, canary } = row
  return {
    instanceId: typeof instanceId === 'string' ? instanceId : null,
    fingerprint: fingerprint as DatabaseFingerprint, // what `write` below stored
    canary: typeof canary === 'string' ? canary : null,
  }
}

async function write(tx: Db, { instanceId, fingerprint, canary }: Stored, isRestored: boolean): Promise<void> {
  await run(
    tx,
    `insert into installation (name, instance_id, fingerprint, canary) values ($1, $2, $3::json::jsonb, $4)
    on conflict (name) do update set instance_id = excluded.instance_id, fingerprint = excluded.fingerprint,
      canary = excluded.canary, restored_at = case when $5::text = 'yes' then clock_timestamp() else installation.restored_at end`,
    [NAME, instanceId, storableJson(fingerprint), canary, isRestored ? 'yes' : 'no'],
  )
}

async function readFingerprint({ db }: Database): Promise<DatabaseFingerprint> {
  const [oids] = await run(db, OIDS)
  const systemIdentifier = await ifTold(db, IDENTIFIER)
  const timeline = await ifTold(db, TIMELINE)
  return {
    systemIdentifier: systemIdentifier === null ? null : String(systemIdentifier['value']),
    timeline: timeline === null ? null : Number(timeline['value']),
    databaseOid: Number(oids?.['database_oid']),
    tableOid: Number(oids?.['table_oid']),
  }
}

/** A managed server may refuse it: then it says nothing, and the oids still do. */
async function ifTold(db: Db, statement: string): Promise<Row | null> {
  try {
    return (await run(db, statement))[0] ?? null
  } catch {
    return null
  }
}

type Watched = {
  database: Database
  deps: { vault: Vault; log: Log }
  engine: { stop(options: { graceMs: number }): Promise<void> }
  instanceId: string | null
}

/** Looks whether the database is the one that was left. @param say why it is not to be worked on; null: it is. */
export function watchDatabase({ database, deps, engine, instanceId }: Watched, say: (foreign: string | null) => void) {
  return async (): Promise<void> => {
    const { arrival, foreignTo } = await register(database, deps.vault, { instanceId })
    const isForeign = arrival === 'foreign'
    say(isForeign ? foreignWords(foreignTo, instanceId) : null)
    if (isForeign) await engine.stop({ graceMs: 0 })
    if (arrival === 'restored')
      deps.log.warn('restored', { reason: 'the database is not the one that was left; all calendars recover' })
  }
}

function foreignWords(foreignTo: string | null, instanceId: string | null): string {
  const own = instanceId === null ? 'no INSTANCE_ID' : `INSTANCE_ID ${instanceId}`
  return (
    `The database belongs to the installation ${foreignTo ?? ''}, and this service has ${own}: it is read-only, and nothing is ` +
    'written to Google. If the database is to be taken over, run `lockstep adopt-database` and start again.'
  )
}
