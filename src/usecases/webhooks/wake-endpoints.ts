import type { Deps } from '../deps.ts'

/** Wakes a tenant's endpoints after its change feed has grown. A hint: what it misses is found by the clock. */
export async function wakeEndpoints({ store, jobs }: Pick<Deps, 'store' | 'jobs'>, tenantId: string): Promise<void> {
  const endpoints = (await store.webhookEndpoints(tenantId)).filter(endpoint => endpoint.status === 'enabled')
  if (endpoints.length === 0) return
  await jobs.wake(endpoints.map(({ id }) => ({ kind: 'deliver', tenantId, endpointId: id })))
}
