import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

/** Lists that must stay whole: a test whose title vanishes takes its line down with it. Other titles may come and go. */

const titles = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.ts') && file !== 'proof.test.ts')
  .flatMap(file => readTitles(readFileSync(join(import.meta.dirname, file), 'utf8')))

/** What stands in quotes at the beginning of a test, a group of them, or a row of a table of them. */
function readTitles(text: string): string[] {
  return [...text.matchAll(/(?:\(|\[)\s*(['"`])((?:(?!\1)[^\\\n]|\\.)+)\1\s*,/gu)].map(([, , title]) => title ?? '')
}

/** What others paid for, in our words; each is a test of that name. */
const TRAPS: readonly string[] = [
  'a holiday calendar refuses to be watched and kills tokens that are minutes old',
  'a notification during a running pull is one pull more, never one less',
  'the token is stored before the events are applied, or an error comes on the second page',
  'a full list carries no tombstones, so what it does not show is asked about',
  'a deleted event keeps its id for a month, and 409 then means that it exists but is cancelled',
  'a tombstone holds nothing but an id',
  'the window leaves masters of old series in, and an increment ignores it',
  'the expiry in the header is an HTTP date, and Google’s own number in the answer is what counts',
  'the new channel’s id replaces the old one before the watch succeeded, and the old one is an orphan',
  'a primary calendar whose id was renamed answers the watch with 404',
  'connecting again makes a second calendar or a second mapping, or erases what is there',
  'an update without conferenceDataVersion takes the meeting link away',
  'a freshness bound tighter than the rhythm of polls hides every slot',
  'a series kept as copies of its instances shows a moved one twice',
  'a feed and a two-way connection on one calendar double every appointment',
  'appointments made while the grant was dead never arrive',
  'only some permissions are granted at the consent page, and the sync fails without a word',
  'a calendar shared read-only is chosen as a source, beside more calendars than one write limit',
  'a renewal stops the old channel first and then fails, or comes only after the expiry',
  'one long first sync starves the pulls of everybody for hours',
  'a push route that is dead for days, with every status green',
]

describe('each trap that others fell into is a test of its name', () => {
  test.each(TRAPS)('%s', trap => expect(titles).toContain(`trap: ${trap}`))
})

/** The matrix of faults: by number, what goes wrong. */
const FAULTS: Readonly<Record<number, string>> = {
  1: 'a notification is lost',
  2: 'notifications are doubled, or come in bursts',
  3: 'notifications come late, out of order, or from the channel before',
  4: 'a notification is forged',
  5: 'a channel expires, its renewal fails, or it cannot be had',
  6: 'nobody can receive a notification',
  7: 'a process dies before a write is sent',
  8: 'a process dies after a write, before that is stored',
  9: 'a process dies after a commit, in a list, or while it refreshes a token',
  10: 'an insert is not answered',
  11: 'an update is not answered',
  12: 'a deletion is not answered',
  13: 'a token is refused',
  14: 'Google asks for patience',
  15: 'the project itself is refused',
  16: 'a write is forbidden',
  17: 'an event or a calendar is not found',
  18: 'the id of an event is taken',
  19: 'a sync token is dead',
  20: 'tokens are refreshed by several at once',
  21: 'a grant is revoked',
  22: 'an event was edited before our write',
  23: 'a role is lowered',
  24: 'a calendar is gone, hidden or renamed',
  25: 'an answer is no answer',
  26: 'Google is slow',
  27: 'Google rewrites what we wrote',
  28: 'a list changes while it is read',
  29: 'both sides change the same thing',
  30: 'everything is gone at once',
  31: 'an event cannot be read',
  32: 'a calendar is huge, a series has no end',
  33: 'an exception comes before its series, or without one',
  34: 'there is no quota for hours',
  35: 'the database is away',
  37: 'one that was paused wakes after another took over',
  38: 'a host is in another time zone',
  39: 'the platform does not answer',
  40: 'the platform’s own writes are stale or come twice',
  41: 'an account is disconnected, connected again, or exchanged',
  42: 'one calendar is connected twice',
  44: 'mail would be sent to guests',
  45: 'a job takes its worker down',
}

describe('each fault is a test of its number', () => {
  test.each(Object.entries(FAULTS))('F%s: %s', number =>
    expect(titles.filter(title => title.startsWith(`F${number}: `))).not.toEqual([]),
  )
})
