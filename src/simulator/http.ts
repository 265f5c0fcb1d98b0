import type { JsonObject } from './json.ts'

/** A request as the simulator takes it, from a socket or straight from a test. Header names are lower case. */
export type SimRequest = {
  method: string
  /** The path as it came, percent-encoded, without the query. */
  path: string
  query: URLSearchParams
  headers: Record<string, string | undefined>
  body: string
}

/** How a connection is spoilt after (or instead of) an answer. */
type Spoiling = { kind: 'cut' } | { kind: 'truncate'; bytes: number }

export type SimResponse = {
  status: number
  headers: Record<string, string>
  body: string
  /** How long the answer takes on top of its own time. */
  delayMs: number
  spoiling: Spoiling | null
  /** Work the answer has to wait for: moving virtual time runs what falls due. */
  wait: Promise<void> | null
}

const NEVER_CACHED = 'no-cache, no-store, max-age=0, must-revalidate'

export const respond = (status: number, body: string, headers: Record<string, string> = {}): SimResponse => ({
  status,
  headers: { 'cache-control': NEVER_CACHED, 'x-content-type-options': 'nosniff', ...headers },
  body,
  delayMs: 0,
  spoiling: null,
  wait: null,
})

export const jsonText = (status: number, text: string, headers: Record<string, string> = {}): SimResponse =>
  respond(status, text, { ...(text === '' ? {} : { 'content-type': 'application/json; charset=UTF-8' }), ...headers })

export const json = (status: number, body: JsonObject, headers: Record<string, string> = {}): SimResponse =>
  jsonText(status, JSON.stringify(body), headers)

export const redirect = (location: string): SimResponse => respond(302, '', { location })

/** What pages may load: their own files, nothing inline. `formTarget` is the origin a form may be redirected to. */
const contentPolicy = (formTarget: string): string =>
  `default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; ` +
  `form-action 'self'${formTarget}; base-uri 'none'; frame-ancestors 'none'`

/** A page. A form that ends in a redirect to another origin names it, since `form-action` covers redirects too. */
export const html = (status: number, text: string, redirectUri?: string): SimResponse =>
  respond(status, text, {
    'content-type': 'text/html; charset=UTF-8',
    'content-security-policy': contentPolicy(redirectUri === undefined ? '' : ` ${new URL(redirectUri).origin}`),
    'referrer-policy': 'no-referrer',
  })

/** Reads a URL (absolute or a path with a query) into the parts of a request. */
export function splitUrl(url: string): { path: string; query: URLSearchParams } {
  const local = url.replace(/^https?:\/\/[^/?#]+/, '')
  const mark = local.indexOf('?')
  const path = mark < 0 ? local : local.slice(0, mark)
  return { path: path === '' ? '/' : path, query: new URLSearchParams(mark < 0 ? '' : local.slice(mark + 1)) }
}

export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** A path segment as its author meant it. A lone % stays as it is: nothing has that name, and the answer is 404. */
export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment // not percent-encoded after all
  }
}
