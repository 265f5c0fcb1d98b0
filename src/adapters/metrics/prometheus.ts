import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Instant } from '../../core/model/time.ts'
import type { Metrics } from '../../ports/metrics.ts'
import type { MeterReading } from '../../ports/quota.ts'
import type { Figures } from '../../ports/store/overview.ts'

/** What is asked when somebody scrapes. */
export type Sources = {
  figures(): Promise<Figures>
  meters(): Promise<MeterReading[]>
  quarantined(): Promise<number>
  now(): Instant
}

/** Figures are asked once per scrape, and not more often than this however many scrape. */
const FIGURES_KEPT_MS = 2_000
/** Meters of users are as many as there are users; what is measured is bounded. */
const USER = 'user '
const LAGS = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15, 60, 300, 900, 3_600]

export const createRegistry = (): Registry => new Registry()

/** The service's own figures beside those of the process: no tenant and no user in a label, so that the number of series is bounded. */
export function prometheusMetrics(
  registry: Registry,
  sources: Sources,
  { ofProcess = true }: { ofProcess?: boolean } = {},
): Metrics {
  if (ofProcess) collectDefaultMetrics({ register: registry })
  const metrics = happenings(registry)
  standings(registry, sources)
  return metrics
}

function happenings(registry: Registry): Metrics {
  const registers = [registry]
  const requests = new Counter({
    name: 'lockstep_google_requests_total',
    help: 'Requests to Google, by call and outcome.',
    labelNames: ['method', 'outcome'],
    registers,
  })
  const requestSeconds = histogram('lockstep_google_request_seconds', 'Time for Google to answer.', ['method'])
  const stored = histogram('lockstep_event_lag_seconds', 'From Google’s own updated to stored here.', [], LAGS)
  const sent = histogram('lockstep_write_lag_seconds', 'From an accepted change to Google.', [], LAGS)
  const compared = new Counter({
    name: 'lockstep_compared_events_total',
    help: 'Events compared with what is kept, by the daily sample.',
    registers,
  })
  const divergences = new Counter({
    name: 'lockstep_divergences_total',
    help: 'Pairs that differed though nothing was on its way, by kind; each is set right.',
    labelNames: ['kind'],
    registers,
  })
  const deliveries = new Counter({
    name: 'lockstep_webhook_deliveries_total',
    help: 'Attempts to deliver to customers’ endpoints, by outcome.',
    labelNames: ['outcome'],
    registers,
  })
  const deliverySeconds = histogram('lockstep_webhook_delivery_seconds', 'Time of an attempt to deliver.')
  const database = histogram('lockstep_database_seconds', 'Time of a call of the store.', ['operation'])

  function histogram(name: string, help: string, labelNames: string[] = [], buckets?: number[]): Histogram {
    return new Histogram({ name, help, labelNames, ...(buckets === undefined ? {} : { buckets }), registers })
  }
  return {
    googleRequest: ({ method, outcome, ms }) => {
      requests.inc({ method, outcome })
      requestSeconds.observe({ method }, ms / 1_000)
    },
    eventStored: lagMs => stored.observe(Math.max(0, lagMs) / 1_000),
    writeSent: lagMs => sent.observe(Math.max(0, lagMs) / 1_000),
    compared: ({ events, differing }) => {
      compared.inc(events)
      for (const [kind, count] of Object.entries(differing)) divergences.inc({ kind }, count)
    },
    delivery: ({ outcome, ms }) => {
      deliveries.inc({ outcome })
      deliverySeconds.observe(ms / 1_000)
    },
    databaseCall: ({ operation, ms }) => database.observe({ operation }, ms / 1_000),
  }
}

/** How things stand, read at each scrape. */
function standings(registry: Registry, { figures, meters, quarantined, now }: Sources): void {
  const seconds = (since: Instant | null): number => (since === null ? 0 : Math.max(0, now() - since) / 1_000)
  let held: { at: Instant; read: Promise<Figures> } | null = null
  const present = (): Promise<Figures> => {
    if (held === null || now() - held.at > FIGURES_KEPT_MS) held = { at: now(), read: figures() }
    return held.read
  }
  /** A figure that cannot be read is left out; the others still are. */
  const gauge = (name: string, help: string, labelNames: string[], collect: (own: Gauge) => Promise<void>): void => {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        this.reset()
        await collect(this).catch(() => {
          held = null
        })
      },
    })
  }
  gauge('lockstep_outbox_writes', 'Waiting writes to Google.', ['lane', 'state'], async own => {
    for (const { lane, state, count } of (await present()).lanes) own.set({ lane, state }, count)
  })
  gauge('lockstep_outbox_oldest_seconds', 'Age of the oldest waiting write.', ['lane', 'state'], async own => {
    for (const { lane, state, oldestAt } of (await present()).lanes) own.set({ lane, state }, seconds(oldestAt))
  })
  gauge('lockstep_connections', 'Connections by status.', ['status'], async own => {
    for (const { status, count } of (await present()).connections) own.set({ status }, count)
  })
  gauge('lockstep_channels', 'Watch channels by state.', ['state'], async own => {
    for (const { state, count } of (await present()).channels) own.set({ state }, count)
  })
  gauge('lockstep_channel_longest_silence_seconds', 'Silence of the live channel silent longest.', [], async own =>
    own.set(seconds((await present()).longestSilentSince)),
  )
  gauge('lockstep_webhook_endpoints', 'Customers’ endpoints by status.', ['status'], async own => {
    for (const { status, count } of (await present()).endpoints) own.set({ status }, count)
  })
  gauge('lockstep_webhook_waiting', 'Deliveries that wait for another try.', [], async own =>
    own.set((await present()).deliveriesWaiting),
  )
  gauge('lockstep_webhook_oldest_seconds', 'Age of the oldest waiting delivery.', [], async own =>
    own.set(seconds((await present()).oldestDeliveryAt)),
  )
  gauge('lockstep_open_questions', 'Proposals and duplicates that wait for an answer.', ['kind'], async own => {
    own.set({ kind: 'proposal' }, (await present()).openProposals)
    own.set({ kind: 'duplicate' }, (await present()).openDuplicates)
  })
  gauge('lockstep_recovering_calendars', 'Calendars matched with Google after a restore.', [], async own =>
    own.set((await present()).recoveringCalendars),
  )
  gauge('lockstep_orphans', 'Events in Google whose appointments a restore lost.', [], async own =>
    own.set((await present()).orphans),
  )
  gauge('lockstep_quarantined_jobs', 'Jobs that crashed too often and rest.', [], async own =>
    own.set(await quarantined()),
  )
  gauge('lockstep_quota_use_ratio', 'Share of the project’s quota taken just now.', ['meter'], async own => {
    for (const { meter, use } of (await meters()).filter(each => !each.meter.startsWith(USER)))
      own.set({ meter: meter === 'project' ? meter : 'own project' }, use)
  })
}
