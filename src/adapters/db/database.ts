import { run, type Db, type Row } from './statements.ts'

/** Called with the text of each statement of the store (not with BEGIN and COMMIT, nor with the job engine's own). */
export type OnStatement = (text: string) => void

/** What the job engine asks of a database. Outside a transaction a text without values may hold several statements. */
export type SqlExecutor = {
  executeSql(text: string, values?: unknown[]): Promise<{ rows: Row[] }>
  /** `onListening` is called each time the subscription begins (again): messages before it may have been missed. */
  listen?(
    channel: string,
    onMessage: (payload: string) => void,
    onListening: () => void,
  ): Promise<{ close(): Promise<void> }>
}

export type Database = {
  kind: 'postgres' | 'embedded'
  /** As the user who logged in, owner of the tables: for migrations. Nothing of a tenant is read or written through it. */
  db: Db
  /**
   * For transactions of one tenant, which begin with `lockstep_lock` or `enterTenant`. On PostgreSQL it sees nothing until then; the embedded
   * database has one session and one user, and is bound by the policies from then on.
   */
  app: Db
  /** What spans tenants: on PostgreSQL a role that sees only what `FLEET` lists. */
  fleet: Db
  /**
   * One statement for one tenant, with only its rows in sight: on PostgreSQL a transaction whose beginning travels with the statement.
   * On the embedded database a bare statement, since there a transaction costs more than the statement.
   */
  alone<T>(tenantId: string, mode: 'read only' | 'read write', work: (db: Db) => Promise<T>): Promise<T>
  /** With a transaction: statements become part of it. Without: they run on their own, beside it. */
  executor(tx?: Db): SqlExecutor
  /** @returns what ends the subscription. A subscription may miss messages while the database is away: they are hints. */
  listen(channel: string, onMessage: (payload: string) => void): Promise<() => Promise<void>>
  close(): Promise<void>
}

/** Statements that become part of `tx`. */
export function within(tx: Db): SqlExecutor {
  return { executeSql: async (text, values = []) => ({ rows: await run(tx, text, values.map(bindable)) }) }
}

/**
 * A parameter as drizzle's drivers take it: they read texts for instants and JSON, while the job engine hands over
 * dates and objects. Arrays stay: the driver knows the statement's array type.
 */
export function bindable(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return JSON.stringify(value)
  return value
}

/** The rows of one answer, or of the several answers to a text of several statements. */
export function flatRows(answer: readonly unknown[]): Row[] {
  // Both drivers answer with an array of row objects, or one such array per statement.
  return (answer.some(Array.isArray) ? answer.flat() : [...answer]) as Row[]
}
