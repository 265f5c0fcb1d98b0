import type { SampleReads } from '../../src/ports/store/samples.ts'
import { by } from './memory-reads.ts'
import type { View } from './memory-world.ts'

/** What was compared with Google, over a view of the world. */
export function memorySamples(view: () => View): SampleReads {
  return {
    calendarsToCompare: async limit => {
      const seen = view()
      const used = seen.across('calendars').filter(calendar => {
        const connection = seen.get('connections', calendar.tenantId, calendar.connectionId)
        if (connection?.status !== 'active' || connection.mode === 'off') return false
        const isTakenIn = (calendar.isSource || calendar.isConflict) && connection.mode !== 'push_only'
        return (calendar.isTarget || isTakenIn) && !calendar.isGone && calendar.cursor.syncToken !== null
      })
      const due = used
        .map(({ tenantId, connectionId, id }) => {
          const at = seen.get('samples', tenantId, connectionId, id)?.at ?? -Infinity
          return { at, key: { tenantId, connectionId, calendarId: id } }
        })
        .sort(by(({ at, key }) => [at, key.tenantId, key.connectionId, key.calendarId]))
      return { total: used.length, calendars: due.slice(0, limit).map(({ key }) => key) }
    },
    samplesOf: async (tenantId, connectionId) =>
      view()
        .of('samples', tenantId)
        .filter(each => each.connectionId === connectionId)
        .sort(by(each => [each.calendarId])),
    divergentSamples: async limit =>
      view()
        .across('samples')
        .filter(each => each.differing > 0)
        .sort(by(each => [-each.at, each.tenantId, each.connectionId, each.calendarId]))
        .slice(0, limit)
        .map(({ tenantId, connectionId, calendarId, at, compared, differing }) => ({
          tenantId,
          connectionId,
          calendarId,
          at,
          compared,
          differing,
        })),
  }
}
