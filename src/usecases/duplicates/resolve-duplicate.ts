import type { LiveEvent } from '../../core/model/calendar-event.ts'
import { duplicateResource, type DuplicateResource } from '../../core/model/duplicate-resource.ts'
import type { Duplicate } from '../../core/model/duplicate.ts'
import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import { effectivePolicies } from '../../core/model/policies.ts'
import type { Tx } from '../../ports/store/store.ts'
import { remoteProblem } from '../connections/remote-problem.ts'
import type { Deps } from '../deps.ts'
import { linkTwin } from '../sync/link-twin.ts'
import { queueOutbound } from '../sync/queue-outbound.ts'

type ResolveDeps = Pick<Deps, 'store' | 'system' | 'google'>
export type DuplicateAction = 'link' | 'keep_both' | 'remove_google'

/** Does with a duplicate what the platform says. The only place where an event is deleted in Google as a duplicate. */
export async function resolveDuplicate(
  deps: ResolveDeps,
  { tenantId, id, action }: { tenantId: string; id: string; action: DuplicateAction },
): Promise<Result<DuplicateResource, DomainError>> {
  const duplicate = await deps.store.duplicate(tenantId, id)
  if (duplicate === null) return fail({ kind: 'not-found' })
  if (duplicate.state !== 'open') return fail(resolvedBefore(duplicate))
  switch (action) {
    case 'keep_both':
      return settle(deps, duplicate, 'kept')
    case 'remove_google':
      return removeFromGoogle(deps, duplicate)
    case 'link':
      return link(deps, duplicate)
  }
}

function resolvedBefore({ state }: Duplicate): DomainError {
  return { kind: 'conflict', slug: 'duplicate-resolved', detail: `This duplicate is ${state} already.` }
}

const GONE: DomainError = {
  kind: 'conflict',
  slug: 'duplicate-gone',
  detail: 'One of the two is not there any more; nothing is left to resolve.',
}

const WORDS = {
  linked: 'The event in Google became its own, as the platform decided.',
  kept: 'The platform decided that both stay.',
  removed: 'The event in Google that said the same was deleted, as the platform decided.',
  gone: 'One of the two was not there any more.',
}

function settle(
  { store, system }: ResolveDeps,
  duplicate: Duplicate,
  state: keyof typeof WORDS,
): Promise<Result<DuplicateResource, DomainError>> {
  const { tenantId } = duplicate
  return store.transaction(tenantId, async tx => {
    const current = await tx.duplicate(tenantId, duplicate.id)
    if (current === null || current.state !== 'open') return fail(resolvedBefore(current ?? duplicate))
    const now = system.now()
    const settled: Duplicate = { ...current, state, settledAt: now }
    const { appointmentId, connectionId } = settled
    await tx.apply(tenantId, {
      duplicates: [settled],
      journal: [
        {
          at: now,
          appointmentId,
          connectionId,
          side: 'platform',
          action: state,
          rule: 'duplicate-resolved',
          reason: WORDS[state],
          before: null,
          after: { duplicateId: settled.id, eventId: settled.eventId },
          change: null,
        },
      ],
    })
    return succeed(duplicateResource(settled))
  })
}

/** What stands for it here follows by the next listing, as for any deletion in Google. */
async function removeFromGoogle(
  deps: ResolveDeps,
  duplicate: Duplicate,
): Promise<Result<DuplicateResource, DomainError>> {
  const { tenantId, connectionId, calendarId, eventId } = duplicate
  const deleted = await deps.google.deleteEvent({ tenantId, connectionId }, { calendarId, eventId }, null)
  const isGone = deleted.ok || deleted.error.kind === 'not-found' || deleted.error.kind === 'already-gone'
  return isGone ? settle(deps, duplicate, 'removed') : fail(remoteProblem(deleted.error))
}

/** First the twin becomes the appointment's event, then our own is deleted: whenever it stops, none is missing and a repeat goes on. */
async function link(deps: ResolveDeps, duplicate: Duplicate): Promise<Result<DuplicateResource, DomainError>> {
  const { tenantId, connectionId, calendarId, eventId } = duplicate
  const found = await deps.google.getEvent({ tenantId, connectionId }, { calendarId, eventId })
  if (!found.ok && found.error.kind !== 'not-found' && found.error.kind !== 'already-gone')
    return fail(remoteProblem(found.error))
  if (!found.ok || found.value.kind !== 'live') {
    await settle(deps, duplicate, 'gone')
    return fail(GONE)
  }
  const event = found.value
  const replaced = await deps.store.transaction(tenantId, tx => exchange(deps, tx, duplicate, event))
  if (!replaced.ok) return replaced
  const ownEventId = replaced.value
  if (ownEventId !== null) {
    const deleted = await deps.google.deleteEvent({ tenantId, connectionId }, { calendarId, eventId: ownEventId }, null)
    if (!deleted.ok && deleted.error.kind !== 'not-found' && deleted.error.kind !== 'already-gone')
      return fail(remoteProblem(deleted.error))
  }
  return settle(deps, duplicate, 'linked')
}

/** @returns the event of ours that gives way; null: there is none. */
async function exchange(
  { system }: ResolveDeps,
  tx: Tx,
  { tenantId, id }: Duplicate,
  event: LiveEvent,
): Promise<Result<string | null, DomainError>> {
  const duplicate = await tx.duplicate(tenantId, id)
  const pair = duplicate === null ? null : await tx.appointment(tenantId, duplicate.appointmentId)
  if (duplicate === null || pair === null) return fail({ kind: 'not-found' })
  if (duplicate.state !== 'open') return fail(resolvedBefore(duplicate))
  const { connectionId, calendarId } = duplicate
  const own = pair.links.find(each => each.role === 'ours' && each.calendarId === calendarId) ?? null
  if (own?.eventId === event.eventId) return succeed(duplicate.ownEventId)
  const calendar = await tx.calendar(tenantId, connectionId, calendarId)
  const connection = await tx.connection(tenantId, connectionId)
  const tenant = await tx.tenant(tenantId)
  if (calendar === null || connection === null || pair.appointment.archivedAt !== null) return fail(GONE)
  if (pair.outbox !== null) return fail(STILL_WRITTEN)
  const twin = duplicate.twinId === null ? null : await tx.appointment(tenantId, duplicate.twinId)
  const now = system.now()
  const policies = effectivePolicies(tenant?.settings.policies ?? {}, connection.policies)
  const changes = linkTwin({ calendar, policies, now }, pair.appointment, event, twin)
  const { outbox, wakeUps } = await queueOutbound(
    tx,
    tenantId,
    now,
    [{ appointment: pair.appointment, links: changes.links.filter(each => each.role === 'ours') }],
    'people',
  )
  const error = { code: 'gave-way', message: 'Another event became the appointment’s own; this one is being deleted.' }
  const parked = own === null ? [] : [{ ...own, role: 'parked' as const, appointmentId: null, base: null, error }]
  await tx.apply(tenantId, {
    ...changes,
    links: [...changes.links, ...parked],
    outbox,
    duplicates: [{ ...duplicate, ownEventId: own?.eventId ?? null }],
  })
  await tx.wake(wakeUps)
  return succeed(own?.eventId ?? null)
}

const STILL_WRITTEN: DomainError = {
  kind: 'conflict',
  slug: 'still-being-written',
  detail: 'The appointment is being written to Google right now; try again in a moment.',
}
