import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import type { ChangeType } from '../../core/model/journal.ts'
import { endpointResource, type EndpointResource, type WebhookEndpoint } from '../../core/webhooks/endpoint.ts'
import { enabled } from '../../core/webhooks/health.ts'
import type { Deps } from '../deps.ts'
import { newWebhookSecret, OVERLAP_MS, secretContext } from './endpoint-secret.ts'
import type { WhichEndpoint } from './read-endpoints.ts'

export type EndpointPatch = WhichEndpoint & {
  url?: string
  description?: string | null
  types?: readonly ChangeType[] | null
  status?: 'enabled' | 'disabled'
}

/** Changes an endpoint. One that is enabled again gets all that it has missed, in order. */
export async function patchEndpoint(
  { store, webhooks }: Pick<Deps, 'store' | 'webhooks'>,
  { tenantId, endpointId, url, description, types, status }: EndpointPatch,
): Promise<Result<EndpointResource, DomainError>> {
  const fault = url === undefined ? null : webhooks.faultOf(url)
  if (fault !== null) return fail({ kind: 'invalid', problems: [{ path: 'url', message: fault }] })
  return store.transaction(tenantId, async tx => {
    const before = await tx.webhookEndpoint(tenantId, endpointId)
    if (before === null) return fail({ kind: 'not-found' })
    const described: WebhookEndpoint = {
      ...before,
      url: url ?? before.url,
      description: description === undefined ? before.description : description,
      types: types === undefined ? before.types : types === null ? null : [...new Set(types)],
    }
    const after = withStatus(described, status)
    await tx.saveWebhookEndpoint(after)
    if (after.status === 'enabled') await tx.wake([{ kind: 'deliver', tenantId, endpointId }])
    return succeed(endpointResource(after))
  })
}

function withStatus(endpoint: WebhookEndpoint, status: 'enabled' | 'disabled' | undefined): WebhookEndpoint {
  if (status === undefined || status === endpoint.status) return endpoint
  return status === 'enabled' ? enabled(endpoint) : { ...endpoint, status, disabledReason: 'request' }
}

export async function deleteEndpoint(
  { store }: Pick<Deps, 'store'>,
  { tenantId, endpointId }: WhichEndpoint,
): Promise<Result<null, DomainError>> {
  return store.transaction(tenantId, async tx => {
    if ((await tx.webhookEndpoint(tenantId, endpointId)) === null) return fail({ kind: 'not-found' })
    await tx.eraseWebhookEndpoint(tenantId, endpointId)
    return succeed(null)
  })
}

/** A new secret, answered this once; the one before signs beside it for a day. */
export async function rotateSecret(
  deps: Pick<Deps, 'store' | 'system' | 'vault'>,
  { tenantId, endpointId }: WhichEndpoint,
): Promise<Result<EndpointResource & { secret: string; oldSecretUntil: string }, DomainError>> {
  const secret = newWebhookSecret(deps)
  return deps.store.transaction(tenantId, async tx => {
    const before = await tx.webhookEndpoint(tenantId, endpointId)
    if (before === null) return fail({ kind: 'not-found' })
    const oldSecretUntil = deps.system.now() + OVERLAP_MS
    const after: WebhookEndpoint = {
      ...before,
      sealedSecret: deps.vault.seal(secret, secretContext(before)),
      sealedOldSecret: before.sealedSecret,
      oldSecretUntil,
    }
    await tx.saveWebhookEndpoint(after)
    return succeed({
      ...endpointResource(after),
      secret,
      oldSecretUntil: new Date(oldSecretUntil).toISOString(),
    })
  })
}
