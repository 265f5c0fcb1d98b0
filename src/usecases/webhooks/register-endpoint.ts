import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import type { ChangeType } from '../../core/model/journal.ts'
import { endpointResource, type EndpointResource, type WebhookEndpoint } from '../../core/webhooks/endpoint.ts'
import type { Deps } from '../deps.ts'
import { newWebhookSecret, secretContext } from './endpoint-secret.ts'

const ENDPOINTS_MAX = 20

export type EndpointInput = {
  tenantId: string
  url: string
  description: string | null
  /** Null: all types. */
  types: readonly ChangeType[] | null
}

/** Adds an endpoint, which hears of every change from now on. The secret is answered this once. */
export async function registerEndpoint(
  deps: Pick<Deps, 'store' | 'system' | 'vault' | 'webhooks'>,
  { tenantId, url, description, types }: EndpointInput,
): Promise<Result<EndpointResource & { secret: string }, DomainError>> {
  const fault = deps.webhooks.faultOf(url)
  if (fault !== null) return fail({ kind: 'invalid', problems: [{ path: 'url', message: fault }] })
  const id = `whe_${deps.system.newId()}`
  const secret = newWebhookSecret(deps)
  return deps.store.transaction(tenantId, async tx => {
    if ((await tx.webhookEndpoints(tenantId)).length >= ENDPOINTS_MAX)
      return fail({ kind: 'conflict', slug: 'too-many-endpoints', detail: `There may be ${ENDPOINTS_MAX} at most.` })
    const endpoint: WebhookEndpoint = {
      tenantId,
      id,
      url,
      description,
      types: types === null ? null : [...new Set(types)],
      status: 'enabled',
      disabledReason: null,
      sealedSecret: deps.vault.seal(secret, secretContext({ tenantId, id })),
      sealedOldSecret: null,
      oldSecretUntil: null,
      cursor: await tx.journalHead(tenantId),
      failures: 0,
      lastFailureAt: null,
      failingSince: null,
      lastDeliveredAt: null,
      restUntil: null,
      createdAt: deps.system.now(),
    }
    await tx.saveWebhookEndpoint(endpoint)
    return succeed({ ...endpointResource(endpoint), secret })
  })
}
