import type { LiveEvent } from '../model/calendar-event.ts'
import { parkedLink } from './links.ts'
import { placeOf, type PullContext } from './pull-context.ts'
import { verdict, type Verdict } from './verdict.ts'

/** An exception of a series of ours that is not known in Google (yet): looked at again when that comes. */
export function waitForSeries(event: LiveEvent, context: PullContext): Verdict {
  return verdict(event.eventId, 'waits-for-its-series', {
    link: parkedLink(event, placeOf(context), {
      code: WAITS_FOR_SERIES,
      message: 'The series of this occurrence is not known here yet.',
    }),
    isQuiet: true,
  })
}

/** Why an event of a series is parked until the series is listed. */
export const WAITS_FOR_SERIES = 'waits-for-series'
