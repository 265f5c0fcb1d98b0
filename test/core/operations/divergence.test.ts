import { describe, expect, test } from 'vitest'
import { divergenceOf, mustBeListed, sampleSize, unseen } from '../../../src/core/operations/divergence.ts'
import { verdict, type Verdict } from '../../../src/core/sync/verdict.ts'
import { aLink, anAppointment, DAY, HOUR, NOW } from '../../support/builders.ts'

const appointment = anAppointment({ id: 'apt_1' })
const ours = aLink({ appointmentId: 'apt_1', role: 'ours' })
const nobody = (): boolean => false

describe('what a decision over a full list would still change', () => {
  test.each<[sentence: string, link: typeof ours | null, fields: Partial<Verdict>, kind: string | null]>([
    ['an event that is not here is unknown', null, { appointment, link: ours }, 'unknown'],
    [
      'one that would only be set aside too',
      null,
      { link: { ...ours, appointmentId: null, role: 'parked' } },
      'unknown',
    ],
    ['an appointment that would be changed is outdated', ours, { appointment, link: ours }, 'outdated'],
    ['a write that should wait and does not was lost', ours, { isQueued: true, link: ours }, 'unwritten'],
    ['a link without its appointment is gone', ours, { forget: ours }, 'gone'],
    [
      'one that would be flagged missing too',
      ours,
      { link: { ...ours, missing: { how: 'deleted', since: NOW } } },
      'gone',
    ],
    ['a link whose etag alone changed says the same', ours, { link: { ...ours, etag: '"2"' } }, null],
    ['an edit that awaits an answer is known', ours, { link: ours, proposal: { kind: 'edit', values: {} } }, null],
    ['nothing is nothing', ours, {}, null],
  ])('%s', (_sentence, link, fields, kind) => {
    expect(divergenceOf(verdict('event-1', 'rule', fields), link, nobody)?.kind ?? null).toBe(kind)
  })

  test('what waits to be written differs for a while, and is no divergence', () => {
    const changed = verdict('event-1', 'rule', { appointment, link: ours, after: { title: 'x' } })
    expect(divergenceOf(changed, ours, id => id === 'apt_1')).toBeNull()
    expect(divergenceOf(changed, ours, nobody)).toEqual({
      kind: 'outdated',
      eventId: 'event-1',
      appointmentId: 'apt_1',
      rule: 'rule',
      fields: ['title'],
    })
  })

  test('it is decided by content: an etag or a fingerprint that is still the same proves nothing', () => {
    expect(unseen(ours).etag).toBeNull()
    expect(unseen({ ...ours, role: 'theirs', contentHash: 'abc' }).contentHash).toBeNull()
  })
})

describe('a full list has to show', () => {
  const endAt = appointment.time.kind === 'timed' ? appointment.time.endAt : 0
  test.each([
    ['what ends after its beginning', appointment, ours, endAt - HOUR, true],
    ['everything when it has no beginning', appointment, ours, null, true],
    ['not what was over by then', appointment, ours, endAt, false],
    ['an endless series', { ...appointment, recurrence: ['RRULE:FREQ=DAILY'] }, ours, endAt + 900 * DAY, true],
    ['not what was called off', { ...appointment, status: 'cancelled' as const }, ours, null, false],
    ['not what was archived', { ...appointment, archivedAt: NOW }, ours, null, false],
    [
      'not what is being asked about',
      appointment,
      { ...ours, missing: { how: 'absent' as const, since: NOW } },
      null,
      false,
    ],
    ['not what stands for itself', appointment, { ...ours, role: 'parked' as const }, null, false],
  ])('%s', (_sentence, of, link, from, expected) => {
    expect(mustBeListed(of, link, from)).toBe(expected)
  })
})

describe('how many calendars are compared', () => {
  test('over a day it is the share, however few there are and however short the stretches', () => {
    const stretchMs = 5 * 60_000
    for (const [calendars, share] of [
      [100, 0.01],
      [7, 1],
      [100_000, 0.01],
      [3, 0.1],
    ] as const) {
      let counted = 0
      const days = 400
      const slots = (days * DAY) / stretchMs
      for (let slot = 0; slot < slots; slot += 1)
        counted += sampleSize(calendars, share, stretchMs, (slot * 0.618034) % 1)
      expect(counted / days / (calendars * share)).toBeCloseTo(1, 1)
    }
  })

  test('none of none, and none where nobody wants it', () => {
    expect(sampleSize(0, 1, DAY, 0)).toBe(0)
    expect(sampleSize(1_000, 0, DAY, 0)).toBe(0)
  })
})
