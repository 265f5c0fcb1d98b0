import { getTableColumns, getTableName, type InferInsertModel, type InferSelectModel } from 'drizzle-orm'
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core'
import { instantFromText, instantToText } from './instant.ts'
import type { Row } from './statements.ts'

type Column = { key: string; name: string; isInstant: boolean; isKey: boolean }

/**
 * Carries rows of one table to PostgreSQL and back as JSON: a set of any size is one parameter of one statement, and both
 * drivers read the same thing.
 */
export type Codec<T extends PgTable> = {
  table: string
  /** The columns' names, the key's first and in its order. */
  columns: readonly string[]
  /** A row as JSON with the columns' names, for `json_populate_recordset`. */
  encode(row: InferInsertModel<T>): Row
  /** A row as `to_jsonb` gave it. */
  decode(row: Row): InferSelectModel<T>
  /** One row per key, the last one, in the order of the keys: batches that lock their rows in one order do not deadlock. */
  sorted(rows: readonly InferInsertModel<T>[]): Row[]
  /**
   * `INSERT … ON CONFLICT DO UPDATE` of the rows in the JSON parameter `parameter` (`$1`…), without its RETURNING.
   * @param set expressions over the stored row and `excluded`, the new one, by column name.
   */
  upsert(parameter: string, set?: Readonly<Record<string, string>>): string
  /** `UPDATE` of the row with the key of the one in the JSON parameter; AND conditions and RETURNING may follow. */
  update(parameter: string, set?: Readonly<Record<string, string>>): string
}

/** @param kept columns that are the database's own: never written from a row. */
export function codecOf<T extends PgTable>(table: T, kept: readonly string[] = []): Codec<T> {
  const name = getTableName(table)
  const columns = columnsOf(table).filter(column => !kept.includes(column.name))
  return {
    table: name,
    columns: columns.map(column => column.name),
    encode: row => encodeRow(columns, row),
    // The columns and their types are the table's own: `columns` was read from it.
    decode: row => decodeRow(columns, row) as InferSelectModel<T>,
    sorted: rows => sortedRows(columns, rows),
    upsert: (parameter, set = {}) => upsertText(name, columns, parameter, set),
    update: (parameter, set = {}) => updateText(name, columns, parameter, set),
  }
}

function columnsOf(table: PgTable): Column[] {
  const composite = getTableConfig(table).primaryKeys.flatMap(key => key.columns.map(column => column.name))
  return Object.entries(getTableColumns(table)).map(([key, column]) => ({
    key,
    name: column.name,
    isInstant: column.getSQLType() === 'timestamp with time zone',
    isKey: column.primary || composite.includes(column.name),
  }))
}

function encodeRow(columns: readonly Column[], row: Readonly<Record<string, unknown>>): Row {
  const encoded: Row = {}
  for (const { key, name, isInstant } of columns) {
    const value = row[key]
    // A name left out is a null: rows are mostly nulls, and PostgreSQL reads every name it is given.
    if (value === null || value === undefined) continue
    encoded[name] = isInstant && typeof value === 'number' ? instantToText(value) : value
  }
  return encoded
}

function sortedRows(columns: readonly Column[], rows: readonly Readonly<Record<string, unknown>>[]): Row[] {
  const keys = columns.filter(({ isKey }) => isKey).map(({ key }) => key)
  const byKey = new Map(rows.map(row => [keys.map(key => row[key]).join('\0'), row]))
  const ordered = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1))
  return ordered.map(([, row]) => encodeRow(columns, row))
}

function decodeRow(columns: readonly Column[], row: Row): Row {
  const decoded: Row = {}
  for (const { key, name, isInstant } of columns) {
    const value = row[name]
    decoded[key] = isInstant && typeof value === 'string' ? instantFromText(value) : value
  }
  return decoded
}

function upsertText(
  table: string,
  columns: readonly Column[],
  parameter: string,
  set: Readonly<Record<string, string>>,
): string {
  const names = columns.map(({ name }) => `"${name}"`).join(', ')
  const keys = columns.filter(({ isKey }) => isKey).map(({ name }) => `"${name}"`)
  const updates = assignments(columns, set)
  return (
    `insert into "${table}" (${names}) select ${names} from json_populate_recordset(null::"${table}", ${parameter}::json)` +
    ` on conflict (${keys.join(', ')}) do update set ${updates}`
  )
}

function updateText(
  table: string,
  columns: readonly Column[],
  parameter: string,
  set: Readonly<Record<string, string>>,
): string {
  const keys = columns.filter(({ isKey }) => isKey).map(({ name }) => `"${table}"."${name}" = excluded."${name}"`)
  return (
    `update "${table}" set ${assignments(columns, set)}` +
    ` from json_populate_record(null::"${table}", ${parameter}::json) as excluded where ${keys.join(' and ')}`
  )
}

function assignments(columns: readonly Column[], set: Readonly<Record<string, string>>): string {
  const values = columns.filter(({ isKey }) => !isKey)
  return values.map(({ name }) => `"${name}" = ${set[name] ?? `excluded."${name}"`}`).join(', ')
}
