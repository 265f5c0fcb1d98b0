import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { bindable, flatRows, within, type Database, type OnStatement, type SqlExecutor } from './database.ts'
import * as schema from './schema.ts'

const CONNECT_TIMEOUT_SECONDS = 10
/** A statement or an idle transaction beyond this is a defect: it ends, rather than hold a tenant's lock for ever. */
const STATEMENT_TIMEOUT_MS = 60_000
/** Connections of the job engine's own statements, opened only when it uses them. */
const JOB_CONNECTIONS_MAX = 4
const STARTS_TRANSACTION = /^\s*BEGIN\b/i

/**
 * A PostgreSQL server (15 or later). Connects with the first statement.
 * @param options.max connections for the store; the job engine's and the one that listens come on top.
 */
export function openPostgres(url: string, options: { max: number; onStatement?: OnStatement }): Database {
  const client = connect(url, options.max)
  const jobs = connect(url, JOB_CONNECTIONS_MAX)
  const { onStatement } = options
  const logger = onStatement === undefined ? false : { logQuery: (text: string) => onStatement(text) }
  const db = drizzle(client, { schema, logger })
  return {
    kind: 'postgres',
    db,
    executor: tx => (tx === undefined ? alone(jobs) : within(tx)),
    listen: async (channel, onMessage) => (await client.listen(channel, onMessage)).unlisten,
    close: async () => {
      await Promise.all([
        client.end({ timeout: CONNECT_TIMEOUT_SECONDS }),
        jobs.end({ timeout: CONNECT_TIMEOUT_SECONDS }),
      ])
    },
  }
}

/** `jit` off: it compiles for seconds where the planner overestimates a set that comes as JSON. */
function connect(url: string, max: number): postgres.Sql {
  return postgres(url, {
    max,
    connect_timeout: CONNECT_TIMEOUT_SECONDS,
    onnotice: () => undefined,
    // JSON comes as text (`bindable`); postgres.js would write it as a JSON string.
    types: { json: { to: 114, from: [114, 3802], serialize: (json: string) => json, parse: JSON.parse } },
    connection: {
      application_name: 'lockstep',
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
