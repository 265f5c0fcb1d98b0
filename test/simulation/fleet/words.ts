import { DAY, MINUTE } from '../../support/builders.ts'
import { RULES } from '../series-steps.ts'

export const NAMES = 'alder birch cedar dogwood elm fir ginkgo hazel ivy juniper'.split(' ')
export const word = (number: number): string => `${NAMES[number % NAMES.length] ?? ''} ${number}`

/** Slots are half hours from the first of December on. */
export const startOf = (slot: number): number => Date.parse('2026-12-01T14:00:00Z') + slot * 30 * MINUTE

export function timesOf(slot: number): { start: object; end: object } {
  const startAt = startOf(slot)
  const when = (at: number): object => ({ dateTime: new Date(at).toISOString(), timeZone: 'America/New_York' })
  return { start: when(startAt), end: when(startAt + 25 * MINUTE) }
}

/** Whole days, a night or two long. */
export function daysOf(slot: number): { start: object; end: object } {
  const day = (days: number): string =>
    new Date(Date.parse('2026-12-01T00:00:00Z') + days * DAY).toISOString().slice(0, 10)
  const first = Math.floor(slot / 8)
  return { start: { date: day(first) }, end: { date: day(first + 1 + (slot % 2)) } }
}

/** A rule for days ends on a day. */
export const ruleOf = (step: { rule?: number; isDay?: boolean }, otherwise: string): readonly string[] =>
  (step.rule === undefined ? [otherwise] : (RULES[step.rule] ?? [])).map(line =>
    step.isDay === true ? line.replace(/UNTIL=(\d{8})T\d{6}Z/, 'UNTIL=$1') : line,
  )
