import { DrizzleQueryError } from 'drizzle-orm'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import type * as schema from './schema.ts'
import { storableText } from './storable.ts'

/** Drizzle over either driver, or a transaction of it. */
export type Db = PgDatabase<PgQueryResultHKT, typeof schema>

export type Row = Record<string, unknown>

type Preparable<T> = { prepare(name: string): { execute(): Promise<T[]> } }

/**
 * One statement with `$1` placeholders, prepared by its text: one round trip, planned once. (Drizzle's `execute` is unprepared, for
 * which postgres.js needs two round trips.) Values are texts, numbers, booleans and nulls; sets come as JSON text.
 */
export async function run(db: Db, text: string, values: readonly unknown[] = []): Promise<Row[]> {
  const prepared = db._.session.prepareQuery({ sql: text, params: values.map(storable) }, undefined, 'store', false)
  const answer = await bare(prepared.execute())
  // postgres.js answers with the rows, PGlite with an object that holds them; the type of `execute` cannot tell which.
  return Array.isArray(answer) ? (answer as Row[]) : (answer as { rows: Row[] }).rows
}

/** A query made with drizzle's builder, prepared by its text like `run`. */
export async function all<T>(query: Preparable<T>): Promise<T[]> {
  return bare(query.prepare('store').execute())
}

export async function first<T>(query: Preparable<T>): Promise<T | null> {
  return (await all(query))[0] ?? null
}

const storable = (value: unknown): unknown => (typeof value === 'string' ? storableText(value) : value)

/** The SQLSTATE of an error, null where it has none. */
export function sqlState(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
}

/** Drizzle's own error repeats every parameter in its message, titles and tokens among them; the driver's does not. */
async function bare<T>(execution: Promise<T>): Promise<T> {
  try {
    return await execution
  } catch (error) {
    throw error instanceof DrizzleQueryError && error.cause ? error.cause : error
  }
}
