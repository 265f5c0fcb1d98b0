import { run, sqlState, type Db } from './statements.ts'

/** Whom statements of one tenant run as: it owns nothing, bypasses nothing, and sees no row until a transaction has named a tenant. */
export const APP_ROLE = 'lockstep_app'
/** Whom the few statements run as that span tenants: it sees the columns in FLEET and no others. */
export const FLEET_ROLE = 'lockstep_fleet'
const ROLES = [APP_ROLE, FLEET_ROLE]
/** The job engine's own schema: a wake-up is inserted in the transaction that it speaks of, and so by its role. */
const JOB_SCHEMA = 'pgboss'

const INSUFFICIENT_PRIVILEGE = '42501'

/**
 * All that may be read or written across tenants: the scheduler, the intake of notifications, look-ups by a secret's hash, and operators'
 * figures. No token, no appointment, no text of an event. '*' are all columns.
 */
export const FLEET: Readonly<Record<string, { select: readonly string[]; update?: readonly string[] }>> = {
  tenants: { select: ['tenant_id', 'name', 'created_at'] },
  api_keys: { select: ['*'] },
  connect_links: { select: ['*'] },
  oauth_flows: { select: ['*'] },
  feeds: { select: ['*'] },
  connections: { select: ['*'] },
  calendars: { select: ['*'], update: ['wake_seq', 'next_poll_at'] },
  channels: { select: ['*'], update: ['last_notified_at', 'state', 'resource_id', 'due_at'] },
  outbox: { select: ['tenant_id', 'connection_id', 'lane', 'state', 'not_before', 'queued_at'] },
  links: { select: ['tenant_id', 'connection_id', 'role', 'error'] },
  proposals: { select: ['tenant_id', 'id', 'connection_id', 'state', 'expires_at'] },
  duplicates: { select: ['tenant_id', 'connection_id', 'state'] },
  journal: { select: ['tenant_id', 'seq', 'change_type'] },
  webhook_endpoints: {
    select: [
      ...['tenant_id', 'id', 'url', 'status', 'disabled_reason', 'cursor', 'failures', 'failing_since', 'rest_until'],
      ...['last_delivered_at', 'created_at'],
    ],
  },
  samples: { select: ['tenant_id', 'connection_id', 'calendar_id', 'at', 'compared', 'differing'] },
  webhook_deliveries: { select: ['tenant_id', 'endpoint_id', 'state', 'next_attempt_at', 'created_at'] },
}

/** After SET LOCAL has ended the setting reads '', not null. A scalar subquery is worked out once per statement, not once per row. */
const TENANT = `(select nullif(current_setting('lockstep.tenant', true), ''))`

/**
 * Every table with a tenant, by the catalog, so that none that is made later can be forgotten. "is true" keeps the condition from serving
 * as a way into an index: without statistics the planner takes it for the best there is, and reads all rows of the tenant.
 */
const PROTECT = `
do $$ declare t record; begin
  for t in
    select c.oid::regclass as name, c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not a.attisdropped
      and (a.attname = 'tenant_id' or (c.relname = 'audit_log' and a.attname = 'chain'))
  loop
    execute format('alter table %s enable row level security, force row level security', t.name);
    execute format('drop policy if exists own_rows on %s', t.name);
    execute format('create policy own_rows on %s to ${APP_ROLE} using ((%I = ${TENANT.replaceAll("'", "''")}) is true)', t.name, t.attname);
    execute format('grant select, insert %s on %s to ${APP_ROLE}',
      case t.relname when 'audit_log' then '' else ', update, delete' end, t.name);
  end loop;
end $$`

/** The owner too is bound by FORCE, unless it is a superuser: a migration that changes rows must see them. */
const RELEASE = `
do $$ declare t record; begin
  for t in
    select oid::regclass as name from pg_class where relnamespace = current_schema()::regnamespace and relforcerowsecurity
  loop execute format('alter table %s no force row level security', t.name); end loop;
end $$`

/** Within the migration's transaction, before it: rows are in sight of their owner. */
export async function releaseRows(tx: Db): Promise<void> {
  await run(tx, RELEASE)
}

/**
 * Within the migration's transaction, after it: row-level security on every table that has a tenant, and the two roles that the service
 * works under.
 * @throws Error that says what an administrator must run, when the login role may not make or take the roles.
 */
export async function protectRows(tx: Db): Promise<void> {
  await takeRoles(tx)
  await run(
    tx,
    `do $$ begin execute format('grant usage on schema %I to ${ROLES.join(', ')}', current_schema()); end $$`,
  )
  await run(tx, PROTECT)
  for (const [table, { select, update = [] }] of Object.entries(FLEET)) {
    await run(tx, `drop policy if exists fleet on ${table}`)
    await run(tx, `create policy fleet on ${table} to ${FLEET_ROLE} using (true)`)
    await run(tx, `revoke all on ${table} from ${FLEET_ROLE}`)
    await run(tx, `grant ${columns('select', select)} on ${table} to ${FLEET_ROLE}`)
    if (update.length > 0) await run(tx, `grant ${columns('update', update)} on ${table} to ${FLEET_ROLE}`)
  }
  await run(tx, 'drop policy if exists operator_rows on audit_log')
  await run(tx, `create policy operator_rows on audit_log to ${FLEET_ROLE} using (chain = '')`)
  await run(tx, `grant select, insert on audit_log to ${FLEET_ROLE}`)
  await run(tx, `grant select, insert, update on quota_meters to ${FLEET_ROLE}`)
  await run(tx, `grant usage on schema drizzle to ${FLEET_ROLE}`)
  await run(tx, `grant select on drizzle.__drizzle_migrations to ${FLEET_ROLE}`)
  await run(tx, `create schema if not exists ${JOB_SCHEMA}`)
  await run(tx, `grant usage on schema ${JOB_SCHEMA} to ${APP_ROLE}`)
  const rights = 'select, insert, update, delete'
  await run(tx, `grant ${rights} on all tables in schema ${JOB_SCHEMA} to ${APP_ROLE}`)
  await run(tx, `alter default privileges in schema ${JOB_SCHEMA} grant ${rights} on tables to ${APP_ROLE}`)
}

const columns = (right: string, names: readonly string[]): string =>
  names.includes('*') ? right : `${right} (${names.join(', ')})`

const MAKE = (role: string): string => `create role ${role} nologin nosuperuser nobypassrls nocreatedb nocreaterole`

/** Roles belong to the whole server: another database of it, or an administrator, may have made them. */
async function takeRoles(tx: Db): Promise<void> {
  for (const role of ROLES) {
    // Another database of the server may make it at this moment.
    const make = `do $$ begin ${MAKE(role)}; exception when duplicate_object or unique_violation then null; end $$`
    const [found] = await run(tx, 'select rolsuper or rolbypassrls as is_free from pg_roles where rolname = $1', [role])
    if (found === undefined) await orExplain(() => run(tx, make))
    else if (found['is_free'] === true) throw new Error(`the role ${role} must be neither superuser nor BYPASSRLS`)
    if (!(await mayTake(tx, role))) await orExplain(() => run(tx, `grant ${role} to current_user`))
  }
}

/** From PostgreSQL 16 on, being a member and being allowed to SET ROLE are two things. */
async function mayTake(tx: Db, role: string): Promise<boolean> {
  const right = `case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end`
  const [row] = await run(tx, `select pg_has_role(current_user, $1::name, ${right}) as may`, [role])
  return row?.['may'] === true
}

async function orExplain(work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (cause) {
    if (sqlState(cause) !== INSUFFICIENT_PRIVILEGE) throw cause
    const statements = [...ROLES.map(MAKE), `grant ${ROLES.join(', ')} to <the user in DATABASE_URL>`].join('; ')
    const what = 'the database user may not make or take the roles that the service works under'
    throw new Error(`${what}. An administrator of the server runs once: ${statements};`, { cause })
  }
}
