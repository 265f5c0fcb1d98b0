import { expect, test } from 'vitest'
import type { Stretch } from '../../src/ports/store/comparison.ts'
import { at, DAY, NOW } from '../support/builders.ts'
import { newTenant, type StoreUnderTest, type TestTenant } from './store.fixtures.ts'

const all: Stretch = {
  userId: null,
  origin: null,
  from: null,
  to: null,
  madeUntil: NOW + DAY,
  after: null,
  upTo: null,
  limit: 100,
}

/** Ids whose order no two locales agree about, in the order of their bytes. */
const IN_ORDER = ['A-2', 'B-1', '_', 'a-1', 'a.1', 'a1', 'b', 'é', 'ｚ', '🗓']

export function storeComparisonContract(subject: () => StoreUnderTest): void {
  const aTenant = async (more: Parameters<TestTenant['appointment']>[0][] = []) => {
    const { store } = subject()
    const t = await newTenant(store)
    const each = [...IN_ORDER.toReversed().map(id => ({ id })), ...more]
    await t.apply({ appointments: each.map(fields => t.appointment({ createdAt: NOW, ...fields })) })
    const unlisted = async (stretch: Partial<Stretch> = {}, listed: string[] = []): Promise<string[]> =>
      (await store.unlisted(t.tenantId, { ...all, ...stretch }, listed)).map(found => found.id)
    return { store, t, unlisted }
  }

  test('what is not listed comes in the order of the bytes, a stretch at a time, each once', async () => {
    const { unlisted } = await aTenant()
    for (const origin of [null, 'platform'] as const) {
      expect(await unlisted({ origin })).toEqual(IN_ORDER)
      expect(await unlisted({ origin, after: 'a-1', upTo: 'é' })).toEqual(['a.1', 'a1', 'b', 'é'])
      expect(await unlisted({ origin, after: 'é' })).toEqual(['ｚ', '🗓'])
      expect(await unlisted({ origin, limit: 2 })).toEqual(['A-2', 'B-1'])
      expect(await unlisted({ origin }, ['A-2', '🗓', 'unknown', 'a1'])).not.toContain('a1')
      expect(await unlisted({ origin }, IN_ORDER)).toEqual([])
    }
  })

  test('only what is alive, was made in time, and is of the user, the side and the window that are compared', async () => {
    const { unlisted } = await aTenant([
      { id: 'x-archived', archivedAt: NOW },
      { id: 'x-cancelled', status: 'cancelled' },
      { id: 'x-no-show', status: 'no_show' },
      { id: 'x-late', createdAt: NOW + 2 * DAY },
      { id: 'y-other', userId: 'dr-chan' },
      { id: 'y-google', origin: 'google' },
      { id: 'y-far', time: at(NOW + 90 * DAY) },
    ])
    expect(await unlisted({ after: 'w', upTo: 'z' })).toEqual(['y-far', 'y-google', 'y-other'])
    expect(await unlisted({ after: 'w', upTo: 'z', userId: 'dr-chan' })).toEqual(['y-other'])
    expect(await unlisted({ after: 'w', upTo: 'z', origin: 'google' })).toEqual(['y-google'])
    expect(await unlisted({ after: 'w', upTo: 'z', origin: 'platform' })).toEqual(['y-far', 'y-other'])
    expect(await unlisted({ after: 'w', upTo: 'z', from: NOW + 30 * DAY })).toEqual(['y-far'])
    expect(await unlisted({ after: 'w', upTo: 'z', to: NOW + 30 * DAY })).toEqual(['y-google', 'y-other'])
  })

  test('a page of a thousand ids costs one statement for what is held and one for what is not listed', async () => {
    const { store, t, unlisted } = await aTenant([{ id: 'gone', archivedAt: NOW, version: 4, updatedAt: NOW + 1 }])
    const ids = Array.from({ length: 1_000 }, (_, index) => `none-${index}`)
    const statements = await subject().counted(() => store.versionsOf(t.tenantId, [...ids, 'gone', 'a1']))
    // `counted` leaves one out, which a transaction has besides and a read has not.
    expect([0, null]).toContain(statements)
    expect([0, null]).toContain(await subject().counted(() => unlisted({}, ids)))
    const found = await store.versionsOf(t.tenantId, [...ids, 'gone', 'gone'])
    expect(found).toEqual([{ id: 'gone', version: 4, updatedAt: NOW + 1, isArchived: true }])
  })
}
