import type { ComparisonReads } from '../../src/ports/store/comparison.ts'
import type { View } from './memory-world.ts'

const bytes = (text: string): Buffer => Buffer.from(text)

export function memoryComparison(view: () => View): ComparisonReads {
  return {
    versionsOf: async (tenantId, ids) =>
      [...new Set(ids)].flatMap(id => {
        const stored = view().get('appointments', tenantId, id)?.appointment
        if (stored === undefined) return []
        return [{ id, version: stored.version, updatedAt: stored.updatedAt, isArchived: stored.archivedAt !== null }]
      }),
    unlisted: async (tenantId, { userId, origin, from, to, madeUntil, after, upTo, limit }, listed) => {
      const isListed = new Set(listed)
      return view()
        .of('appointments', tenantId)
        .filter(({ appointment: a }) => a.archivedAt === null && !['cancelled', 'no_show'].includes(a.status))
        .filter(({ appointment: a }) => a.userId === (userId ?? a.userId) && a.origin === (origin ?? a.origin))
        .filter(({ startAt, endAt }) => (from === null || endAt > from) && (to === null || startAt < to))
        .map(({ appointment }) => appointment)
        .filter(a => a.createdAt <= madeUntil && !isListed.has(a.id))
        .filter(a => after === null || Buffer.compare(bytes(a.id), bytes(after)) > 0)
        .filter(a => upTo === null || Buffer.compare(bytes(a.id), bytes(upTo)) <= 0)
        .sort((a, b) => Buffer.compare(bytes(a.id), bytes(b.id)))
        .slice(0, limit)
        .map(a => ({ id: a.id, userId: a.userId, origin: a.origin, status: a.status, version: a.version }))
    },
  }
}
