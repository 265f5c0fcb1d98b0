import { randomUUID } from 'node:crypto'
import { requestJson } from './request-json.ts'
import type { Time } from './wall-clock.ts'

/** What the demo reads of an appointment; the whole of it is in `/openapi.json`. */
export type Appointment = {
  id: string
  userId: string
  kind: string
  status: string
  title: string | null
  location: string | null
  start: Time
  end: Time
  recurrence: string[] | null
  recurringId: string | null
  originalStart: Time | null
  busy: boolean
  origin: 'platform' | 'google'
  locked: boolean
  version: number
  google: {
    calendarId: string | null
    eventId: string | null
    htmlLink: string | null
    state: string
    error: { code: string; message: string } | null
  }
}

export type HistoryItem = {
  at: string
  side: 'platform' | 'google' | 'lockstep'
  action: string
  reason: string
  rule: string
  before?: Record<string, unknown>
  after?: Record<string, unknown>
}

export type Change = { cursor: string; id: string; type: string; at: string; data: Record<string, unknown> }
type Changes = { items: Change[]; cursor: string; hasMore: boolean }

export type Connection = {
  id: string
  userId: string
  status: string
  statusReason: string | null
  googleAccount: { email: string }
  calendars: { id: string; summary: string; isPrimary: boolean; isTarget: boolean; isSource: boolean }[]
}

type BatchAnswer = { items: { id: string | null; status: number; problem?: unknown }[] }

const PAGE = 500

/** The service's API as the clinic's own software calls it, with the clinic's key. */
export type Platform = ReturnType<typeof createPlatform>

export function createPlatform({ baseUrl, apiKey }: { baseUrl: string; apiKey: string }) {
  const ask = <T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> =>
    requestJson<T>(`${baseUrl}${path}`, {
      method,
      token: apiKey,
      headers: method === 'POST' ? { 'idempotency-key': randomUUID() } : {},
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    })
  const appointment = (id: string): string => `/v1/appointments/${encodeURIComponent(id)}`
  return {
    connectLink: (userId: string, body: { returnUrl?: string }) =>
      ask<{ url: string; googleUrl: string }>('POST', `/v1/users/${userId}/connect-links`, body),
    connections: (userId: string) => ask<{ items: Connection[] }>('GET', `/v1/users/${userId}/connections`),
    connection: (id: string) => ask<Connection>('GET', `/v1/connections/${id}`),
    patchConnection: (id: string, body: unknown) => ask<Connection>('PATCH', `/v1/connections/${id}`, body),
    calendars: (id: string) =>
      ask<{ items: { id: string; summary: string; isPrimary: boolean }[] }>('GET', `/v1/connections/${id}/calendars`),
    chooseCalendars: (id: string, body: unknown) =>
      ask<{ runId: string }>('PUT', `/v1/connections/${id}/calendars`, body),
    run: (id: string) =>
      ask<{ state: string; phase: string; done: number; total: number | null; error: string | null }>(
        'GET',
        `/v1/runs/${id}`,
      ),
    batch: (items: unknown[]) => ask<BatchAnswer>('POST', '/v1/appointments/batch', { items }),
    appointment: (id: string) => ask<Appointment>('GET', appointment(id)),
    put: (id: string, body: unknown) => ask<Appointment>('PUT', appointment(id), body),
    patch: (id: string, body: unknown) => ask<Appointment>('PATCH', appointment(id), body),
    cancel: (id: string) => ask<Appointment>('POST', `${appointment(id)}/cancel`, { reason: 'cancelled' }),
    history: async (id: string) => (await ask<{ items: HistoryItem[] }>('GET', `${appointment(id)}/history`)).items,
    changes: (after: string | null, wait: number, signal?: AbortSignal) =>
      ask<Changes>(
        'GET',
        `/v1/changes?limit=${PAGE}&wait=${wait}${after === null ? '' : `&after=${after}`}`,
        undefined,
        signal,
      ),
    /** Everything that takes place between two moments, series as their occurrences. */
    instances: async (userId: string, from: string, to: string): Promise<Appointment[]> => {
      const found: Appointment[] = []
      for (let cursor: string | undefined = ''; cursor !== undefined;) {
        const query = new URLSearchParams({ userId, from, to, expand: 'instances', limit: String(PAGE) })
        if (cursor !== '') query.set('cursor', cursor)
        const page: { items: Appointment[]; cursor?: string } = await ask('GET', `/v1/appointments?${query}`)
        found.push(...page.items)
        cursor = page.cursor
      }
      return found
    },
  }
}
