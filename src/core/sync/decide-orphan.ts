import type { LiveEvent } from '../model/calendar-event.ts'
import type { Link } from '../model/link.ts'
import { readSplitId } from '../recurrence/edit-series.ts'
import { decideTail } from './decide-split.ts'
import { parkedLink } from './links.ts'
import { placeOf, type PullContext } from './pull-context.ts'
import { verdict, type Verdict } from './verdict.ts'

export const ORPHAN = 'orphan'

/** What an orphan is found by when its appointment comes back: its mark, in the place of a fingerprint that it has no use for. */
export const orphanHash = (mark: string): string => `mark ${mark}`

/** A series that was split in Google has its mark on both parts: the appointment's own is the one that keeps the event's id. */
export const isLaterPart = ({ eventId }: Pick<Link, 'eventId'>): boolean => readSplitId(eventId) !== null

export const byPart = (a: Pick<Link, 'eventId'>, b: Pick<Link, 'eventId'>): number =>
  Number(isLaterPart(a)) - Number(isLaterPart(b))

/**
 * The event of an appointment that the database lost. The later part of a series that was split in Google is made out again, under the id
 * that it had. Anything else is shown, and left alone until the platform sends the appointment again.
 */
export function decideOrphan(event: LiveEvent, context: PullContext): Verdict {
  return tailAgain(event, context) ?? park(event, context)
}

function tailAgain(event: LiveEvent, context: PullContext): Verdict | undefined {
  const { policies } = context
  if (policies.googleEdits === 'revert') return undefined // would take away what carries our mark
  const asAccepted = { ...policies, googleEdits: 'accept' as const, concurrentEdits: 'google' as const }
  const decided = decideTail(event, { ...context, policies: asAccepted })
  if (decided?.appointment == null) return decided
  const version = Math.max(decided.appointment.version, event.marker?.revision ?? 0)
  return { ...decided, appointment: { ...decided.appointment, version } }
}

function park(event: LiveEvent, context: PullContext): Verdict {
  return verdict(event.eventId, 'orphan-of-a-restore', {
    link: {
      ...parkedLink(event, placeOf(context), {
        code: ORPHAN,
        message: 'This service wrote the event for an appointment that is not known here: the database was restored.',
      }),
      contentHash: orphanHash(event.marker?.key ?? ''),
      shownVersion: event.marker?.revision ?? null,
    },
    isQuiet: true,
  })
}
