import { getTableColumns, getTableName, type InferInsertModel, type InferSelectModel } from 'drizzle-orm'
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core'
import { instantFromText, instantToText } from './instant.ts'
import type { Row } from './statements.ts'

/**
 * Rows without what all of them say alike, which is sent and read once: PostgreSQL spends longer on reading a page of rows as JSON than on
 * storing them.
 */
export type Packed = { same: Row; rows: Row[] }

type Column = { key: string; name: string; isInstant: boolean; isKey: boolean }

/**
 * Carries rows of one table to PostgreSQL and back as JSON: a set of any size is one parameter of one statement, and both
 * drivers read the same thing.
 */
export type Codec<T extends PgTable> = {
  table: string
  /** The columns' names, the key's first and in its order. */
  columns: readonly string[]
  /** A row as JSON with the columns' names, for `json_populate_record`. */
  encode(row: InferInsertModel<T>): Row
  /** Rows as JSON, in their order. */
  pack(rows: readonly InferInsertModel<T>[]): Packed
  /** A row as `to_jsonb` gave it. */
  decode(row: Row): InferSelectModel<T>
  /** One row per key, the last one, in the order of the keys: batches that lock their rows in one order do not deadlock. */
  sorted(rows: readonly InferInsertModel<T>[]): Packed
  /** What `FROM` reads packed rows with, given the parameters (`$1`…) of its two parts. */
  unpacked(same: string, rows: string): string
  /**
   * `INSERT … ON CONFLICT DO UPDATE` of packed rows, without its RETURNING.
   * @param set expressions over the stored row and `excluded`, the new one, by column name.
   */
  upsert(same: string, rows: string, set?: Readonly<Record<string, string>>): string
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
    pack: rows => pack(columns, rows),
    sorted: rows => pack(columns, sortedRows(columns, rows)),
    unpacked: (same, rows) => unpackedText(name, same, rows),
    upsert: (same, rows, set = {}) => upsertText(name, columns, unpackedText(name, same, rows), set),
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

type Source = Readonly<Record<string, unknown>>

function encodeRow(columns: readonly Column[], row: Source): Row {
  const encoded: Row = {}
  for (const { key, name, isInstant } of columns) {
    const value = row[key]
    // A name left out is a null: rows are mostly nulls, and PostgreSQL reads every name it is given.
    if (value === null || value === undefined) continue
    encoded[name] = isInstant && typeof value === 'number' ? instantToText(value) : value
  }
  return encoded
}

function pack(columns: readonly Column[], rows: readonly Source[]): Packed {
  const [first] = rows
  if (first === undefined) return { same: {}, rows: [] }
  const alike = columns.filter(({ key }) => rows.every(row => isSame(row[key], first[key])))
  const differing = columns.filter(column => !alike.includes(column))
  return { same: encodeRow(alike, first), rows: rows.map(row => encodeRow(differing, row)) }
}

/** Objects are looked into only as far as to see that both are empty. */
function isSame(a: unknown, b: unknown): boolean {
  if (typeof a === 'string') return a === b
  return a === b || (a ?? null) === (b ?? null) || (isEmpty(a) && isEmpty(b) && Array.isArray(a) === Array.isArray(b))
}

function isEmpty(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  for (const _name in value) return false
  return !(value instanceof Date)
}

function sortedRows(columns: readonly Column[], rows: readonly Source[]): Source[] {
  const keys = columns.filter(({ isKey }) => isKey).map(({ key }) => key)
  const byKey = new Map(rows.map(row => [keys.map(key => row[key]).join('\0'), row]))
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)
}

function decodeRow(columns: readonly Column[], row: Row): Row {
  const decoded: Row = {}
  for (const { key, name, isInstant } of columns) {
    const value = row[name]
    decoded[key] = isInstant && typeof value === 'string' ? instantFromText(value) : value
  }
  return decoded
}

const unpackedText = (table: string, same: string, rows: string): string =>
  `json_populate_recordset(json_populate_record(null::"${table}", ${same}::json), ${rows}::json)`

function upsertText(
  table: string,
  columns: readonly Column[],
  rows: string,
  set: Readonly<Record<string, string>>,
): string {
  const names = columns.map(({ name }) => `"${name}"`).join(', ')
  const keys = columns.filter(({ isKey }) => isKey).map(({ name }) => `"${name}"`)
  const updates = assignments(columns, set)
  return (
    `insert into "${table}" (${names}) select ${names} from ${rows}` +
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
