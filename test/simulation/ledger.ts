import type { Paired } from '../../src/ports/store/appointments.ts'
import type { GoogleEvent } from '../support/person.ts'

/**
 * S1, no lost write, and S4, no unwarranted one: what each side said last is kept beside the story. An appointment's field that nobody
 * touched in Google must end as the platform said it last; an event made in Google must end as a person left it.
 */
export type Ledger = {
  platform: Map<string, { title: string | null; startAt: number | null; isOff: boolean }>
  touched: Set<string>
  google: Map<string, { summary: string; startAt: number } | null>
}

export const newLedger = (): Ledger => ({ platform: new Map(), touched: new Set(), google: new Map() })

/** An accepted write of the platform. Booked anew, all of it is said anew, but what Google touched stays open to question. */
export function notePlatform(
  ledger: Ledger,
  id: string,
  said: Partial<{ title: string; startAt: number | null; isOff: boolean }>,
): void {
  const before = ledger.platform.get(id) ?? { title: null, startAt: null, isOff: false }
  ledger.platform.set(id, { ...before, ...said })
}

/** A person's edit in Google: of an event of ours it opens those fields to the rules of merging; of their own it is final. */
export function noteGoogle(
  ledger: Ledger,
  event: GoogleEvent,
  ours: string | null,
  fields: readonly ('title' | 'time' | 'all')[],
): void {
  if (ours === null) {
    if (event['recurringEventId'] !== undefined) return // an occurrence lives and dies with its series
    ledger.google.set(event.id, event.status === 'cancelled' ? null : stateOf(event))
    return
  }
  for (const field of fields) ledger.touched.add(`${ours} ${field}`)
}

function stateOf(event: GoogleEvent): { summary: string; startAt: number } {
  const { date, dateTime } = event['start'] as { date?: string; dateTime?: string }
  return { summary: event.summary ?? '', startAt: Date.parse(dateTime ?? date ?? '') }
}

export function lostWrites(
  ledger: Ledger,
  pairs: readonly Paired[],
  events: ReadonlyMap<string, GoogleEvent>,
): string[] {
  const found = new Map(pairs.map(({ appointment }) => [appointment.id, appointment]))
  const lost: string[] = []
  for (const [id, said] of ledger.platform) {
    const is = found.get(id)
    const isTouched = (field: string): boolean =>
      ledger.touched.has(`${id} ${field}`) || ledger.touched.has(`${id} all`)
    if (is === undefined) lost.push(`${id} is not there any more`)
    else {
      if (!isTouched('title') && said.title !== null && is.title !== said.title)
        lost.push(`${id} was titled "${said.title}", is "${is.title}"`)
      const startAt = is.time.kind === 'timed' ? is.time.startAt : null
      if (!isTouched('time') && said.startAt !== null && startAt !== said.startAt)
        lost.push(`${id} lost the time it was given`)
      if (!isTouched('all') && (is.status === 'cancelled') !== said.isOff)
        lost.push(`${id} is ${is.status} against the platform's word`)
    }
  }
  for (const [id, left] of ledger.google) {
    const event = events.get(id)
    const isThere = event !== undefined && event.status !== 'cancelled'
    if (isThere !== (left !== null)) lost.push(`Google's own ${id} ${isThere ? 'came back' : 'was taken away'}`)
    else if (left !== null && event !== undefined && JSON.stringify(stateOf(event)) !== JSON.stringify(left))
      lost.push(`Google's own ${id} was changed by us`)
  }
  return lost
}
