import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import { testBody } from '../../core/webhooks/message.ts'
import type { Deps } from '../deps.ts'
import { signingSecrets } from './endpoint-secret.ts'
import type { WhichEndpoint } from './read-endpoints.ts'

export type TestOutcome = {
  arrived: boolean
  /** The HTTP status that was answered; null where nothing was. */
  status: number | null
  /** One of our words for what went wrong; nothing of the answer itself. */
  error: string | null
}

/** One signed `webhook.test` message, at once and never repeated; disabled endpoints can be tested too. */
export async function sendTest(
  deps: Pick<Deps, 'store' | 'system' | 'vault' | 'webhooks'>,
  { tenantId, endpointId }: WhichEndpoint,
): Promise<Result<TestOutcome, DomainError>> {
  const endpoint = await deps.store.webhookEndpoint(tenantId, endpointId)
  if (endpoint === null) return fail({ kind: 'not-found' })
  const at = deps.system.now()
  const sent = await deps.webhooks.send({
    url: endpoint.url,
    secrets: signingSecrets(deps, endpoint, at),
    id: `test_${deps.system.newId()}`,
    at,
    body: testBody(new Date(at).toISOString()),
  })
  if (sent.ok) return succeed({ arrived: true, status: sent.value.status, error: null })
  const { error } = sent
  const status = error.kind === 'gone' ? 410 : error.kind === 'answered' ? error.status : null
  return succeed({ arrived: false, status, error: error.kind })
}
