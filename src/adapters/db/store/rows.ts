import type { InferInsertModel, InferSelectModel } from 'drizzle-orm'
import type { Appointment } from '../../../core/model/appointment.ts'
import type { Calendar } from '../../../core/model/connection.ts'
import type { JournalEntry, JournalRow } from '../../../core/model/journal.ts'
import type { Link } from '../../../core/model/link.ts'
import { LAST_INSTANT } from '../../../core/model/time.ts'
import { seriesBounds } from '../../../core/recurrence/expand.ts'
import { codecOf } from '../codec.ts'
import * as schema from '../schema.ts'

/** How the model lies in the tables: nested values flattened where a query needs them, ranges derived. */
export const codecs = {
  tenants: codecOf(schema.tenants, ['journal_seq']),
  apiKeys: codecOf(schema.apiKeys),
  connections: codecOf(schema.connections),
  calendars: codecOf(schema.calendars),
  channels: codecOf(schema.channels),
  credentials: codecOf(schema.credentials),
  connectLinks: codecOf(schema.connectLinks),
  oauthFlows: codecOf(schema.oauthFlows),
  appointments: codecOf(schema.appointments),
  links: codecOf(schema.links),
  outbox: codecOf(schema.outbox),
  proposals: codecOf(schema.proposals),
  duplicates: codecOf(schema.duplicates),
  journal: codecOf(schema.journal),
  runs: codecOf(schema.runs),
  rememberedReplies: codecOf(schema.rememberedReplies),
  webhookEndpoints: codecOf(schema.webhookEndpoints),
  webhookDeliveries: codecOf(schema.webhookDeliveries),
  feeds: codecOf(schema.feeds),
  samples: codecOf(schema.samples),
}

export function appointmentRow(
  appointment: Appointment & { markerKey: string | null },
): InferInsertModel<typeof schema.appointments> {
  const { startAt, endAt } = seriesBounds(appointment.time, appointment.recurrence)
  return { ...appointment, rangeStart: startAt, rangeEnd: endAt ?? LAST_INSTANT }
}

export function appointmentOf(row: InferSelectModel<typeof schema.appointments>): Appointment {
  return without(row, 'markerKey', 'rangeStart', 'rangeEnd')
}

export function linkRow({ missing, ...link }: Link): InferInsertModel<typeof schema.links> {
  return { ...link, missingHow: missing?.how ?? null, missingSince: missing?.since ?? null }
}

export function linkOf(row: InferSelectModel<typeof schema.links>): Link {
  const { missingHow: how, missingSince: since, raw, ...link } = row
  return { ...link, raw: raw ?? null, missing: how === null || since === null ? null : { how, since } }
}

/** @param seq its place in the batch, from 1; the statement adds what the tenant counted before. */
export function journalRow(
  tenantId: string,
  { change, ...entry }: JournalEntry,
  seq: number,
): InferInsertModel<typeof schema.journal> {
  return { ...entry, tenantId, seq, changeType: change?.type ?? null, changeData: change?.data ?? null }
}

export function journalOf(row: InferSelectModel<typeof schema.journal>): JournalRow {
  const { changeType: type, changeData, ...entry } = without(row, 'tenantId')
  return { ...entry, change: type === null ? null : { type, data: changeData ?? {} } }
}

export function calendarRow({ cursor, ...calendar }: Calendar): InferInsertModel<typeof schema.calendars> {
  return { ...calendar, ...cursor }
}

export function calendarOf(row: InferSelectModel<typeof schema.calendars>): Calendar {
  const { syncToken, pageToken, generation, parameters, listedFrom, ...calendar } = row
  return { ...calendar, cursor: { syncToken, pageToken, generation, parameters, listedFrom } }
}

function without<T extends object, K extends keyof T>(row: T, ...keys: readonly K[]): Omit<T, K> {
  const rest = { ...row }
  for (const key of keys) Reflect.deleteProperty(rest, key)
  return rest
}
