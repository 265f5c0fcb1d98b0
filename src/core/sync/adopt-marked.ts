import type { Appointment } from '../model/appointment.ts'
import type { LiveEvent } from '../model/calendar-event.ts'
import { decideLostWrite } from './after-restore.ts'
import { decidePair } from './decide-ours.ts'
import { oursLink } from './links.ts'
import { project } from './projection.ts'
import { placeOf, type PullContext } from './pull-context.ts'
import { verdict, type Verdict } from './verdict.ts'

/**
 * Paired again. After a restore what is here is what both sides had agreed on, unless Google shows less of it, or the platform has changed
 * it since.
 */
export function adoptMarked(event: LiveEvent, appointment: Appointment, context: PullContext): Verdict {
  const { recovery, policies } = context
  const revision = event.marker?.revision ?? 0
  if (recovery === undefined || revision < appointment.version || appointment.updatedAt > recovery.since)
    return adopt(event, appointment, context)
  const agreed = project(appointment, policies)
  const generation = context.generationOf?.(appointment.id, event.eventId) ?? 0
  const agreement = { base: { sent: agreed, returned: agreed }, shownVersion: appointment.version, generation }
  const link = oursLink(event, appointment, placeOf(context), agreement, policies)
  return decideLostWrite(event, link, appointment, context) ?? decidePair(event, link, appointment, context)
}

/**
 * One of ours whose link was lost (an answer that never came, a restored database, a reconnected account): paired again, never doubled.
 * With no base, the platform's values stand and Google is brought to them.
 */
function adopt(event: LiveEvent, appointment: Appointment, context: PullContext): Verdict {
  const shownVersion = event.marker?.revision ?? null
  return verdict(event.eventId, 'recognised-by-mark', {
    action: 'linked',
    reason: 'An event in Google carries the mark of this appointment and was paired with it again.',
    link: oursLink(
      event,
      appointment,
      placeOf(context),
      {
        base: { sent: event.content, returned: event.content },
        shownVersion,
        generation: 0,
      },
      context.policies,
    ),
    isQueued: true,
  })
}
