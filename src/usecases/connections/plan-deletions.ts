import type { GuardAnswer } from '../../core/model/connection.ts'
import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import type { Link } from '../../core/model/link.ts'
import { effectivePolicies, type Policies } from '../../core/model/policies.ts'
import { isShown } from '../../core/sync/admission.ts'
import { project } from '../../core/sync/projection.ts'
import type { Paired } from '../../ports/store/appointments.ts'
import type { Deps } from '../deps.ts'
import { planOf, type Plan, type PlannedChange, type PlannedWrite } from './plan.ts'

/** So many of what is gone are looked at; more of it is told by the connection's counts. */
const LISTED_MAX = 5_000

/** What letting a held connection go on would lead to, as far as Google then still says that the events are gone. */
export async function planDeletions(
  { store }: Pick<Deps, 'store'>,
  {
    tenantId,
    connectionId,
    deletions,
  }: { tenantId: string; connectionId: string; deletions: GuardAnswer['deletions'] },
): Promise<Result<Plan, DomainError>> {
  const connection = await store.connection(tenantId, connectionId)
  if (connection === null) return fail({ kind: 'not-found' })
  const tenant = await store.tenant(tenantId)
  const own = effectivePolicies(tenant?.settings.policies ?? {}, connection.policies)
  const policies: Policies = deletions === 'restore' ? { ...own, googleDeletes: 'restore' } : own
  const missing = await store.missingLinks(tenantId, connectionId, LISTED_MAX)
  const ids = missing.flatMap(link => (link.appointmentId === null ? [] : [link.appointmentId]))
  const pairs = new Map((await store.appointmentsByIds(tenantId, ids)).map(pair => [pair.appointment.id, pair]))
  const google: PlannedWrite[] = []
  const local: PlannedChange[] = []
  for (const link of missing) {
    const pair = link.appointmentId === null ? undefined : pairs.get(link.appointmentId)
    if (pair === undefined || !isConcerned(pair, link, policies)) continue
    const appointmentId = pair.appointment.id
    if (link.role === 'theirs' || policies.googleDeletes === 'cancel') local.push({ action: 'cancel', appointmentId })
    else if (policies.googleDeletes === 'propose') local.push({ action: 'propose', appointmentId })
    else google.push(insertOf(pair, link, policies))
  }
  return succeed(planOf(google, local))
}

/** What is off anyway, or stands in another calendar too, does not change. */
function isConcerned({ appointment, links }: Paired, link: Link, policies: Policies): boolean {
  if (appointment.status === 'cancelled' || appointment.archivedAt !== null) return false
  if (links.some(each => each.missing === null && each.role !== 'parked')) return false
  return link.role === 'theirs' || isShown(appointment, policies)
}

function insertOf({ appointment }: Paired, { calendarId }: Link, policies: Policies): PlannedWrite {
  const summary = project(appointment, policies).title
  return { action: 'insert', appointmentId: appointment.id, eventId: null, calendarId, summary }
}
