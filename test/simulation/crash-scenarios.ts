import type { Step } from './random-world.ts'

const work: Step = { do: 'work' }
const wait: Step = { do: 'wait', minutes: 20 }
const book: Step = { do: 'book', id: 'apt_1', slot: 1, series: false }
const bookSeries: Step = { do: 'book', id: 'apt_1', slot: 1, series: true }
const bookDays: Step = { do: 'book', id: 'apt_1', slot: 8, series: true, rule: 2, isDay: true }
const theirs: Step = { do: 'google-add', word: 1, slot: 4, series: false }
const theirSeries: Step = { do: 'google-add', word: 2, slot: 6, series: true }
const trouble = (of: string, reason: string): Step => ({ do: 'trouble', trouble: { kind: 'status', of, reason } })
const lost = (of: string): Step => ({ do: 'trouble', trouble: { kind: 'cut', when: 'after', of } })
const deadToken: Step = { do: 'trouble', trouble: { kind: 'kill-sync-tokens' } }
const expired: Step = { do: 'trouble', trouble: { kind: 'expire-tokens' } }
const silent: Step = { do: 'trouble', trouble: { kind: 'notifications', dropShare: 1, doubleShare: 0, lateMs: 0 } }
const shortPage: Step = { do: 'trouble', trouble: { kind: 'short-page' } }
const cancel: Step = { do: 'cancel', id: 'apt_1' }
const rename: Step = { do: 'rename', id: 'apt_1', word: 3 }
const move: Step = { do: 'reschedule', id: 'apt_1', slot: 7 }
const movedThere: Step = { do: 'google-move', pick: 0, slot: 5 }
const renamedThere: Step = { do: 'google-rename', pick: 0, word: 9 }
const deletedThere: Step = { do: 'google-delete', pick: 0 }
const occurrence = (nth: number, slot: number | null): Step => ({ do: 'google-occurrence', pick: 0, nth, slot })
const exception = (nth: number, slot: number | null): Step => ({ do: 'exception', id: 'apt_1', nth, slot })

/** Short lives of one connection; each is lived once for every place to die at. */
export const SCENARIOS: Record<string, readonly Step[]> = {
  'a booking': [book, work],
  'a booking renamed': [book, work, rename, work],
  'a booking moved': [book, work, move, work],
  'a booking moved and renamed before it is written': [book, rename, move, work],
  'a cancellation': [book, work, cancel, work],
  'a booking cancelled before it is written': [book, cancel, work],
  'a rebooking under a used id': [book, work, cancel, work, { ...book, slot: 9 }, work],
  'two bookings': [book, { ...book, id: 'apt_2', slot: 9 }, work],
  'a booking for days': [{ ...book, slot: 16, isDay: true }, work],
  'an event made in Google': [theirs, work],
  'an event changed and deleted in Google': [theirs, work, movedThere, work, deletedThere, work],
  'an event made and deleted in Google between two looks': [theirs, deletedThere, work],
  'a booking moved in Google': [book, work, movedThere, work],
  'a booking renamed in Google': [book, work, renamedThere, work],
  'a booking deleted in Google': [book, work, deletedThere, work],
  'edits of both sides at once': [book, work, movedThere, rename, work],
  'edits of the same field on both sides': [book, work, renamedThere, rename, work],
  'a cancellation here and an edit there': [book, work, renamedThere, cancel, work],
  'an edit here and a deletion there': [book, work, deletedThere, rename, work],
  'deletions on both sides': [book, work, deletedThere, cancel, work],
  'a series': [bookSeries, work],
  'a series of days': [bookDays, work],
  'a series with a moved and a cancelled occurrence': [
    bookSeries,
    work,
    occurrence(1, 30),
    work,
    occurrence(3, null),
    work,
  ],
  'an exception made here': [bookSeries, work, exception(1, 40), work],
  'an occurrence cancelled here': [bookSeries, work, exception(2, null), work],
  'a series and its exception written together': [bookSeries, exception(1, 40), work],
  'a series that ends here': [bookSeries, work, { do: 'repeat', id: 'apt_1', rule: 6 }, work],
  'a series cancelled here': [bookSeries, exception(1, 40), work, cancel, work],
  'a series deleted in Google': [bookSeries, work, deletedThere, work],
  "a series of Google's with exceptions": [theirSeries, occurrence(1, 50), occurrence(2, null), work],
  "a series of Google's that is deleted": [theirSeries, occurrence(1, 50), work, deletedThere, work],
  'a dead sync token': [book, theirs, work, deadToken, theirSeries, work],
  'a deletion that only a full list shows': [theirs, theirSeries, work, deletedThere, deadToken, work],
  'a listing of several pages': [theirs, theirSeries, book, work, deadToken, shortPage, work],
  'an insert whose answer is lost': [lost('events.insert'), book, work],
  'an update whose answer is lost': [book, work, lost('events.update'), rename, work],
  'a deletion whose answer is lost': [book, work, lost('events.delete'), cancel, work],
  'a rate limit in the middle': [book, work, trouble('events.update', 'userRateLimitExceeded'), rename, work, wait],
  'an expired access token': [book, work, expired, rename, work],
  'changes that no notification tells of': [silent, book, work, movedThere, theirs, wait],
}
