import { describe, expect, test } from 'vitest'
import { allDay, EVER, starts, timed } from './series.ts'

/** `1997: 9/2 9/9` → dates. */
const dates = (text: string): string[] => {
  let year = ''
  return text.split(/\s+/).flatMap(word => {
    if (/^\d{4}:$/.test(word)) {
      year = word.slice(0, 4)
      return []
    }
    const [month = '', day = ''] = word.split('/')
    return [`${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`]
  })
}

describe('the examples of RFC 5545 §3.8.5.3, from 2 September 1997, 9:00 in New York', () => {
  const cases: [sentence: string, rule: string, start: string, expected: string][] = [
    ['daily, ten times', 'FREQ=DAILY;COUNT=10', '1997-09-02', '1997: 9/2 9/3 9/4 9/5 9/6 9/7 9/8 9/9 9/10 9/11'],
    ['every ten days, five times', 'FREQ=DAILY;INTERVAL=10;COUNT=5', '1997-09-02', '1997: 9/2 9/12 9/22 10/2 10/12'],
    [
      'weekly until 7 October',
      'FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH',
      '1997-09-02',
      '1997: 9/2 9/4 9/9 9/11 9/16 9/18 9/23 9/25 9/30 10/2',
    ],
    [
      'every other week on Tuesday and Thursday',
      'FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH',
      '1997-09-02',
      '1997: 9/2 9/4 9/16 9/18 9/30 10/2 10/14 10/16',
    ],
    [
      'first Friday of the month',
      'FREQ=MONTHLY;COUNT=10;BYDAY=1FR',
      '1997-09-05',
      '1997: 9/5 10/3 11/7 12/5 1998: 1/2 2/6 3/6 4/3 5/1 6/5',
    ],
    [
      'every other month on first and last Sunday',
      'FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU',
      '1997-09-07',
      '1997: 9/7 9/28 11/2 11/30 1998: 1/4 1/25 3/1 3/29 5/3 5/31',
    ],
    [
      'the last Monday but one',
      'FREQ=MONTHLY;COUNT=6;BYDAY=-2MO',
      '1997-09-22',
      '1997: 9/22 10/20 11/17 12/22 1998: 1/19 2/16',
    ],
    [
      'the third day before the end of the month',
      'FREQ=MONTHLY;BYMONTHDAY=-3;COUNT=6',
      '1997-09-28',
      '1997: 9/28 10/29 11/28 12/29 1998: 1/29 2/26',
    ],
    [
      'the 2nd and 15th',
      'FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15',
      '1997-09-02',
      '1997: 9/2 9/15 10/2 10/15 11/2 11/15 12/2 12/15 1998: 1/2 1/15',
    ],
    [
      'first and last day of the month',
      'FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1',
      '1997-09-30',
      '1997: 9/30 10/1 10/31 11/1 11/30 12/1 12/31 1998: 1/1 1/31 2/1',
    ],
    [
      'every 18 months on the 10th to 15th',
      'FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15',
      '1997-09-10',
      '1997: 9/10 9/11 9/12 9/13 9/14 9/15 1999: 3/10 3/11 3/12 3/13',
    ],
    [
      'every June and July',
      'FREQ=YEARLY;COUNT=10;BYMONTH=6,7',
      '1997-06-10',
      '1997: 6/10 7/10 1998: 6/10 7/10 1999: 6/10 7/10 2000: 6/10 7/10 2001: 6/10 7/10',
    ],
    [
      'every third year on the 1st, 100th and 200th day',
      'FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200',
      '1997-01-01',
      '1997: 1/1 4/10 7/19 2000: 1/1 4/9 7/18 2003: 1/1 4/10 7/19 2006: 1/1',
    ],
    ['the 20th Monday of the year', 'FREQ=YEARLY;BYDAY=20MO;COUNT=3', '1997-05-19', '1997: 5/19 1998: 5/18 1999: 5/17'],
    ['Monday of week 20', 'FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;COUNT=3', '1997-05-12', '1997: 5/12 1998: 5/11 1999: 5/17'],
    [
      'every Thursday in March',
      'FREQ=YEARLY;BYMONTH=3;BYDAY=TH;COUNT=11',
      '1997-03-13',
      '1997: 3/13 3/20 3/27 1998: 3/5 3/12 3/19 3/26 1999: 3/4 3/11 3/18 3/25',
    ],
    [
      'Friday the 13th, the start counted as Google does',
      'FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=5',
      '1997-09-02',
      '1997: 9/2 1998: 2/13 3/13 11/13 1999: 8/13',
    ],
    [
      'the Saturday after the first Sunday',
      'FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13;COUNT=10',
      '1997-09-13',
      '1997: 9/13 10/11 11/8 12/13 1998: 1/10 2/7 3/7 4/11 5/9 6/13',
    ],
    [
      'election day',
      'FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8;COUNT=3',
      '1996-11-05',
      '1996: 11/5 2000: 11/7 2004: 11/2',
    ],
    [
      'the third of Tuesday, Wednesday and Thursday',
      'FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3',
      '1997-09-04',
      '1997: 9/4 10/7 11/6',
    ],
    [
      'the last working day but one',
      'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2;COUNT=7',
      '1997-09-29',
      '1997: 9/29 10/30 11/27 12/30 1998: 1/29 2/26 3/30',
    ],
    [
      'days beginning on Monday',
      'FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO',
      '1997-08-05',
      '1997: 8/5 8/10 8/19 8/24',
    ],
    [
      'the same beginning on Sunday',
      'FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU',
      '1997-08-05',
      '1997: 8/5 8/17 8/19 8/31',
    ],
    [
      'an invalid date is passed over',
      'FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5',
      '2007-01-15',
      '2007: 1/15 1/30 2/15 3/15 3/30',
    ],
  ]
  test.each(cases)('%s', (_sentence, rule, start, expected) => {
    const series = timed(`${start}T09:00:00`, 'America/New_York', `RRULE:${rule}`)
    expect(starts(series, ...EVER)).toEqual(dates(expected).map(date => `${date}T09:00`))
    expect(starts(allDay(start, `RRULE:${rule}`), ...EVER).slice(0, 3)).toEqual(dates(expected).slice(0, 3))
  })
})
