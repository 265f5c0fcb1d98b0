import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parser } from '@prometheus-io/lezer-promql'
import { parse } from 'yaml'
import { measuredSender, measuredStore } from '../../../src/adapters/metrics/measured.ts'
import { createRegistry, prometheusMetrics, type Sources } from '../../../src/adapters/metrics/prometheus.ts'
import type { Figures } from '../../../src/ports/store/overview.ts'
import type { Store } from '../../../src/ports/store/store.ts'
import { createMemoryStore } from '../../support/memory-store.ts'
import { anApp, NOW, storeWith } from '../http/an-app.ts'

const FIGURES: Figures = {
  lanes: [{ lane: 'people', state: 'queued', count: 3, oldestAt: NOW - 60_000 }],
  connections: [{ status: 'active', count: 2 }],
  channels: [{ state: 'live', count: 4 }],
  longestSilentSince: NOW - 5_000,
  endpoints: [{ status: 'enabled', count: 1 }],
  deliveriesWaiting: 7,
  oldestDeliveryAt: null,
  openProposals: 1,
  openDuplicates: 0,
  recoveringCalendars: 0,
  orphans: 0,
}

async function scraped(over: Partial<Sources> = {}) {
  const registry = createRegistry()
  let asked = 0
  const metrics = prometheusMetrics(registry, {
    figures: async () => {
      asked += 1
      return FIGURES
    },
    meters: async () => [
      { meter: 'project', perMinute: 9_000, use: 0.25, waitMs: 0, slowedAt: null },
      { meter: 'user tnt_1/con_1', perMinute: 500, use: 1, waitMs: 10, slowedAt: null },
    ],
    quarantined: async () => 0,
    now: () => NOW,
    ...over,
  })
  const { app } = await anApp({ store: storeWith({}), registry })
  const scrape = async () => (await app.inject('/metrics')).body
  return { metrics, scrape, asked: () => asked }
}

describe('GET /metrics', () => {
  test('says how things stand, asked once per scrape, and names no user and no tenant', async () => {
    const { scrape, asked } = await scraped()
    const text = await scrape()
    expect(text).toContain('lockstep_outbox_writes{lane="people",state="queued"} 3')
    expect(text).toContain('lockstep_outbox_oldest_seconds{lane="people",state="queued"} 60')
    expect(text).toContain('lockstep_channel_longest_silence_seconds 5')
    expect(text).toContain('lockstep_webhook_waiting 7')
    expect(text).toContain('lockstep_quota_use_ratio{meter="project"} 0.25')
    expect(text).not.toMatch(/tnt_|con_1/)
    expect(asked()).toBe(1)
  })

  test('counts and times what happens', async () => {
    const { metrics, scrape } = await scraped()
    metrics.googleRequest({ method: 'events.list', outcome: 'sync-token-expired', ms: 120 })
    metrics.eventStored(700)
    metrics.writeSent(-5)
    metrics.delivery({ outcome: 'status 500', ms: 30 })
    const text = await scrape()
    expect(text).toContain('lockstep_google_requests_total{method="events.list",outcome="sync-token-expired"} 1')
    expect(text).toContain('lockstep_event_lag_seconds_sum 0.7')
    expect(text).toContain('lockstep_write_lag_seconds_sum 0\n')
    expect(text).toContain('lockstep_webhook_deliveries_total{outcome="status 500"} 1')
  })

  test('a database that does not answer takes only its own figures away', async () => {
    const { scrape } = await scraped({ figures: () => Promise.reject(new Error('away')) })
    const text = await scrape()
    expect(text).not.toContain('lockstep_outbox_writes{')
    expect(text).toContain('lockstep_quota_use_ratio{meter="project"} 0.25')
    expect(text).toContain('nodejs_eventloop_lag_p99_seconds')
  })

  test('each call of the store is timed under its name, failed ones too, and waiting is not', async () => {
    const calls: string[] = []
    const metrics = { databaseCall: ({ operation }: { operation: string }) => void calls.push(operation) }
    const store: Store = measuredStore(createMemoryStore(), metrics)
    expect(await store.tenant('nobody')).toBeNull()
    await expect(store.transaction('nobody', () => Promise.reject(new Error('crash')))).rejects.toThrow('crash')
    await store.awaitChange('nobody', 0, 1)
    expect(calls).toEqual(['tenant', 'transaction'])
  })

  test('an attempt to deliver is counted by what it led to', async () => {
    const seen: string[] = []
    const metrics = { delivery: ({ outcome }: { outcome: string }) => void seen.push(outcome) }
    const message = { url: 'https://a.test', secrets: [], id: '1', at: NOW, body: '' }
    const failure = { kind: 'answered', status: 503, retryAfterMs: 0 } as const
    const answers = [
      { ok: true, value: { status: 200 } },
      { ok: false, error: failure },
      { ok: false, error: { kind: 'timeout' } },
    ] as const
    for (const answer of answers)
      await measuredSender({ faultOf: () => null, send: async () => answer }, metrics).send(message)
    expect(seen).toEqual(['ok', 'status 503', 'timeout'])
  })
})

type Rules = { groups: { rules: { alert: string; expr: string; annotations: Record<string, string> }[] }[] }
const rules = (parse(readFileSync('ops/prometheus/rules.yml', 'utf8')) as Rules).groups.flatMap(group => group.rules)
const dashboard = JSON.parse(readFileSync('ops/grafana/lockstep.json', 'utf8')) as {
  panels: { title: string; targets: { expr: string }[] }[]
}

/** Read by Prometheus's own grammar: the parts that it cannot read, and the metrics that are selected. */
function readPromQl(expr: string): { faults: string[]; metrics: string[] } {
  const [faults, metrics]: [string[], string[]] = [[], []]
  parser.parse(expr).iterate({
    enter: ({ name, type, from, to }) => {
      if (type.isError) faults.push(`at ${from}: ${expr.slice(from, to + 20)}`)
      if (name === 'Identifier') metrics.push(expr.slice(from, to))
    },
  })
  return { faults, metrics: metrics.filter(each => /^(?:lockstep|nodejs|process)_/.test(each)) }
}

/** A histogram's own series stand for it. */
const metricsIn = (expr: string): string[] =>
  readPromQl(expr).metrics.map(name => name.replace(/_(?:bucket|sum|count)$/, ''))

const isReadable = (expr: string): boolean => readPromQl(expr).faults.length === 0

describe('dashboard and alerts', () => {
  test('every metric that they name is one that /metrics has', async () => {
    const { scrape } = await scraped()
    const known = new Set([...(await scrape()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name))
    const named = [...rules.map(rule => rule.expr), ...dashboard.panels.flatMap(each => each.targets.map(t => t.expr))]
    expect(named.flatMap(metricsIn).filter(name => !known.has(name))).toEqual([])
    expect(named.filter(expr => metricsIn(expr).length === 0)).toEqual([])
    expect(metricsIn('rate(lockstep_no_such_total[5m])').every(name => known.has(name))).toBe(false)
  })

  test('every metric of ours is on the dashboard', async () => {
    const { scrape } = await scraped()
    const ours = [...(await scrape()).matchAll(/^# TYPE (lockstep_\S+)/gm)].map(([, name]) => name)
    const shown = new Set(dashboard.panels.flatMap(each => each.targets.flatMap(target => metricsIn(target.expr))))
    expect(ours.filter(name => name !== undefined && !shown.has(name))).toEqual([])
  })

  test('each alert has a name of its own, an expression that compares, and says what it means', () => {
    expect(new Set(rules.map(rule => rule.alert)).size).toBe(rules.length)
    expect(rules.length).toBeGreaterThan(8)
    for (const { alert, expr, annotations } of rules) {
      expect([alert, isReadable(expr), /[<>]=? *[\d.]+$/.test(expr)]).toEqual([alert, true, true])
      expect([alert, annotations['summary'] ?? '', annotations['description'] ?? ''].every(text => text !== '')).toBe(
        true,
      )
    }
    for (const broken of ['sum(rate(x[5m])', 'rate(x[5 parsecs])', 'sum by le (x)', 'x{a=b}', 'x >', 'histogram(x y)'])
      expect([broken, isReadable(broken)]).toEqual([broken, false])
  })

  test('each panel has a title and expressions that Prometheus can read', () => {
    for (const { title, targets } of dashboard.panels)
      expect([title, targets.length > 0 && targets.every(({ expr }) => isReadable(expr))]).toEqual([title, true])
  })
})
