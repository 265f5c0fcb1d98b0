import { describe, expect, test } from 'vitest'
import type { AppointmentStatus } from '../../../src/core/model/appointment.ts'
import { isOff, mayMove, STATUS_MOVES, STATUSES, type StatusMove } from '../../../src/core/model/status-moves.ts'

const cases: [from: AppointmentStatus, to: AppointmentStatus, move: StatusMove][] = [
  ['tentative', 'confirmed', 'confirms'],
  ['tentative', 'completed', 'completes'],
  ['tentative', 'cancelled', 'cancels'],
  ['tentative', 'no_show', 'misses'],
  ['confirmed', 'tentative', 'loosens'],
  ['confirmed', 'completed', 'completes'],
  ['confirmed', 'cancelled', 'cancels'],
  ['confirmed', 'no_show', 'misses'],
  ['completed', 'tentative', 'corrects'],
  ['completed', 'confirmed', 'corrects'],
  ['completed', 'cancelled', 'cancels'],
  ['completed', 'no_show', 'misses'],
  ['cancelled', 'tentative', 'rebooks'],
  ['cancelled', 'confirmed', 'rebooks'],
  ['cancelled', 'completed', 'rebooks'],
  ['cancelled', 'no_show', 'misses'],
  ['no_show', 'tentative', 'corrects'],
  ['no_show', 'confirmed', 'corrects'],
  ['no_show', 'completed', 'completes'],
  ['no_show', 'cancelled', 'cancels'],
]
test.each(cases)('from %s to %s: it %s', (from, to, move) => expect(STATUS_MOVES[from][to]).toBe(move))

describe('laws over the whole table', () => {
  test('staying is no move, and nothing else is none', () => {
    for (const from of STATUSES) for (const to of STATUSES) expect(STATUS_MOVES[from][to] === 'none').toBe(from === to)
  })
  test('only PUT brings back what was called off, and any call makes the other moves', () => {
    for (const from of STATUSES)
      for (const to of STATUSES) {
        const move = STATUS_MOVES[from][to]
        expect(mayMove(move, 'put')).toBe(true)
        expect(mayMove(move, 'patch')).toBe(!(from === 'cancelled' && !isOff(to)))
      }
  })
})
