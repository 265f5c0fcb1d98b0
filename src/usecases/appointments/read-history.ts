import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import type { JournalRow } from '../../core/model/journal.ts'
import { resourceSpan } from '../../core/model/resource.ts'
import type { Span } from '../../core/model/time.ts'
import type { Deps } from '../deps.ts'

/** What happened to an appointment, in order; the latest `limit` entries. Archived ones keep theirs. */
export async function readHistory(
  { store }: Pick<Deps, 'store'>,
  input: { tenantId: string; id: string; limit: number },
): Promise<Result<JournalRow[], DomainError>> {
  const { tenantId, id, limit } = input
  if ((await store.appointment(tenantId, id)) === null) return fail({ kind: 'not-found' })
  return succeed((await store.history(tenantId, id, limit)).map(tellRow))
}

/** Times are told as the API writes them everywhere, whichever side the row came from. */
export function tellRow(row: JournalRow): JournalRow {
  return { ...row, before: asResource(row.before), after: asResource(row.after) }
}

function asResource(fields: JournalRow['before']): JournalRow['before'] {
  if (fields === null || !isSpan(fields['time'])) return fields
  const { time, ...rest } = fields
  return { ...resourceSpan(time), ...rest }
}

function isSpan(value: unknown): value is Span {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    (value.kind === 'timed' || value.kind === 'all-day')
  )
}
