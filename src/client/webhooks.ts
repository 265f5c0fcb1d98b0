import { createHmac, timingSafeEqual } from 'node:crypto'
import type { components } from './api.ts'

type Change = components['schemas']['Change']

/** What is posted. `webhook.test` has neither id nor cursor; `data.truncated` names members that were left out of a large one. */
export type WebhookMessage = Pick<Change, 'type' | 'data'> &
  Partial<Pick<Change, 'id' | 'cursor'>> & {
    /** When the change was made. */
    timestamp: string
  }

/** The message is not from the service, or was on its way too long. Answer 400 and do nothing. */
export class WebhookRefused extends Error {
  override readonly name = 'WebhookRefused'
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>> | { get(name: string): string | null }

export type VerifyOptions = {
  /** `whsec_…`; two of them while a secret is being replaced. */
  secret: string | readonly string[]
  headers: Headers
  /** As it came, before anything parsed it. */
  body: string | Uint8Array
  /** Milliseconds; now, unless a test says otherwise. */
  now?: number
}

const TOLERANCE_SECONDS = 300
const PREFIX = 'whsec_'

/**
 * Verifies a message by Standard Webhooks 1.0.0 and reads it.
 * @returns the message, and the id that all its repetitions carry: remember it, since delivery is at least once.
 * @throws WebhookRefused
 */
export function verifyWebhook({ secret, headers, body, now = Date.now() }: VerifyOptions): {
  id: string
  message: WebhookMessage
} {
  const id = header(headers, 'webhook-id')
  const timestamp = header(headers, 'webhook-timestamp')
  const sentAt = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : Number.NaN
  if (!(Math.abs(now / 1_000 - sentAt) <= TOLERANCE_SECONDS))
    throw new WebhookRefused('it is too old, too new or has no time')
  const given = header(headers, 'webhook-signature')
    .split(' ')
    .flatMap(each => (each.startsWith('v1,') ? [each.slice(3)] : []))
  const signed = Buffer.concat([
    Buffer.from(`${id}.${timestamp}.`),
    typeof body === 'string' ? Buffer.from(body) : body,
  ])
  const isOurs = [secret].flat().some(each => given.some(signature => isSame(signature, sign(each, signed))))
  if (!isOurs) throw new WebhookRefused('no signature fits')
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body)
  return { id, message: JSON.parse(text) as WebhookMessage } // signed by the service, so as described
}

function sign(secret: string, signed: Uint8Array): Buffer {
  const key = Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, 'base64')
  return createHmac('sha256', key).update(signed).digest()
}

function isSame(given: string, wanted: Buffer): boolean {
  const bytes = Buffer.from(given, 'base64')
  return bytes.length === wanted.length && timingSafeEqual(bytes, wanted)
}

function header(headers: Headers, name: string): string {
  const value = 'get' in headers && typeof headers.get === 'function' ? headers.get(name) : Reflect.get(headers, name)
  if (typeof value !== 'string' || value === '') throw new WebhookRefused(`${name} is missing`)
  return value
}
