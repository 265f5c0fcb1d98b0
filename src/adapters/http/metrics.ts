import { Counter, Histogram, type Registry } from 'prom-client'
import type { App } from './app.ts'

/** Counts and times each request by route pattern: no id, no tenant, so the number of series is bounded. */
export function measureRequests(app: App, registry: Registry): void {
  const seconds = new Histogram({
    name: 'lockstep_http_request_seconds',
    help: 'Time to answer, by route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 1, 5, 30],
    registers: [registry],
  })
  const failures = new Counter({
    name: 'lockstep_http_failures_total',
    help: 'Answers with a 5xx status.',
    labelNames: ['route'],
    registers: [registry],
  })
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown'
    seconds.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1_000)
    if (reply.statusCode >= 500) failures.inc({ route })
  })
}
