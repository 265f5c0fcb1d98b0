/** An answer that was not a success: what was asked, the status, and what the other side said about it. */
export class RequestFailed extends Error {
  override readonly name = 'RequestFailed'
  readonly status: number
  readonly body: unknown
  constructor(what: string, status: number, body: unknown) {
    super(`${what} answered ${status}: ${JSON.stringify(body)?.slice(0, 500) ?? ''}`)
    this.status = status
    this.body = body
  }
}

type Ask = {
  method?: string
  token?: string
  body?: unknown
  headers?: Record<string, string>
  signal?: AbortSignal
}

const TIMEOUT_MS = 60_000

/**
 * Asks one of the demo's own two servers. The type of the answer is the caller's word: both are described by their documents.
 * @throws RequestFailed for any status that is no success.
 */
export async function requestJson<T>(url: string, ask: Ask = {}): Promise<T> {
  const { method = 'GET', token, body, headers, signal } = ask
  const isText = typeof body === 'string'
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined || isText ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const value = text === '' ? null : (JSON.parse(text) as unknown)
  if (!response.ok) throw new RequestFailed(`${method} ${new URL(url).pathname}`, response.status, value)
  return value as T // see above
}
