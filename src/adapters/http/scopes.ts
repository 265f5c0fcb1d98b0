import type { Scope } from '../../core/model/key-scopes.ts'

/** POSTs that only look: too much to ask for in an address. */
const LOOKS: ReadonlySet<string> = new Set(['/v1/reconcile', '/v1/users/:userId/availability/check'])

const BY_KIND: Readonly<Record<string, Scope>> = {
  appointments: 'write',
  duplicates: 'write',
  proposals: 'write',
  connections: 'connect',
  runs: 'connect',
  users: 'connect',
  'webhook-endpoints': 'webhooks',
}

/** DECIDES which scope a route of tenants asks of a key. @throws Error for a kind of object that has none: the server does not start. */
export function scopeOf(method: string, url: string): Scope {
  if (method === 'GET' || method === 'HEAD' || LOOKS.has(url)) return 'read'
  const scope = BY_KIND[url.split('/')[2] ?? '']
  if (scope === undefined) throw new Error(`${method} ${url} asks for no scope`)
  return scope
}
