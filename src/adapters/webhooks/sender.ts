import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest, type RequestOptions } from 'node:https'
import { isIP } from 'node:net'
import { fail, succeed, type Result } from '../../core/model/failures.ts'
import { isGlobalUnicast } from '../../core/webhooks/address.ts'
import { readDestination, type Destination, type PrivateAllowance } from '../../core/webhooks/endpoint-url.ts'
import type { SendFailure, SignedMessage, WebhookSender } from '../../ports/webhook-sender.ts'
import { AddressRefused, guardedLookup, systemResolve, type Resolve } from './guarded-lookup.ts'
import { signatureHeaders } from './signature.ts'

/** For all of an attempt up to the head of the answer. Standard Webhooks asks for 15 to 30 seconds. */
const TIMEOUT_MS = 15_000
/** What is read of an answer's body, to keep the connection; a longer one loses it. */
const BODY_BYTES_MAX = 64 * 1024
const HEAD_BYTES_MAX = 16 * 1024
const IDLE_MS = 10_000
const USER_AGENT = 'Lockstep-Webhooks/1.0'

type SenderOptions = {
  allowed: PrivateAllowance
  now: () => number
  resolve?: Resolve
  timeoutMs?: number
  /** Instead of those that webhook receivers listen on. */
  ports?: readonly number[]
}

/**
 * Sends over Node's own client with agents of its own: no redirects are followed, no proxy of the environment is asked, and every
 * connection is made to an address that was judged in that very look-up (`guardedLookup`), or a literal one judged here.
 */
export function webhookSender(options: SenderOptions): WebhookSender & { close(): void } {
  const { allowed, now, resolve = systemResolve, timeoutMs = TIMEOUT_MS, ports } = options
  const agents = { http: new HttpAgent(KEPT), https: new HttpsAgent(KEPT) }
  const lookup = guardedLookup(resolve)

  const attempt = (message: SignedMessage, to: Destination, isFresh: boolean): Promise<Attempt> => {
    const settings: RequestOptions = {
      host: to.host,
      port: to.port,
      path: to.path,
      method: 'POST',
      agent: isFresh ? false : to.isTls ? agents.https : agents.http,
      headers: headersOf(message),
      maxHeaderSize: HEAD_BYTES_MAX,
      signal: AbortSignal.timeout(timeoutMs),
      ...(to.mayBePrivate ? {} : { lookup }),
    }
    const sent = to.isTls ? httpsRequest({ ...settings, rejectUnauthorized: true }) : httpRequest(settings)
    return outcomeOf(sent, message.body)
  }
  return {
    faultOf: url => {
      const read = readDestination(url, allowed, ports)
      return read.ok ? null : read.error
    },
    async send(message) {
      const read = readDestination(message.url, allowed, ports)
      if (!read.ok || isRefused(read.value)) return fail({ kind: 'address-refused' })
      const first = await attempt(message, read.value, false)
      // A kept connection that the other side had closed meanwhile says nothing about this message.
      const last = isStale(first) ? await attempt(message, read.value, true) : first
      return resultOf(last, now())
    },
    close() {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}

const KEPT = { keepAlive: true, timeout: IDLE_MS, maxFreeSockets: 64, scheduling: 'lifo' } as const

/** A literal address is never looked up, so it is judged here, by Node's own notion of what one is. */
function isRefused({ host, mayBePrivate }: Destination): boolean {
  return !mayBePrivate && isIP(host) !== 0 && !isGlobalUnicast(host)
}

function headersOf(message: SignedMessage): Record<string, string> {
  return {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(message.body)),
    'user-agent': USER_AGENT,
    ...signatureHeaders(message),
  }
}

type Attempt =
  { kind: 'answered'; status: number; retryAfter: string | null } | { kind: 'broken'; error: unknown; wasKept: boolean }

function outcomeOf(sent: ClientRequest, body: string): Promise<Attempt> {
  return new Promise(resolve => {
    sent.once('response', answer => {
      discard(answer)
      const retryAfter = answer.headers['retry-after'] ?? null
      resolve({ kind: 'answered', status: answer.statusCode ?? 0, retryAfter })
    })
    sent.on('error', error => {
      resolve({ kind: 'broken', error, wasKept: sent.reusedSocket })
    })
    sent.once('close', () => {
      resolve({ kind: 'broken', error: null, wasKept: false })
    })
    sent.end(body)
  })
}

/** Reads so much that the connection can be used again, and no more; nothing is kept of it. */
function discard(answer: IncomingMessage): void {
  let bytes = 0
  answer.on('data', (part: Buffer) => {
    bytes += part.length
    if (bytes > BODY_BYTES_MAX) answer.destroy()
  })
  answer.on('error', () => {
    answer.destroy()
  })
}

function isStale(attempt: Attempt): boolean {
  return attempt.kind === 'broken' && attempt.wasKept && ['ECONNRESET', 'EPIPE'].includes(codeOf(attempt.error))
}

function resultOf(attempt: Attempt, now: number): Result<{ status: number }, SendFailure> {
  if (attempt.kind === 'broken') return fail(failureOf(attempt.error))
  const { status, retryAfter } = attempt
  if (status >= 200 && status < 300) return succeed({ status })
  return fail(status === 410 ? { kind: 'gone' } : { kind: 'answered', status, retryAfterMs: waitOf(retryAfter, now) })
}

/** Seconds, or an HTTP date; 0 for neither. */
function waitOf(retryAfter: string | null, now: number): number {
  if (retryAfter === null) return 0
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter) * 1_000
  const at = Date.parse(retryAfter)
  return Number.isNaN(at) ? 0 : Math.max(0, at - now)
}

/** DECIDES what an error of Node's means in our words. */
function failureOf(error: unknown): SendFailure {
  if (error instanceof AddressRefused) return { kind: 'address-refused' }
  const code = codeOf(error)
  const name = error instanceof Error ? error.name : ''
  if (name === 'AbortError' || name === 'TimeoutError' || code === 'ETIMEDOUT') return { kind: 'timeout' }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return { kind: 'name-unknown' }
  return { kind: isTlsCode(code) ? 'tls' : 'connection' }
}

const isTlsCode = (code: string): boolean =>
  code === 'EPROTO' || /^ERR_(?:TLS|SSL)_|CERT|SIGNATURE|_CA$|_CRL/.test(code)

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
