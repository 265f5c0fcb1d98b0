import type { FastifyInstance } from 'fastify'

const YEAR_SECONDS = 31_536_000

/**
 * Headers that every answer carries: nothing is sniffed, framed, cached or read across origins, and no page runs anything.
 * Routes that serve pages set their own `content-security-policy`, which stands.
 */
export function hardenHeaders(app: FastifyInstance, publicUrl: string): void {
  const fixed: Readonly<Record<string, string>> = {
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
    ...(publicUrl.startsWith('https://') ? { 'strict-transport-security': `max-age=${YEAR_SECONDS}` } : {}),
  }
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(fixed).header('x-request-id', request.id)
  })
}
