import { PgDatabase, PgDialect } from 'drizzle-orm/pg-core'
import { drizzle } from 'drizzle-orm/postgres-js'
import { PostgresJsSession } from 'drizzle-orm/postgres-js/session'
import postgres from 'postgres'
import { bindable, flatRows, within, type Database, type OnStatement, type SqlExecutor } from './database.ts'
import * as schema from './schema.ts'
import type { Db } from './statements.ts'
import { APP_ROLE, FLEET_ROLE } from './tenancy.ts'

const CONNECT_TIMEOUT_SECONDS = 10
/** A statement or an idle transaction beyond this is a defect: it ends, rather than hold a tenant's lock for ever. */
const STATEMENT_TIMEOUT_MS = 60_000
/** Connections of the job engine's own statements, opened only when it uses them. */
export const JOB_CONNECTIONS_MAX = 4
/** Connections for statements that span tenants: few, and short. */
export const FLEET_CONNECTIONS_MAX = 5
const STARTS_TRANSACTION = /^\s*BEGIN\b/i

/**
 * A PostgreSQL server (15 or later). Connects with the first statement.
 * @param options.max connections for the store; those of the fleet's statements, of the job engine and the one that listens come on top.
 */
export function openPostgres(url: string, options: { max: number; onStatement?: OnStatement }): Database {
  const owner = connect(url, 1)
  const client = connect(url, options.max, APP_ROLE)
  const fleet = connect(url, Math.min(options.max, FLEET_CONNECTIONS_MAX), FLEET_ROLE)
  const jobs = connect(url, JOB_CONNECTIONS_MAX)
  const { onStatement } = options
  const logger = onStatement === undefined ? false : { logQuery: (text: string) => onStatement(text) }
  return {
    kind: 'postgres',
    db: drizzle(owner, { schema, logger }),
    app: drizzle(client, { schema, logger }),
    fleet: drizzle(fleet, { schema, logger }),
    alone: aloneIn(client, logger === false ? {} : { logger }),
    executor: tx => (tx === undefined ? alone(jobs) : within(tx)),
    listen: async (channel, onMessage) => (await client.listen(channel, onMessage)).unlisten,
    close: async () => {
      await Promise.all([owner, client, fleet, jobs].map(each => each.end({ timeout: CONNECT_TIMEOUT_SECONDS })))
    },
  }
}

const ENTER = "select set_config('lockstep.tenant', $1, true)"

/**
 * BEGIN and the tenant's name are written together with the statement, so that they cost no round trip. A read does not wait for its
 * COMMIT either; the connection is free again after it.
 */
function aloneIn(client: postgres.Sql, options: { logger?: { logQuery(text: string): void } }): Database['alone'] {
  const dialect = new PgDialect()
  return async (tenantId, mode, work) => {
    const reserved = await client.reserve()
    // A connection that is lost leaves the pool by itself; nothing may be sent over it, nor may it be released.
    const end = async (how: 'commit' | 'rollback', failure?: unknown): Promise<void> => {
      if (isLost(failure)) return
      try {
        await reserved.unsafe(how)
        reserved.release()
      } catch (error) {
        if (!isLost(error)) reserved.release()
        throw error
      }
    }
    // Should one of these fail, so does the statement behind them.
    reserved.unsafe(`begin ${mode}`).catch(() => undefined)
    reserved.unsafe(ENTER, [tenantId], { prepare: true }).catch(() => undefined)
    const session = new PostgresJsSession(reserved, dialect, undefined, options)
    try {
      // The same class that `drizzle` makes for a client; only its relational queries need the schema.
      const answer = await work(new PgDatabase(dialect, session, undefined) as unknown as Db)
      const ended = end('commit')
      if (mode === 'read write') await ended
      else ended.catch(() => undefined)
      return answer
    } catch (error) {
      await end('rollback', error).catch(() => undefined)
      throw error
    }
  }
}

/** A connection that the server ends is told so; else the error is the client's (CONNECTION_CLOSED) or the system's (ECONNRESET). */
function isLost(error: unknown): boolean {
  if (error instanceof postgres.PostgresError) return error.severity === 'FATAL'
  return error instanceof Error && 'code' in error && /^(CONNECT|E(?!RR_))/.test(String(error.code))
}

/** `jit` off: it compiles for seconds where the planner overestimates a set that comes as JSON. */
function connect(url: string, max: number, role?: string): postgres.Sql {
  return postgres(url, {
    max,
    connect_timeout: CONNECT_TIMEOUT_SECONDS,
    onnotice: () => undefined,
    // JSON comes as text (`bindable`); postgres.js would write it as a JSON string.
    types: { json: { to: 114, from: [114, 3802], serialize: (json: string) => json, parse: JSON.parse } },
    connection: {
      application_name: 'lockstep',
      ...(role === undefined ? {} : { role }),
      TimeZone: 'UTC',
      jit: false,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
    },
  })
}

/** On a client of its own: drizzle replaces how its client reads dates and JSON. */
function alone(client: postgres.Sql): SqlExecutor {
  return {
    executeSql: async (text, values = []) => ({ rows: flatRows(await execute(client, text, values)) }),
    listen: async (channel, onMessage, onListening) => {
      const { unlisten } = await client.listen(channel, onMessage, onListening)
      return { close: unlisten }
    },
  }
}

/** Scripts that begin a transaction need a connection of their own: a pool hands the next statement to another. */
async function execute(client: postgres.Sql, text: string, values: unknown[]): Promise<readonly unknown[]> {
  // `bindable` leaves only what postgres.js takes as a parameter.
  if (values.length > 0) return client.unsafe(text, values.map(bindable) as postgres.ParameterOrJSON<never>[])
  if (!STARTS_TRANSACTION.test(text)) return client.unsafe(text)
  const reserved = await client.reserve()
  try {
    return await reserved.unsafe(text)
  } catch (error) {
    // The connection goes back to the pool: not with the failed transaction still open.
    await reserved.unsafe('ROLLBACK')
    throw error
  } finally {
    reserved.release()
  }
}
