import { createHmac } from 'node:crypto'
import type { SignedMessage } from '../../ports/webhook-sender.ts'

const PREFIX = 'whsec_'

/**
 * The three headers of Standard Webhooks 1.0.0: HMAC-SHA256 over `id.timestamp.body` in seconds, one `v1` signature per secret. Two secrets
 * sign while one is being replaced, so that the platform can change over whenever it likes.
 */
export function signatureHeaders({ id, at, body, secrets }: SignedMessage): Record<string, string> {
  const timestamp = String(Math.floor(at / 1_000))
  const signatures = secrets.map(secret => `v1,${signature(secret, `${id}.${timestamp}.${body}`)}`)
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') }
}

function signature(secret: string, content: string): string {
  if (!secret.startsWith(PREFIX)) throw new Error('a webhook secret begins with whsec_')
  return createHmac('sha256', Buffer.from(secret.slice(PREFIX.length), 'base64'))
    .update(content)
    .digest('base64')
}
