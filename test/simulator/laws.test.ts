import { RRuleTemporal } from 'rrule-temporal'
import { describe, expect, test } from 'vitest'

import type { JsonObject } from '../../src/simulator/json.ts'
import { occurrences } from '../../src/simulator/recurrence.ts'
import { fromWallMs } from '../../src/simulator/times.ts'
import { seededRandom } from '../../src/simulator/world.ts'
import { anEvent, ANNA, aWorld, control, idsOf, reasonOf } from './world-builder.ts'

const SEED = Number(process.env['SEED'] ?? 20_260_302)

function randomRule(pick: <T>(values: T[]) => T): string {
  const days = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']
  const byFrequency: Record<string, string[]> = {
    DAILY: ['', `;BYDAY=${pick(days)},${pick(days)}`, ';BYMONTH=3,10'],
    WEEKLY: ['', `;BYDAY=${pick(days)}`, `;BYDAY=MO,${pick(['WE', 'FR'])};WKST=SU`],
    MONTHLY: [
      '',
      `;BYDAY=${pick([1, 2, 4, -1])}${pick(days)}`,
      `;BYMONTHDAY=${pick([1, 29, 30, 31, -1, -2])}`,
      `;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=${pick([1, -1])}`,
    ],
    YEARLY: [
      '',
      `;BYMONTH=${pick([1, 2, 12])};BYMONTHDAY=${pick([1, 28, 29, -1])}`,
      `;BYMONTH=${pick([2, 3, 11])};BYDAY=${pick([1, 2, -1])}${pick(days)}`,
    ],
  }
  const frequency = pick(Object.keys(byFrequency))
  const interval = pick(['', ';INTERVAL=2', ';INTERVAL=3'])
  const end = pick([`;COUNT=${pick([1, 5, 12])}`, ';UNTIL=20280329T005959Z', ';UNTIL=20281029T120000Z'])
  return `FREQ=${frequency}${interval}${pick(byFrequency[frequency] ?? [''])}${end}`
}

describe(`series (seed ${SEED})`, () => {
  test('two libraries that know nothing of each other count the same occurrences of 150 rules', () => {
    const random = seededRandom(SEED)
    const pick = <T>(values: T[]): T => values[Math.floor(random() * values.length)]!
    let compared = 0
    for (let i = 0; i < 150; i++) {
      const rule = randomRule(pick)
      const zone = pick(['Europe/Berlin', 'America/Chicago', 'Asia/Tokyo', 'Australia/Sydney'])
      const wall = pick(['20260131T090000', '20240229T100000', '20260315T013000', '20261001T233000'])
      const iso = wall.replace(/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)/, '$1-$2-$3T$4:$5:$6Z')
      const start = { kind: 'time' as const, ms: fromWallMs(zone, Date.parse(iso)), zone }
      const series = { start, recurrence: [`RRULE:${rule}`] }
      const ours = [...occurrences(series, -Infinity, Infinity)].map(at => (at.kind === 'time' ? at.ms : NaN))
      const other = new RRuleTemporal({ rruleString: `DTSTART;TZID=${zone}:${wall}\nRRULE:${rule}` })
      const theirs = other.all(() => true).map(at => at.epochMilliseconds)
      expect(ours, `${wall} ${zone} ${rule}`).toEqual(theirs)
      compared += ours.length
    }
    expect(compared).toBeGreaterThan(1000)
  })

  const impossible = ['FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31', 'FREQ=HOURLY;BYMONTH=4;BYMONTHDAY=31']
  test.each(impossible)('%s has no occurrences, and looking for them ends', rule => {
    const start = { kind: 'time' as const, ms: Date.UTC(2026, 0, 1), zone: 'UTC' }
    expect([...occurrences({ start, recurrence: [`RRULE:${rule}`] }, -Infinity, Infinity)]).toEqual([])
  })
})

describe('worlds', () => {
  const lived = (seed: number): unknown => {
    const { anna, events, simulator } = aWorld({ seed })
    control(simulator, 'POST', 'faults', { reason: 'backendError', probability: 0.3 })
    for (let i = 0; i < 30; i++) anna('POST', events(), anEvent({ summary: `Event ${i}` }))
    return control(simulator, 'GET', 'state').body
  }

  test('are the same for the same seed, clock and requests, and other for another seed', () => {
    expect(lived(1)).toEqual(lived(1))
    expect(lived(1)).not.toEqual(lived(2))
  })

  test('reading everything by increments gives the same as reading everything at once', () => {
    const { anna, events } = aWorld({ seed: SEED })
    const random = seededRandom(SEED)
    const mirror = new Map<unknown, JsonObject>()
    let query = ''
    const pull = () => {
      for (let page = anna('GET', `${events()}?maxResults=3${query}`); ;) {
        const items = page.body['items']
        for (const item of Array.isArray(items) ? items : []) {
          if (typeof item !== 'object' || item === null || Array.isArray(item)) continue
          const isGone = item['status'] === 'cancelled' && item['recurringEventId'] === undefined
          if (isGone) mirror.delete(item['id'])
          else mirror.set(item['id'], item)
        }
        const next = page.body['nextPageToken']
        if (next === undefined) {
          query = `&syncToken=${encodeURIComponent(String(page.body['nextSyncToken']))}`
          return
        }
        page = anna('GET', `${events()}?maxResults=3${query}&pageToken=${encodeURIComponent(String(next))}`)
      }
    }
    const ids = Array.from({ length: 8 }, (_, i) => `event${i}aaa`)
    for (let step = 0; step < 200; step++) {
      const id = ids[Math.floor(random() * ids.length)]!
      const instance = `${id}_2026030${3 + Math.floor(random() * 4)}T160000Z`
      const recurrence = ['RRULE:FREQ=DAILY;COUNT=4']
      const act = Math.floor(random() * 6)
      if (act === 0) anna('POST', events(), anEvent({ id, ...(random() < 0.5 ? { recurrence } : {}) }))
      if (act === 1) anna('PATCH', `${events()}/${id}`, { summary: `Step ${step}`, status: 'confirmed' })
      if (act === 2 && random() < 0.4) anna('DELETE', `${events()}/${id}`)
      if (act === 3) anna('PATCH', `${events()}/${instance}`, { summary: `Step ${step}` })
      if (act === 4) anna('DELETE', `${events()}/${instance}`)
      if (act === 5) pull()
    }
    pull()
    const full = anna('GET', `${events()}?maxResults=2500`).body['items']
    const byId = (items: unknown): unknown[] =>
      (Array.isArray(items) ? items : []).sort((a, b) => (String(a['id']) < String(b['id']) ? -1 : 1))
    const living = byId(full).filter(item => typeof item === 'object')
    const cascaded = [...mirror.values()].filter(
      item =>
        item['recurringEventId'] === undefined || mirror.get(item['recurringEventId'])?.['recurrence'] !== undefined,
    )
    expect(byId(cascaded)).toEqual(living)
    expect(living.length).toBeGreaterThan(3)
  })

  test('forget tombstones when told to, but never free their ids', () => {
    const { anna, events, simulator } = aWorld()
    anna('POST', events(), anEvent({ id: 'abcde1' }))
    anna('DELETE', `${events()}/abcde1`)
    control(simulator, 'POST', `calendars/${ANNA}/purge`)
    expect(anna('GET', `${events()}/abcde1`).status).toBe(404)
    expect(idsOf(anna('GET', `${events()}?showDeleted=true`))).toEqual([])
    expect(reasonOf(anna('POST', events(), anEvent({ id: 'abcde1' })))).toBe('duplicate')
  })

  test('may rewrite the order of a rule’s parts, as recorded', () => {
    const { anna, events } = aWorld({ ruleOrder: 'rewritten' })
    const recurrence = ['RRULE:FREQ=YEARLY;BYMONTHDAY=20;BYMONTH=4']
    expect(anna('POST', events(), anEvent({ recurrence })).body['recurrence']).toEqual([
      'RRULE:FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=20',
    ])
  })
})
