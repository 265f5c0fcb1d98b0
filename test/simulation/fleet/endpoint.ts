import { fail, succeed } from '../../../src/core/model/failures.ts'
import type { WebhookSender } from '../../../src/ports/webhook-sender.ts'
import type { Court } from './checks.ts'

export type Endpoint = {
  mode: 'up' | 'down' | 'slow' | 'gone'
  /** It once wanted nothing more: what it then missed is not held against anybody. */
  wasGone: boolean
  /** What arrived, by address and number of the change. */
  arrived: Map<string, Set<number>>
}

export const newEndpoint = (): Endpoint => ({ mode: 'up', wasGone: false, arrived: new Map() })

/** The platforms' receivers. S12: one id per change, and per appointment in order when it comes for the first time. S7: nobody's but theirs. */
export function receiver(endpoint: Endpoint, court: Court): WebhookSender {
  const ids = new Map<string, string>()
  const last = new Map<string, number>()
  return {
    faultOf: () => null,
    send: async ({ url, id, body }) => {
      if (endpoint.mode === 'gone') endpoint.wasGone = true
      if (endpoint.mode === 'gone') return fail({ kind: 'gone' })
      const seq = Number(id.split('_').at(-1))
      const change = JSON.parse(body) as { id: string; data: { id?: string; userId?: string } }
      const key = `${url} ${seq}`
      if ((ids.get(key) ?? id) !== id || change.id === '') court.accuse('S12', `change ${seq} comes under two ids`)
      ids.set(key, id)
      if (endpoint.mode === 'down') return fail({ kind: 'connection' })
      if (endpoint.mode === 'slow') return fail({ kind: 'timeout' })
      const arrived = endpoint.arrived.get(url) ?? new Set()
      endpoint.arrived.set(url, arrived)
      const lane = `${url} ${change.data.id ?? ''}`
      if (!arrived.has(seq) && seq < (last.get(lane) ?? 0))
        court.accuse('S12', `change ${seq} of ${change.data.id} comes after ${last.get(lane)}`)
      last.set(lane, Math.max(seq, last.get(lane) ?? 0))
      arrived.add(seq)
      return succeed({ status: 200 })
    },
  }
}
