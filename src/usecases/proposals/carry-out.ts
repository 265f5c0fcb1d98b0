import type { Appointment } from '../../core/model/appointment.ts'
import type { Link } from '../../core/model/link.ts'
import type { Field, Projection } from '../../core/model/projection.ts'
import { appointmentResource } from '../../core/model/resource.ts'
import { differences, withRemoteFields } from '../../core/sync/content.ts'
import { overlay } from '../../core/sync/merge.ts'
import { project } from '../../core/sync/projection.ts'
import { takenFields } from '../../core/sync/revise-proposal.ts'
import type { Paired } from '../../ports/store/appointments.ts'
import type { Tx } from '../../ports/store/store.ts'
import { collisionEntry } from '../sync/collision-entry.ts'
import { findCollisions } from '../sync/find-collisions.ts'
import { queueOutbound } from '../sync/queue-outbound.ts'
import { markerKeyOf } from '../sync/record-verdicts.ts'
import type { Answering, ProposalDeps } from './settle-proposal.ts'

/** Google shows these values already: the appointment takes them, and nothing has to be written. */
export async function takeEdit(deps: Pick<ProposalDeps, 'names'>, tx: Tx, answering: Answering): Promise<void> {
  const { proposal, policies, now } = answering
  const { tenantId, connectionId, calendarId } = proposal
  const pair = await tx.appointment(tenantId, proposal.appointmentId)
  if (pair === null) return
  const fields = takenFields(proposal, policies.presentation)
  const remote: Projection = { ...project(pair.appointment, policies), ...proposal.values }
  const next = withRemoteFields(pair.appointment, fields, remote, now)
  const link = linkOf(pair, answering)
  const agreed = link === null ? null : agreedLink(link, project(next, policies), fields, next)
  const links = agreed === null ? pair.links : pair.links.map(each => (each === link ? agreed : each))
  const resource = appointmentResource(next, links, pair.outbox)
  const collisions = await findCollisions(
    tx,
    { tenantId, connectionId, calendarId, now },
    isTimeAmong(fields) ? [next] : [],
    [next],
  )
  await tx.apply(tenantId, {
    appointments: [{ ...next, markerKey: markerKeyOf(deps, next) }],
    links: agreed === null ? [] : [agreed],
    journal: [
      {
        at: now,
        appointmentId: next.id,
        connectionId,
        side: 'google',
        action: 'accepted',
        rule: 'google-edit-accepted',
        reason: 'What was changed in Google was taken over, as the platform decided.',
        ...differences(pair.appointment, next),
        change: { type: 'appointment.updated', data: resource },
      },
      ...collisions.map(each => collisionEntry(each, { connectionId, now }, resource)),
    ],
  })
}

const isTimeAmong = (fields: readonly Field[]): boolean =>
  fields.some(field => field === 'time' || field === 'recurrence' || field === 'busy')

function linkOf({ links }: Paired, { proposal }: Answering): Link | null {
  const ours = links.filter(link => link.role === 'ours')
  return ours.find(link => link.calendarId === proposal.calendarId) ?? ours[0] ?? null
}

/** Both sides agree on these fields from now on, so that nobody writes them. */
function agreedLink(link: Link, projected: Projection, fields: readonly Field[], next: Appointment): Link {
  if (link.base === null) return link
  const sent = overlay(link.base.sent, projected, field => fields.includes(field))
  return { ...link, base: { ...link.base, sent }, shownVersion: next.version }
}

/** Google's values count as what was sent, so that ours differ from them and are written. */
export async function revertEdit(tx: Tx, answering: Answering): Promise<void> {
  const { proposal, now } = answering
  const { tenantId } = proposal
  const pair = await tx.appointment(tenantId, proposal.appointmentId)
  const link = pair === null ? null : linkOf(pair, answering)
  if (pair === null || link === null || link.base === null) return
  const { sent, returned } = link.base
  const undone: Link = {
    ...link,
    base: { sent: overlay(sent, returned, field => field in proposal.values), returned },
  }
  const links = pair.links.map(each => (each === link ? undone : each))
  const { outbox, wakeUps } = await queueOutbound(
    tx,
    tenantId,
    now,
    [{ appointment: pair.appointment, links }],
    'people',
  )
  await tx.apply(tenantId, { links: [undone], outbox })
  await tx.wake(wakeUps)
}

/** Written to Google again, a series with all its exceptions. */
export async function restoreEvent(tx: Tx, { proposal, now }: Answering): Promise<void> {
  const { tenantId, appointmentId } = proposal
  const family = await tx.seriesWithExceptions(tenantId, [appointmentId])
  const pairs = family.filter(({ links }) => links.every(link => link.role !== 'ours'))
  const { outbox, wakeUps } = await queueOutbound(tx, tenantId, now, pairs, 'people')
  await tx.apply(tenantId, { outbox })
  await tx.wake(wakeUps)
}
