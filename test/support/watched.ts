import { Writable } from 'node:stream'
import { Registry } from 'prom-client'
import { createLog } from '../../src/adapters/log/log.ts'
import { prometheusMetrics } from '../../src/adapters/metrics/prometheus.ts'
import type { Log } from '../../src/ports/log.ts'
import type { Metrics } from '../../src/ports/metrics.ts'

/**
 * Looked for in all that leaves for operators while the tests run at the most verbose level: the patient and the addresses that builders and
 * stories plant everywhere, the tokens that the simulator mints, the keys that tenants get. `canary.ts` fails the test in which
 * one was found.
 */
const PLANTED = /Jane Roe|[\w.+-]@example\.(?:com|org)|\bya29\.|\b1\/\/0|\blk_[A-Za-z0-9_-]{16,}|admin-token-of/i

export type Place = 'log' | 'metric' | 'problem' | 'page' | 'span'
export const looked: Record<Place, number> = { log: 0, metric: 0, problem: 0, page: 0, span: 0 }
let leaks: string[] = []

/** Something left for somebody who may not see content. */
export function noteLeaving(place: Place, text: string): void {
  looked[place] += 1
  const found = PLANTED.exec(text)
  if (found === null) return
  const around = text.slice(Math.max(0, found.index - 120), found.index + 80)
  leaks.push(`${place}: …${around}…`)
}

/** What was found since the last look. */
export function takeLeaks(): string[] {
  const found = leaks
  leaks = []
  return found
}

/** The service's own log at its most verbose, read as it is written. */
export function watchedLog(): Log {
  return createLog('debug', { write: line => noteLeaving('log', line) })
}

let registry: Registry | null = null
let metrics: Metrics | null = null

/** The service's own figures, one registry for all engines of a file; read when the file is done. */
export function watchedMetrics(): Metrics {
  registry ??= new Registry()
  metrics ??= prometheusMetrics(
    registry,
    {
      figures: () => Promise.reject(new Error('nobody asks for figures here')),
      meters: async () => [],
      quarantined: async () => 0,
      now: () => Date.now(),
    },
    { ofProcess: false },
  )
  return metrics
}

/** The output of a process of its own. */
export function watchedOutput(): Writable {
  return new Writable({
    write: (chunk, _encoding, done) => {
      for (const line of String(chunk).split('\n')) if (line !== '') noteLeaving('log', line)
      done()
    },
  })
}

/** What the engines of this file counted; null: there were none. */
export const watchedFigures = async (): Promise<string | null> => (registry === null ? null : registry.metrics())
