import type { Instant } from '../../core/model/time.ts'
import type { WebhookEndpoint } from '../../core/webhooks/endpoint.ts'
import type { Deps } from '../deps.ts'

const SECRET_BYTES = 32
/** How long the secret before goes on signing. */
export const OVERLAP_MS = 24 * 3_600_000

/** `whsec_` and standard base64, as every library of the standard reads it. */
export function newWebhookSecret({ system }: Pick<Deps, 'system'>): string {
  const base64 = system.newSecret(SECRET_BYTES).replaceAll('-', '+').replaceAll('_', '/')
  return `whsec_${base64.padEnd(Math.ceil(base64.length / 4) * 4, '=')}`
}

export const secretContext = ({ tenantId, id }: Pick<WebhookEndpoint, 'tenantId' | 'id'>): string =>
  `${tenantId}/${id}/webhook-secret`

/** What signs now: the present secret, and the one before while its time lasts. */
export function signingSecrets({ vault }: Pick<Deps, 'vault'>, endpoint: WebhookEndpoint, now: Instant): string[] {
  const { sealedSecret, sealedOldSecret, oldSecretUntil } = endpoint
  const isOverlapping = oldSecretUntil !== null && now < oldSecretUntil
  const sealed = isOverlapping && sealedOldSecret !== null ? [sealedSecret, sealedOldSecret] : [sealedSecret]
  return sealed.map(each => vault.open(each, secretContext(endpoint)))
}
