import { describe, expect, test } from 'vitest'

import { loadIcs } from '../../src/simulator/ics.ts'
import { ANNA, aWorld, control, idsOf, itemsOf } from './world-builder.ts'

const ics = (...lines: string[]): string =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//test', ...lines, 'END:VCALENDAR', ''].join('\r\n')
const vevent = (...lines: string[]): string => ['BEGIN:VEVENT', ...lines, 'END:VEVENT'].join('\r\n')

const only = (text: string) => {
  const loaded = loadIcs(text, 'Europe/Berlin')
  expect(loaded.problems).toEqual([])
  expect(loaded.events).toHaveLength(1)
  return loaded.events[0]?.body ?? {}
}

const OUTLOOK_ZONE = [
  'BEGIN:VTIMEZONE',
  'TZID:Customized Time Zone 1',
  'BEGIN:STANDARD',
  'DTSTART:16010101T030000',
  'TZOFFSETFROM:+0200',
  'TZOFFSETTO:+0100',
  'RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10',
  'END:STANDARD',
  'BEGIN:DAYLIGHT',
  'DTSTART:16010101T020000',
  'TZOFFSETFROM:+0100',
  'TZOFFSETTO:+0200',
  'RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3',
  'END:DAYLIGHT',
  'END:VTIMEZONE',
].join('\r\n')

describe('times', () => {
  const starts: [string, string, unknown][] = [
    ['in UTC', 'DTSTART:20260303T090000Z', { dateTime: '2026-03-03T09:00:00Z', timeZone: 'UTC' }],
    [
      'without a zone, in the calendar’s',
      'DTSTART:20260303T090000',
      { dateTime: '2026-03-03T09:00:00+01:00', timeZone: 'Europe/Berlin' },
    ],
    [
      'in a named zone',
      'DTSTART;TZID=America/Chicago:20260303T090000',
      { dateTime: '2026-03-03T09:00:00-06:00', timeZone: 'America/Chicago' },
    ],
    [
      'in a Windows zone',
      'DTSTART;TZID=Eastern Standard Time:20260303T090000',
      { dateTime: '2026-03-03T09:00:00-05:00', timeZone: 'America/New_York' },
    ],
    [
      'in a zone with a path',
      'DTSTART;TZID=/mozilla.org/20050126_1/Asia/Tokyo:20260303T090000',
      { dateTime: '2026-03-03T09:00:00+09:00', timeZone: 'Asia/Tokyo' },
    ],
    ['of a whole day', 'DTSTART;VALUE=DATE:20260303', { date: '2026-03-03' }],
  ]
  test.each(starts)('%s', (_sentence, line, start) => {
    expect(only(ics(vevent('UID:1', line))).start).toEqual(start)
  })

  test('in a zone known by its definition alone', () => {
    const body = only(ics(OUTLOOK_ZONE, vevent('UID:1', 'DTSTART;TZID=Customized Time Zone 1:20260703T090000')))
    expect(body.start).toEqual({ dateTime: '2026-07-03T09:00:00+02:00', timeZone: 'Europe/Berlin' })
  })

  const ends: [string, string[], unknown][] = [
    [
      'DTEND',
      ['DTSTART:20260303T090000Z', 'DTEND:20260303T093000Z'],
      { dateTime: '2026-03-03T09:30:00Z', timeZone: 'UTC' },
    ],
    [
      'DURATION',
      ['DTSTART:20260303T090000Z', 'DURATION:PT1H30M'],
      { dateTime: '2026-03-03T10:30:00Z', timeZone: 'UTC' },
    ],
    ['neither: no time at all', ['DTSTART:20260303T090000Z'], { dateTime: '2026-03-03T09:00:00Z', timeZone: 'UTC' }],
    ['neither, on a date: that day', ['DTSTART;VALUE=DATE:20260303'], { date: '2026-03-04' }],
    ['DURATION in days', ['DTSTART;VALUE=DATE:20260303', 'DURATION:P3D'], { date: '2026-03-06' }],
  ]
  test.each(ends)('end by %s', (_sentence, lines, end) => {
    expect(only(ics(vevent('UID:1', ...lines))).end).toEqual(end)
  })
})

test('content is put into Google’s words', () => {
  const body = only(
    ics(
      vevent(
        'UID:1',
        'DTSTART:20260303T090000Z',
        'SUMMARY:Tea\\, biscuits',
        'DESCRIPTION:A line that is long enough to be',
        '  folded\\nand a second one',
        'CLASS:PRIVATE',
        'TRANSP:TRANSPARENT',
        'STATUS:TENTATIVE',
        'ATTENDEE;CN=Ben;PARTSTAT=ACCEPTED:MAILTO:ben@example.com',
        'BEGIN:VALARM',
        'ACTION:DISPLAY',
        'TRIGGER:-PT15M',
        'END:VALARM',
      ),
    ),
  )
  expect(body).toMatchObject({
    summary: 'Tea, biscuits',
    description: 'A line that is long enough to be folded\nand a second one',
    visibility: 'private',
    transparency: 'transparent',
    status: 'tentative',
    attendees: [{ email: 'ben@example.com', displayName: 'Ben', responseStatus: 'accepted' }],
    reminders: { useDefault: false, overrides: [{ method: 'popup', minutes: 15 }] },
  })
})

test('rules lose foreign zones and get UNTIL in UTC', () => {
  const body = only(
    ics(
      vevent(
        'UID:1',
        'DTSTART;TZID=W. Europe Standard Time:20260303T090000',
        'RRULE:FREQ=WEEKLY;UNTIL=20260331',
        'EXDATE;TZID=W. Europe Standard Time:20260310T090000',
        'EXDATE;VALUE=DATE:20260317',
      ),
    ),
  )
  expect(body.recurrence).toEqual([
    'RRULE:FREQ=WEEKLY;UNTIL=20260331T215959Z',
    'EXDATE:20260310T080000Z',
    'EXDATE:20260317T080000Z',
  ])
})

describe('a file in a calendar', () => {
  const imported = (text: string) => {
    const made = aWorld({ timeZone: 'Europe/Berlin' })
    const result = control(made.simulator, 'POST', `calendars/${ANNA}/ics`, { ics: text }).body
    const list = (query = '') => made.anna('GET', `${made.events()}?${query}`)
    return { ...made, result, list }
  }

  const series = vevent(
    'UID:series',
    'SUMMARY:Stand-up',
    'DTSTART;TZID=Europe/Berlin:20260327T090000',
    'DURATION:PT15M',
    'RRULE:FREQ=DAILY;COUNT=4',
  )

  test('keeps a series with its moved and cancelled occurrences, through daylight saving', () => {
    const { result, list } = imported(
      ics(
        vevent(
          'UID:series',
          'RECURRENCE-ID;TZID=Europe/Berlin:20260328T090000',
          'SUMMARY:Late',
          'DTSTART;TZID=Europe/Berlin:20260328T110000',
          'DTEND;TZID=Europe/Berlin:20260328T111500',
        ),
        vevent(
          'UID:series',
          'RECURRENCE-ID;TZID=Europe/Berlin:20260330T090000',
          'STATUS:CANCELLED',
          'DTSTART;TZID=Europe/Berlin:20260330T090000',
        ),
        series,
      ),
    )
    expect(result).toMatchObject({ inserted: 3, problems: [] })
    expect(itemsOf(list('singleEvents=true&orderBy=startTime')).map(item => [item['summary'], item['start']])).toEqual([
      ['Stand-up', { dateTime: '2026-03-27T09:00:00+01:00', timeZone: 'Europe/Berlin' }],
      ['Late', { dateTime: '2026-03-28T11:00:00+01:00', timeZone: 'Europe/Berlin' }],
      ['Stand-up', { dateTime: '2026-03-29T09:00:00+02:00', timeZone: 'Europe/Berlin' }],
    ])
  })

  test('reports each event it cannot read, and takes the others', () => {
    const { result, list } = imported(
      ics(
        vevent('UID:bad-zone', 'SUMMARY:Mars', 'DTSTART;TZID=Mars/Olympus:20260303T090000'),
        vevent('UID:no-start', 'SUMMARY:Timeless'),
        vevent('UID:bad-date', 'DTSTART:yesterday'),
        vevent('UID:backwards', 'DTSTART:20260303T090000Z', 'DTEND:20260303T080000Z'),
        vevent('UID:bad-rule', 'DTSTART:20260303T090000Z', 'RRULE:FREQ=NEVER'),
        vevent('UID:no-such-occurrence', 'DTSTART:20260303T090000Z', 'RECURRENCE-ID:20260404T090000Z'),
        vevent('UID:no-such-occurrence', 'DTSTART:20260303T090000Z', 'RRULE:FREQ=DAILY;COUNT=2'),
        vevent('UID:good@example.com', 'SUMMARY:Fine', 'DTSTART:20260303T090000Z'),
      ),
    )
    const problems = Array.isArray(result['problems']) ? result['problems'] : []
    expect(problems).toMatchObject([
      { uid: 'bad-zone', summary: 'Mars', reason: 'unknown time zone Mars/Olympus' },
      { uid: 'no-start', summary: 'Timeless', reason: 'it has no DTSTART' },
      { uid: 'bad-date' },
      { uid: 'bad-rule' },
      { uid: 'backwards', reason: 'The specified time range is empty.' },
      { uid: 'no-such-occurrence', reason: 'its series has no occurrence at this RECURRENCE-ID' },
    ])
    expect(itemsOf(list()).map(item => item['iCalUID'])).toEqual(['no-such-occurrence', 'good@example.com'])
  })

  test('takes events without UID, one of several with the same, and no cancelled ones', () => {
    const at = 'DTSTART:20260303T090000Z'
    const { result, list } = imported(
      ics(
        vevent('SUMMARY:Nameless', at),
        vevent('SUMMARY:Nameless too', at),
        vevent('UID:twice', 'SEQUENCE:2', 'SUMMARY:New', at),
        vevent('UID:twice', 'SEQUENCE:1', 'SUMMARY:Old', at),
        vevent('UID:off', 'STATUS:CANCELLED', at),
      ),
    )
    expect(result).toMatchObject({ inserted: 3, problems: [] })
    expect(itemsOf(list()).map(item => item['summary'])).toEqual(['Nameless', 'Nameless too', 'New'])
    expect(idsOf(list())).toHaveLength(3)
  })
})

test('text that is no calendar at all has no events and no problems', () => {
  expect(loadIcs('hello', 'UTC')).toEqual({ name: null, timeZone: null, events: [], problems: [] })
})
