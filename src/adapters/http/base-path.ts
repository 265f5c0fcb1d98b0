import type { FastifyInstance } from 'fastify'

/**
 * Where the public address has a path (a proxy's or a host application's prefix, which it takes off before it asks us), the pages' own links
 * and our redirects have to lead through it. Routes are written without it.
 */
export function serveUnderPath(app: FastifyInstance, publicUrl: string): void {
  const base = new URL(publicUrl).pathname.replace(/\/$/, '')
  if (base === '') return
  app.addHook('onSend', async (_request, reply, payload) => {
    const location = reply.getHeader('location')
    if (typeof location === 'string' && isOwnPath(location)) reply.header('location', `${base}${location}`)
    const isPage = String(reply.getHeader('content-type') ?? '').startsWith('text/html')
    return isPage && typeof payload === 'string' ? payload.replaceAll(OWN_LINK, `$1${base}/`) : payload
  })
}

/** Not `//elsewhere.example.org`. */
const isOwnPath = (location: string): boolean => /^\/(?!\/)/.test(location)

/** In attributes only: text is escaped, so a quotation mark in it is none. */
const OWN_LINK = /((?:href|src|action|formaction|data-[a-z-]+)=")\/(?!\/)/g
