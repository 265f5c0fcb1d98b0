import type { Appointment } from '../model/appointment.ts'
import type { LiveEvent, Tombstone } from '../model/calendar-event.ts'
import type { AccessRole } from '../model/connection.ts'
import type { Base, Link, Missing } from '../model/link.ts'
import { FIELDS, type Field, type Projection } from '../model/projection.ts'
import { isShown } from './admission.ts'
import { differences, withRemoteFields } from './content.ts'
import { oursLink } from './links.ts'
import { baseAfterMerge, merge, type Merge } from './merge.ts'
import { placeOf, type PullContext } from './pull-context.ts'
import { FOLLOWS_REASON, isUnder, underMaster } from './series-parts.ts'
import { project } from './projection.ts'
import { reconcile, type Change } from './reconcile.ts'
import { sameField } from './fingerprint.ts'
import { tellable } from './veil.ts'
import { verdict, type Verdict } from './verdict.ts'

/** An event that shows an appointment of the platform came back changed, or at least with another etag. */
export function decideOurs(event: LiveEvent, link: Link, context: PullContext): Verdict {
  const appointment = link.appointmentId === null ? undefined : context.known.appointments.get(link.appointmentId)
  if (appointment === undefined) return verdict(event.eventId, 'unpaired', { forget: link, isQuiet: true })
  const master = masterOf(event, context.known)
  if (master === undefined || event.originalStart === null || isUnder(appointment, master, event.originalStart))
    return decidePair(event, link, appointment, context)
  if (master.archivedAt !== null) return returnToSeries(event, link)
  return followSeries(event, link, underMaster(appointment, master, event.originalStart), context)
}

/** The appointment of the series that Google says the occurrence belongs to; undefined: none of ours. */
function masterOf({ recurringEventId }: LiveEvent, known: PullContext['known']): Appointment | undefined {
  const link = recurringEventId === null ? undefined : known.links.get(recurringEventId)
  return link?.role !== 'ours' || link.appointmentId === null ? undefined : known.appointments.get(link.appointmentId)
}

/** The series was split in Google: its later exceptions belong to the tail. */
function followSeries(event: LiveEvent, link: Link, appointment: Appointment, context: PullContext): Verdict {
  const decided = decidePair(event, link, appointment, context)
  const follows = { ...appointment, version: appointment.version + 1, updatedAt: context.now }
  return {
    ...decided,
    rule: decided.isQuiet ? 'exception-follows-its-series' : decided.rule,
    action: decided.isQuiet ? 'updated' : decided.action,
    reason: decided.isQuiet ? FOLLOWS_REASON : decided.reason,
    appointment: decided.appointment ?? follows,
    change: decided.change ?? 'appointment.updated',
  }
}

/** The tail that Google made is taken away again: the exception is written anew to the series that keeps it. */
function returnToSeries(event: LiveEvent, link: Link): Verdict {
  return verdict(event.eventId, 'google-split-reverted', {
    forget: link,
    isQueued: true,
    isQuiet: true,
  })
}

/** The three-way decision over one pair whose event is alive. */
export function decidePair(shown: LiveEvent, link: Link, appointment: Appointment, context: PullContext): Verdict {
  const event = unmasked(shown, link, context.calendar.accessRole)
  const local = project(appointment, context.policies)
  const base = link.base ?? { sent: event.content, returned: event.content }
  const action = reconcile({
    base: true,
    local: isShown(appointment, context.policies) ? changeOf(base.sent, local) : 'gone',
    remote: changeOf(base.returned, event.content),
  })
  const seen = refreshed(event, link, appointment, base, context)
  switch (action) {
    case 'delete-remote':
      return verdict(event.eventId, 'cancel-means-delete', { link: seen, isQueued: true, isQuiet: true })
    case 'settle-by-owner':
      return verdict(event.eventId, 'edit-against-cancel', {
        action: 'overruled',
        reason: 'It was edited in Google after it had been cancelled here; the cancellation stands.',
        link: seen,
        isQueued: true,
        before: { google: tellable(event.content, context.policies.presentation) },
      })
    case 'nothing':
      return verdict(event.eventId, 'nothing-we-own-changed', { link: seen, isQuiet: true })
    case 'push':
      return verdict(event.eventId, 'still-to-be-sent', { link: seen, isQueued: true, isQuiet: true })
    default:
      return settleEdit(event, { link, appointment, local, base }, context)
  }
}

/** To a reader Google shows a private event without its words. That is no edit: the words are taken to be those that were agreed on. */
function unmasked(event: LiveEvent, { base }: Link, role: AccessRole): LiveEvent {
  if (!event.isPrivate || base === null || role === 'owner' || role === 'writer') return event
  const { title, description, location, colour } = base.returned
  return { ...event, content: { ...event.content, title, description, location, colour } }
}

function changeOf(was: Projection, now: Projection): Change {
  return FIELDS.every(field => sameField(field, was, now)) ? 'same' : 'edited'
}

type OurPair = { link: Link; appointment: Appointment; local: Projection; base: Base }

/** Google changed fields of ours: some are taken, some written over, some wait, some are left. */
function settleEdit(event: LiveEvent, pair: OurPair, context: PullContext): Verdict {
  const { policies, now } = context
  const outcome = merge({
    base: pair.base,
    local: pair.local,
    remote: event.content,
    policies,
    localChangedAt: pair.appointment.updatedAt,
    remoteChangedAt: event.updatedAt,
  })
  const changed = withRemoteFields(pair.appointment, outcome.accepted, event.content, now)
  const told = differences(pair.appointment, changed)
  const isChanged = Object.keys(told.after).length > 0
  const after = isChanged ? changed : pair.appointment
  const base = baseAfterMerge(outcome, project(after, policies), event.content)
  const link = refreshed(event, pair.link, after, base, context)
  return verdict(event.eventId, ...ruleOf(outcome, isChanged), {
    ...(isChanged ? { appointment: after, change: 'appointment.updated' as const } : {}),
    link:
      outcome.pushed.length === 0 && isChanged && hasOurMark(pair) ? { ...link, shownVersion: after.version } : link,
    isQueued: outcome.pushed.length > 0,
    proposal: outcome.proposed.length > 0 ? { kind: 'edit', values: pick(event.content, outcome.proposed) } : null,
    ...tell(outcome, told, pair, event),
  })
}

/** The tail of a series split in Google still has to be given its own mark; an occurrence needs none. */
const hasOurMark = ({ link, appointment }: OurPair): boolean =>
  link.shownVersion !== null || appointment.recurringId !== null

/** The values that were given up stay readable in the history. */
function tell(
  outcome: Merge,
  told: { before: Record<string, unknown>; after: Record<string, unknown> },
  pair: OurPair,
  event: LiveEvent,
): Partial<Verdict> {
  const { action, reason } = describe(outcome)
  const lost = outcome.conflicts.map(({ field, lost: side }) => [
    field,
    { side, value: side === 'google' ? event.content[field] : pair.local[field] },
  ])
  return {
    action,
    reason,
    isQuiet: action === 'seen',
    before: { ...told.before, ...(lost.length > 0 ? { lost: Object.fromEntries(lost) } : {}) },
    after: told.after,
  }
}

function ruleOf(outcome: Merge, isChanged: boolean): [rule: string] {
  if (outcome.conflicts.length > 0) return ['concurrent-edit']
  if (isChanged) return ['google-edit-accepted']
  if (outcome.proposed.length > 0) return ['google-edit-proposed']
  return outcome.pushed.length > 0 ? ['google-edit-reverted'] : ['google-edit-left']
}

const FIELD_WORDS: Record<Field, string> = {
  time: 'time',
  recurrence: 'repetition',
  title: 'title',
  description: 'description',
  location: 'place',
  busy: 'busy or free',
  status: 'status',
  colour: 'colour',
}

function describe(outcome: Merge): { action: string; reason: string } {
  const words = (fields: readonly Field[]): string => fields.map(field => FIELD_WORDS[field]).join(', ')
  if (outcome.conflicts.length > 0) {
    const lost = outcome.conflicts.map(({ field, lost: side }) => `${FIELD_WORDS[field]} of ${side}`).join(', ')
    return { action: 'merged', reason: `Both sides changed it; given up: ${lost}.` }
  }
  if (outcome.accepted.length > 0)
    return { action: 'accepted', reason: `Its ${words(outcome.accepted)} was changed in Google and taken over.` }
  if (outcome.proposed.length > 0)
    return {
      action: 'proposed',
      reason: `Its ${words(outcome.proposed)} was changed in Google; the platform is asked.`,
    }
  if (outcome.pushed.length > 0)
    return { action: 'reverted', reason: `Its ${words(outcome.pushed)} was changed in Google and is written over.` }
  return { action: 'seen', reason: 'Something changed in Google that this service leaves alone.' }
}

function pick(content: Projection, fields: readonly Field[]): Partial<Projection> {
  return Object.fromEntries(fields.map(field => [field, content[field]]))
}

function refreshed(event: LiveEvent, link: Link, appointment: Appointment, base: Base, context: PullContext): Link {
  return oursLink(
    event,
    appointment,
    placeOf(context),
    {
      base,
      shownVersion: link.shownVersion,
      generation: link.generation,
    },
    context.policies,
  )
}

/** Google says that an event of ours is deleted. It is asked about before anything is cancelled, unless it is gone here too. */
export function decideOurTombstone(event: Tombstone, link: Link, context: PullContext): Verdict {
  const appointment = link.appointmentId === null ? undefined : context.known.appointments.get(link.appointmentId)
  const isGoneHere = appointment === undefined || !isShown(appointment, context.policies)
  const action = reconcile({ base: true, local: isGoneHere ? 'gone' : 'same', remote: 'gone' })
  if (action === 'forget') return verdict(event.eventId, 'gone-on-both-sides', { forget: link, isQuiet: true })
  return verdict(event.eventId, 'absence-is-asked-about', {
    link: { ...link, missing: link.missing ?? { how: howGone(context), since: context.now } },
    isQuiet: true,
  })
}

/** After a restore the deletion may have been our own, for a cancellation that was lost. */
const howGone = ({ recovery }: PullContext): Missing['how'] => (recovery === undefined ? 'deleted' : 'unclear')
