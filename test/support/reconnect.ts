import { createConnectLink } from '../../src/usecases/connections/create-connect-link.ts'
import { finishOAuth } from '../../src/usecases/connections/finish-oauth.ts'
import { TENANT, type Engine } from './engine.ts'

/** The user goes through a connect link and Google's consent page; answers how that ended. */
export async function goThroughGoogle(engine: Engine, { userId, email }: { userId: string; email: string }) {
  const { deps, simulator } = engine
  const link = await createConnectLink(deps, { tenantId: TENANT, userId, role: null, returnUrl: null })
  if (!link.ok) throw new Error(JSON.stringify(link.error))
  const consent = new URL(link.value.googleUrl)
  consent.searchParams.set('login_hint', email)
  const answer = await simulator.fetch(consent, { redirect: 'manual' })
  const back = new URL(answer.headers.get('location') ?? 'http://nowhere').searchParams
  return finishOAuth(deps, {
    state: back.get('state') ?? '',
    code: back.get('code'),
    error: back.get('error'),
    browserSecret: null,
  })
}
