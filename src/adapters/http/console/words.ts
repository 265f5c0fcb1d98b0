import type { Instant } from '../../../core/model/time.ts'
import { html, type Html } from '../connect/html.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** How long ago, or until: `4 min`, `3 h`, `2 days`. */
export function span(ms: number): string {
  const size = Math.abs(ms)
  if (size < MINUTE_MS) return `${Math.round(size / 1_000)} s`
  if (size < 2 * HOUR_MS) return `${Math.round(size / MINUTE_MS)} min`
  if (size < 2 * DAY_MS) return `${Math.round(size / HOUR_MS)} h`
  return `${Math.round(size / DAY_MS)} days`
}

/** With the exact time for those who want it. */
export function ago(at: Instant | null, now: Instant): Html {
  if (at === null) return html`<span class="muted">never</span>`
  const text = at > now ? `in ${span(at - now)}` : `${span(now - at)} ago`
  return html`<time datetime="${new Date(at).toISOString()}" title="${moment(at)}">${text}</time>`
}

/** `2026-12-01 14:00:05 UTC` */
export function moment(at: Instant): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** Who sees no content sees whose account it is only as far as support needs: `d…@example.com`. */
export function shortAddress(address: string): string {
  const at = address.lastIndexOf('@')
  return at < 1 ? '…' : `${address.slice(0, 1)}…${address.slice(at)}`
}

const STATUS_WORDS: Readonly<Record<string, string>> = {
  pending: 'calendars not chosen',
  needs_reauth: 'access revoked',
  paused: 'paused',
  held: 'held',
  disconnected: 'disconnected',
}

export function statusWord({ status, troubles }: { status: string; troubles: readonly string[] }): string {
  if (status === 'needs_reauth' && troubles.includes('permission')) return 'permission missing'
  if (status === 'active') return troubles.length === 0 ? 'in step' : 'needs a look'
  return STATUS_WORDS[status] ?? status
}

const KIND_WORDS: Readonly<Record<string, string>> = {
  appointment: 'Appointment',
  meeting: 'Meeting',
  task: 'Task',
  event: 'Event',
  block: 'Blocked time',
}

export const kindWord = (kind: string): string => KIND_WORDS[kind] ?? kind

export const plural = (n: number, one: string, more = `${one}s`): string => `${number(n)} ${n === 1 ? one : more}`

export const number = (n: number): string => n.toLocaleString('en-GB')
