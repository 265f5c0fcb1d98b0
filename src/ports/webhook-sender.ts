import type { Result } from '../core/model/failures.ts'
import type { Instant } from '../core/model/time.ts'

/** A message and whom it goes to. `secrets`: `whsec_…`, each of which signs; more than one while a secret is being replaced. */
export type SignedMessage = { url: string; secrets: readonly string[]; id: string; at: Instant; body: string }

/** Why a message did not arrive, in our words. */
export type SendFailure =
  /** 410: the endpoint wants nothing more. */
  | { kind: 'gone' }
  /** Any answer that is not 2xx, redirects included. `retryAfterMs` is 0 where it named no time. */
  | { kind: 'answered'; status: number; retryAfterMs: number }
  /** The address, or one of those that its name leads to, is not one to connect to. Nothing was sent. */
  | { kind: 'address-refused' }
  | { kind: 'name-unknown' }
  | { kind: 'tls' }
  /** No answer within the time there is: connecting, sending and the answer's head together. */
  | { kind: 'timeout' }
  | { kind: 'connection' }

/** Tells a platform's endpoint of a change. */
export interface WebhookSender {
  /** Why nothing can ever be sent to this address, as a sentence; null: it can be tried. Asks nobody. */
  faultOf(url: string): string | null
  /** One attempt, no redirects; nothing of the answer but its status is kept. */
  send(message: SignedMessage): Promise<Result<{ status: number }, SendFailure>>
}
