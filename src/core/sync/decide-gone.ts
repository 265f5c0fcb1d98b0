import type { Appointment } from '../model/appointment.ts'
import type { CalendarEvent } from '../model/calendar-event.ts'
import type { RemoteFailure } from '../model/failures.ts'
import type { Link } from '../model/link.ts'
import type { Policies } from '../model/policies.ts'
import { isOff } from '../model/status-moves.ts'
import type { Instant } from '../model/time.ts'
import { detached } from '../recurrence/detach.ts'
import { isGenerated } from '../recurrence/expand.ts'
import { isShown } from './admission.ts'
import { differences } from './content.ts'
import { answerToDeletion } from './ownership.ts'
import { verdict, type Verdict } from './verdict.ts'

/** What Google answered when asked about an event that went missing. */
export type GoneAnswer = { kind: 'gone' } | { kind: 'alive'; event: CalendarEvent } | { kind: 'unknown' }

/** A deleted event is answered as a tombstone or with 404 or 410; anything else is no answer. */
export function readGoneAnswer(
  reply: { ok: true; value: CalendarEvent } | { ok: false; error: RemoteFailure },
): GoneAnswer {
  if (reply.ok)
    return reply.value.kind === 'live' ? { kind: 'alive', event: reply.value } : goneOrUnreadable(reply.value)
  return reply.error.kind === 'not-found' || reply.error.kind === 'already-gone'
    ? { kind: 'gone' }
    : { kind: 'unknown' }
}

function goneOrUnreadable(event: CalendarEvent): GoneAnswer {
  return event.kind === 'tombstone' ? { kind: 'gone' } : { kind: 'unknown' }
}

/** Whether Google must be asked before this missing event is believed to be gone. */
export function mustAsk(link: Link): boolean {
  return link.role === 'ours' || (link.missing !== null && link.missing.how !== 'deleted')
}

export type GoneInput = {
  link: Link
  appointment: Appointment | null
  /** Other live links of the same appointment (the same meeting in another calendar). */
  isShownElsewhere: boolean
  /** For an exception: its series, and that series' event where it has one of ours. */
  series?: { appointment: Appointment; link: Link | null } | null
  policies: Policies
  now: Instant
}

/** What a confirmed deletion in Google leads to, on every path alike. */
export function decideGone(input: GoneInput): Verdict {
  const { link, appointment, isShownElsewhere, policies } = input
  if (appointment === null || appointment.status === 'cancelled' || isShownElsewhere) {
    return verdict(link.eventId, 'gone-on-both-sides', { forget: link, isQuiet: true })
  }
  const left = decideLeft(input, appointment)
  if (left !== null) return left
  if (link.role === 'theirs') {
    return cancelled(input, appointment, 'deleted-in-google', 'It was deleted in Google, where it was made.')
  }
  if (!isShown(appointment, policies)) {
    return verdict(link.eventId, 'gone-on-both-sides', { forget: link, isQuiet: true })
  }
  const answer = answerToDeletion(policies)
  // It may have been cancelled in the time that was lost: nothing is written again without the platform's word.
  switch (link.missing?.how === 'unclear' && answer === 'restore' ? 'propose' : answer) {
    case 'cancel':
      return cancelled(
        input,
        appointment,
        'google-delete-cancels',
        'Its event was deleted in Google, which cancels it.',
      )
    case 'restore':
      return verdict(link.eventId, 'google-delete-restored', {
        action: 'restored',
        reason: 'Its event was deleted in Google; it is written there again.',
        forget: link,
        isQueued: true,
      })
    case 'propose':
      return verdict(link.eventId, 'google-delete-proposed', {
        action: 'proposed',
        reason: 'Its event was deleted in Google; the platform is asked whether to cancel.',
        forget: link,
        proposal: { kind: 'delete', values: {} },
      })
  }
}

/** It did not go by itself: its series was changed. */
function decideLeft({ link, series, now }: GoneInput, appointment: Appointment): Verdict | null {
  const { originalStart } = appointment
  if (series == null || originalStart === null || isOff(series.appointment.status)) return null
  if (!isGenerated(series.appointment, originalStart)) {
    const next = detached(appointment, now)
    return verdict(link.eventId, 'slot-left-series', {
      action: 'cancelled',
      reason: 'Its series was changed and no longer has this occurrence.',
      appointment: next,
      forget: link,
      change: 'appointment.cancelled',
      ...differences(appointment, next),
    })
  }
  const base = series.link?.base ?? null
  if (link.role !== 'ours' || base === null || isGenerated(base.returned, originalStart)) return null
  // Google's series lost the slot, and ours, which has it, is on its way there: the exception is written after it.
  return verdict(link.eventId, 'written-with-its-series', { forget: link, isQueued: true, isQuiet: true })
}

function cancelled({ link, now }: GoneInput, appointment: Appointment, rule: string, reason: string): Verdict {
  const next: Appointment = { ...appointment, status: 'cancelled', version: appointment.version + 1, updatedAt: now }
  return verdict(link.eventId, rule, {
    action: 'cancelled',
    reason,
    appointment: next,
    forget: link,
    change: 'appointment.cancelled',
    ...differences(appointment, next),
  })
}

/**
 * What becomes of an exception when its series is gone from Google: it shares the series' fate. Google sends no word of its own about
 * the exceptions of a deleted series.
 */
export function decideExceptionOfGone(
  series: Verdict,
  exception: { appointment: Appointment; link: Link | null },
  now: Instant,
): Verdict | null {
  const { appointment, link } = exception
  const eventId = link?.eventId ?? `${series.eventId} ${appointment.id}`
  if (series.rule === 'google-delete-restored') {
    return verdict(eventId, series.rule, { appointment: null, forget: link, isQueued: true, isQuiet: true })
  }
  if (series.appointment?.status === 'cancelled' && appointment.status !== 'cancelled') {
    const next: Appointment = { ...appointment, status: 'cancelled', version: appointment.version + 1, updatedAt: now }
    return verdict(eventId, series.rule, {
      action: 'cancelled',
      reason: 'Its series was deleted in Google.',
      appointment: next,
      forget: link,
      change: 'appointment.cancelled',
      ...differences(appointment, next),
    })
  }
  return link === null ? null : verdict(eventId, series.rule, { forget: link, isQuiet: true })
}
