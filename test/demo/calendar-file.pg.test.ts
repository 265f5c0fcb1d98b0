import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Setup } from '../../src/demo/page-server.ts'
import type { Week, WeekItem } from '../../src/demo/week.ts'
import { isUp, runDemo, type RunningDemo } from './demo-process.ts'

const START_MS_MAX = 120_000
const DAY_MS = 86_400_000
/** A Tuesday some weeks ahead, whenever this runs. */
const TUESDAY = new Date(Math.floor(Date.now() / DAY_MS / 7) * 7 * DAY_MS + 33 * DAY_MS).toISOString().slice(0, 10)
const compact = (wall: string): string => wall.replaceAll(/[-:]/g, '')

const FILE = [
  'BEGIN:VCALENDAR',
  'VERSION:2.0',
  'PRODID:-//test//EN',
  'X-WR-TIMEZONE:Europe/Berlin',
  ...anEvent(
    'choir',
    `DTSTART;TZID=Europe/Berlin:${compact(TUESDAY)}T190000`,
    `DTEND;TZID=Europe/Berlin:${compact(TUESDAY)}T210000`,
  ),
  ...anEvent('broken', 'DTSTART:someday', 'DTEND:later'),
  ...anEvent('holiday', `DTSTART;VALUE=DATE:${compact(TUESDAY)}`, 'DURATION:P1D'),
  'END:VCALENDAR',
].join('\r\n')

function anEvent(name: string, ...times: string[]): string[] {
  return [
    'BEGIN:VEVENT',
    `UID:${name}@example`,
    'DTSTAMP:20260101T000000Z',
    ...times,
    `SUMMARY:My ${name}`,
    'END:VEVENT',
  ]
}

let folder: string
let demo: RunningDemo

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-calendar-'))
  await writeFile(join(folder, 'mine.ics'), FILE)
  demo = await runDemo(['--calendar', 'mine.ics'], folder)
}, START_MS_MAX)

const ask = async <T>(path: string): Promise<T> => {
  const response = await fetch(`${demo.pageUrl}/api/${path}`)
  expect(response.status).toBe(200)
  return (await response.json()) as T // the page's own server
}

test('a calendar of one’s own is in the simulator and on the platform, on its own clock', async () => {
  const setup = await ask<Setup>('setup')
  expect(setup.members.map(each => each.userId)).toEqual(['you', 'dr-lee', 'dr-okafor', 'm-reyes'])
  expect(setup.members[0]?.timeZone).toBe('Europe/Berlin')
  const week = await ask<Week>(`week?userId=you&week=${TUESDAY}`)
  const shown = (items: WeekItem[]): unknown[] => items.map(({ title, from, isLocked }) => ({ title, from, isLocked }))
  expect(shown(week.google)).toEqual(
    expect.arrayContaining([
      { title: 'My choir', from: `${TUESDAY}T19:00`, isLocked: false },
      { title: 'My holiday', from: TUESDAY, isLocked: false },
    ]),
  )
  expect(shown(week.platform)).toEqual(
    expect.arrayContaining([
      { title: 'My choir', from: `${TUESDAY}T19:00`, isLocked: true },
      { title: 'My holiday', from: TUESDAY, isLocked: true },
    ]),
  )
  expect([...week.google, ...week.platform].every(each => each.pair !== null)).toBe(true)
})

test('an event that cannot be read is named with its reason, and costs nothing else', () => {
  expect(demo.output()).toContain('mine.ics: 2 events loaded')
  expect(demo.output()).toMatch(/left out "My broken": \S+/)
})

test('the clinic is there as well, both sides the same', async () => {
  const setup = await ask<Setup>('setup')
  const week = await ask<Week>(`week?userId=dr-lee&week=${setup.firstWeek}`)
  const living = week.platform.filter(each => !['cancelled', 'no_show'].includes(each.status))
  expect(living.length).toBeGreaterThan(10)
  expect(living.filter(each => each.pair === null)).toEqual([])
  expect(week.google.filter(each => each.pair === null)).toEqual([])
  const times = new Map(week.google.map(each => [each.pair, each.from]))
  for (const item of living) expect([item.title, times.get(item.pair)]).toEqual([item.title, item.from])
})

test('Ctrl-C stops every part and leaves no files behind', async () => {
  const { pageUrl, serviceUrl, simulatorUrl } = demo
  const parts = [pageUrl, `${serviceUrl}/health/live`, simulatorUrl]
  expect(await Promise.all(parts.map(isUp))).toEqual([true, true, true])
  expect(await demo.stop()).toBe(0)
  expect(await Promise.all(parts.map(isUp))).toEqual([false, false, false])
  expect(await readdir(folder)).toEqual(['mine.ics'])
}, 30_000)

afterAll(async () => {
  await demo.stop()
  await rm(folder, { recursive: true, force: true })
})
