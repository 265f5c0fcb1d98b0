import ICAL from 'ical.js'
import { describe, expect, test } from 'vitest'
import { calendarFeed, type FeedItem } from '../../../src/core/feed/calendar-feed.ts'
import { contentLines, escapeText } from '../../../src/core/feed/content-lines.ts'
import { timeZoneLines } from '../../../src/core/feed/time-zone.ts'
import type { Appointment } from '../../../src/core/model/appointment.ts'
import { feedUid, markerKeyOfFeedUid } from '../../../src/core/model/feed-uid.ts'
import { DEFAULT_POLICIES, type Policies } from '../../../src/core/model/policies.ts'
import { slotOf } from '../../../src/core/model/time.ts'
import { expandSeries } from '../../../src/core/recurrence/expand.ts'
import { anAppointment, at, DAY, HOUR, NOW, onDay, policiesWith } from '../../support/builders.ts'

const item = (fields: Partial<Appointment> = {}): FeedItem => {
  const appointment = anAppointment(fields)
  return { appointment, uid: feedUid(`mark-${appointment.recurringId ?? appointment.id}`) }
}
const write = (items: FeedItem[], policies: Policies = DEFAULT_POLICIES, now = NOW): string =>
  calendarFeed({ name: 'Lakeside; Clinic', items, policies, now })

/** Read by another program than the one that wrote it, with the zones of the file itself. */
function read(text: string): ICAL.Event[] {
  const calendar = new ICAL.Component(ICAL.parse(text))
  for (const zone of calendar.getAllSubcomponents('vtimezone'))
    ICAL.TimezoneService.register(
      new ICAL.Timezone({ component: zone, tzid: String(zone.getFirstPropertyValue('tzid')) }),
    )
  return calendar.getAllSubcomponents('vevent').map(event => new ICAL.Event(event))
}

function startsOf(text: string, count: number): string[] {
  const events = read(text)
  const master = events.find(event => !event.isRecurrenceException()) as ICAL.Event
  for (const event of events) if (event.isRecurrenceException()) master.relateException(event)
  const starts = master.iterator()
  const found: string[] = []
  for (let next = starts.next(); next && found.length < count; next = starts.next())
    found.push(master.getOccurrenceDetails(next).startDate.toJSDate().toISOString())
  return found
}

describe('a feed', () => {
  test('is iCalendar with CRLF, short lines and what each program needs to know', () => {
    const text = write([item({ title: 'é'.repeat(200), description: 'a,b;c\\d\ne' })])
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
    for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
    expect(text).toContain('\r\nX-WR-CALNAME:Lakeside\\; Clinic\r\n')
    const [event] = read(text)
    expect(event?.summary).toBe('é'.repeat(200))
    expect(event?.description).toBe('a,b;c\\d\ne')
    expect(event?.uid).toBe('mark-apt_1@lockstep')
  })

  test('shows a single in UTC, whatever its zone', () => {
    const text = write([item()])
    expect(text).toContain('\r\nDTSTART:20261201T130000Z\r\nDTEND:20261201T133000Z\r\n')
    expect(text).not.toContain('VTIMEZONE')
    expect(text).toContain('\r\nSTATUS:CONFIRMED\r\nTRANSP:OPAQUE\r\n')
  })

  test('shows whole days as dates, the end exclusive', () => {
    expect(write([item({ time: onDay('2026-12-24', '2026-12-27') })])).toContain(
      '\r\nDTSTART;VALUE=DATE:20261224\r\nDTEND;VALUE=DATE:20261227\r\n',
    )
  })

  test('is the same text for the same appointments, and another one after a change', () => {
    expect(write([item()], DEFAULT_POLICIES, NOW + 5 * DAY)).toBe(write([item()]))
    expect(write([item({ version: 2, title: 'Other' })])).not.toBe(write([item()]))
  })

  test('masks as Google is masked', () => {
    const secret = { title: 'Jane Roe', description: 'HIV test', location: 'Ward 9' }
    const presentation = {
      title: 'busy',
      description: false,
      location: false,
      visibility: 'private',
      colour: null,
    } as const
    const text = write([item(secret)], policiesWith({ presentation }))
    expect(text).toContain('\r\nSUMMARY:Busy\r\n')
    expect(text).toContain('\r\nCLASS:PRIVATE\r\n')
    for (const word of ['Jane', 'HIV', 'Ward', 'apt_1', 'dr-lee', 'LOCATION', 'DESCRIPTION'])
      expect(text.replace('mark-apt_1', '')).not.toContain(word)
  })

  test('leaves out what Google is not shown, and marks what is marked there', () => {
    const items = [
      item({ id: 'gone', status: 'cancelled' }),
      item({ id: 'missed', status: 'no_show' }),
      item({ id: 'old', archivedAt: NOW }),
      item({ id: 'maybe', status: 'tentative', busy: false }),
    ]
    expect(read(write(items)).map(event => event.uid)).toEqual(['mark-maybe@lockstep'])
    expect(write(items)).toContain('\r\nSTATUS:TENTATIVE\r\nTRANSP:TRANSPARENT\r\n')
    const marked = write(items, policiesWith({ cancelled: 'mark' }))
    expect(marked).toContain('\r\nSUMMARY:Cancelled: Follow-up\\, Jane Roe\r\n')
  })
})

describe('a series', () => {
  const weekly = (fields: Partial<Appointment> = {}) =>
    item({
      id: 'weekly',
      time: at(Date.parse('2026-10-20T13:00:00Z')),
      recurrence: ['RRULE:FREQ=WEEKLY;COUNT=30'],
      ...fields,
    })

  test('keeps its wall clock across both changes of clocks, read with the file’s own zone', () => {
    const series = weekly()
    const expected = expandSeries(series.appointment, [], { startAt: 0, endAt: NOW + 400 * DAY }, 'UTC')
    const starts = expected.occurrences.map(({ time }) => (time.kind === 'timed' ? time.startAt : 0))
    expect(starts).toHaveLength(30)
    expect(new Set(starts.map(start => new Date(start).getUTCHours()))).toEqual(new Set([13, 14]))
    expect(startsOf(write([series]), 30)).toEqual(starts.map(start => new Date(start).toISOString()))
  })

  test.each([
    'Europe/Dublin',
    'Australia/Lord_Howe',
    'America/Sao_Paulo',
    'Africa/Casablanca',
    'Asia/Kathmandu',
    'Asia/Gaza',
  ])('of two years in %s says the same as the engine', zone => {
    const series = weekly({
      time: at(Date.parse('2025-10-01T09:00:00Z'), 30, zone),
      recurrence: ['RRULE:FREQ=DAILY;COUNT=700'],
    })
    const expected = expandSeries(series.appointment, [], { startAt: 0, endAt: NOW + 900 * DAY }, 'UTC')
    const starts = expected.occurrences.map(({ time }) => (time.kind === 'timed' ? time.startAt : 0))
    expect(startsOf(write([series]), 700)).toEqual(starts.map(start => new Date(start).toISOString()))
  })

  test('carries its moved occurrences as exceptions and takes cancelled and hidden ones out', () => {
    const start = Date.parse('2026-12-01T14:00:00Z')
    const series = weekly({ time: at(start), recurrence: ['EXDATE:20261215T140000Z', 'RRULE:FREQ=WEEKLY;COUNT=6'] })
    const slot = (week: number) => slotOf(at(start + week * 7 * DAY))
    const exception = (id: string, week: number, fields: Partial<Appointment>) =>
      item({
        id,
        recurringId: 'weekly',
        originalStart: slot(week),
        time: at(start + week * 7 * DAY + 2 * HOUR),
        ...fields,
      })
    const text = write([
      exception('moved', 1, { title: 'Moved' }),
      series,
      exception('cancelled', 3, { status: 'cancelled' }),
      exception('archived', 4, { archivedAt: NOW }),
    ])
    expect(text).toContain('\r\nEXDATE;TZID=America/New_York:20261215T090000\r\n')
    expect(text).toContain('\r\nEXDATE;TZID=America/New_York:20261222T090000\r\n')
    expect(text).toContain('\r\nEXDATE;TZID=America/New_York:20261229T090000\r\n')
    expect(text).toContain('\r\nRECURRENCE-ID;TZID=America/New_York:20261208T090000\r\n')
    expect(read(text).map(event => event.uid)).toEqual(['mark-weekly@lockstep', 'mark-weekly@lockstep'])
    expect(startsOf(text, 9)).toEqual([
      '2026-12-01T14:00:00.000Z',
      '2026-12-08T16:00:00.000Z',
      '2027-01-05T14:00:00.000Z',
    ])
  })

  test('that is not shown takes its exceptions with it', () => {
    const lone = item({ id: 'x', recurringId: 'weekly', originalStart: slotOf(at(NOW)), time: at(NOW) })
    expect(read(write([weekly({ status: 'cancelled' }), lone]))).toEqual([])
    expect(read(write([lone]))).toEqual([])
  })

  test('of whole days names its exceptions by day', () => {
    const time = onDay('2026-12-01', '2026-12-02')
    const series = weekly({
      time,
      recurrence: ['EXDATE;VALUE=DATE:20261203', 'RDATE;VALUE=DATE:20261224', 'RRULE:FREQ=DAILY;COUNT=4'],
    })
    const moved = item({
      id: 'm',
      recurringId: 'weekly',
      originalStart: { kind: 'all-day', date: '2026-12-02' },
      time: onDay('2026-12-05', '2026-12-06'),
    })
    const text = write([series, moved])
    for (const line of ['EXDATE;VALUE=DATE:20261203', 'RDATE;VALUE=DATE:20261224', 'RECURRENCE-ID;VALUE=DATE:20261202'])
      expect(text).toContain(`\r\n${line}\r\n`)
  })
})

test('a time that happens twice is written in UTC, so that it happens once', () => {
  const second = Date.parse('2026-11-01T06:30:00Z') // 01:30 in New York for the second time
  const text = write([item({ time: at(second), recurrence: ['RRULE:FREQ=DAILY;COUNT=2'] })])
  expect(text).toContain('\r\nDTSTART:20261101T063000Z\r\n')
  const first = write([item({ time: at(second - HOUR), recurrence: ['RRULE:FREQ=DAILY;COUNT=2'] })])
  expect(first).toContain('\r\nDTSTART;TZID=America/New_York:20261101T013000\r\n')
})

test('a zone without changes has one observance; offsets east and west have their sign', () => {
  expect(timeZoneLines('Asia/Kathmandu', NOW, NOW + 900 * DAY)).toEqual([
    'BEGIN:VTIMEZONE',
    'TZID:Asia/Kathmandu',
    'BEGIN:STANDARD',
    'DTSTART:20261130T184500',
    'TZOFFSETFROM:+0545',
    'TZOFFSETTO:+0545',
    'END:STANDARD',
    'END:VTIMEZONE',
  ])
  const york = timeZoneLines('America/New_York', NOW, NOW + 500 * DAY)
  expect(york).toContain('TZOFFSETTO:-0400')
  expect(york.filter(line => line.startsWith('DTSTART:'))).toEqual([
    'DTSTART:20261130T080000',
    'DTSTART:20270314T020000',
    'DTSTART:20271107T020000',
  ])
  expect(york.filter(line => line.startsWith('RDATE:'))).toEqual(['RDATE:20280312T020000'])
})

test('text is escaped, and folding cuts no character', () => {
  expect(escapeText('a\r\nb\rc\nd,e;f\\g\u0000\u0007\u001b\th')).toBe('a\\nb\\nc\\nd\\,e\\;f\\\\g\th')
  const folded = contentLines([`SUMMARY:${'😀'.repeat(40)}`])
  expect(folded.replaceAll('\r\n ', '')).toBe(`SUMMARY:${'😀'.repeat(40)}\r\n`)
  expect(folded).not.toContain('\ufffd')
  expect(contentLines(['x'.repeat(75)])).toBe(`${'x'.repeat(75)}\r\n`)
  expect(contentLines(['x'.repeat(76)])).toBe(`${'x'.repeat(75)}\r\n x\r\n`)
})

test('a feed’s UID leads back to the mark, and no other does', () => {
  expect(markerKeyOfFeedUid(feedUid('abc'))).toBe('abc')
  expect(markerKeyOfFeedUid('abc@google.com')).toBeNull()
})
