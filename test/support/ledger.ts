import { expect } from 'vitest'
import { formatDateTime, slotKey, type Slot, type Span } from '../../src/core/model/time.ts'
import { MINUTE, NOW } from './builders.ts'

export type Named<T> = readonly [name: string, value: T]

/** Every combination of the rows, by name. */
export function combine<A, B>(as: readonly Named<A>[], bs: readonly Named<B>[]): Named<[A, B]>[] {
  return as.flatMap(([a, one]) => bs.map(([b, two]) => [`${a}; ${b}`, [one, two]] as const))
}

/** What is decided in a case, in words. */
export type Line = readonly [sentence: string, decided: string]

/**
 * A ledger of decisions, each with the cases that it is taken in: what stands in the file was read and approved, and any other decision is
 * a failure that names its case.
 */
export async function expectLedger(name: string, lines: readonly Line[]): Promise<void> {
  expect(new Set(lines.map(([sentence]) => sentence)).size).toBe(lines.length)
  const groups = [...Map.groupBy(lines, ([, decided]) => decided)]
  const text = groups.map(
    ([decided, cases]) => `${decided}\n${cases.map(([sentence]) => `    ${sentence}\n`).join('')}`,
  )
  await expect(text.join('')).toMatchFileSnapshot(`./decided/${name}.txt`)
}

/** A value without quotes; times as a person writes them. */
export const short = (value: unknown): string =>
  JSON.stringify(value, shorten)
    .replaceAll(/\\u0001[\da-z.]+/g, 'hidden')
    .replaceAll(/[\\"]/g, '')

function shorten(_key: string, value: unknown): unknown {
  if (isSpan(value)) return sayTime(value)
  if (isSlot(value)) return slotKey(value)
  return typeof value === 'number' && value > 1_000_000_000_000 ? sayInstant(value) : value
}

const isSpan = (value: unknown): value is Span =>
  typeof value === 'object' && value !== null && ('startAt' in value || 'startDate' in value)
const isSlot = (value: unknown): value is Slot =>
  typeof value === 'object' && value !== null && 'kind' in value && (value.kind === 'timed' || value.kind === 'all-day')

function sayTime(span: Span): string {
  if (span.kind === 'all-day') return `${span.startDate} to ${span.endDate}`
  const minutes = (span.endAt - span.startAt) / MINUTE
  const zone = span.startZone === 'America/New_York' && span.endZone === span.startZone ? '' : ` ${span.startZone}`
  return `${formatDateTime(span.startAt, span.startZone).slice(0, 16)} ${minutes}m${zone}`
}

const sayInstant = (at: number): string => (at === NOW ? 'now' : new Date(at).toISOString().slice(0, 16))
