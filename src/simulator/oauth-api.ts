import type { SimRequest, SimResponse } from './http.ts'
import { html, json, redirect } from './http.ts'
import { addAccount } from './calendars.ts'
import { consentPage, errorPage } from './consent-page.ts'
import {
  type AuthRequest,
  exchangeToken,
  issueCode,
  type OAuthAnswer,
  type OAuthClient,
  readAuthRequest,
  redirectTo,
  revokeToken,
  tokenInfo,
  userInfo,
} from './oauth.ts'
import { SIGN_IN_SCOPES } from './scopes.ts'
import type { World } from './world.ts'

/** Answers the consent page without a person: as whom, and which scopes are unticked or refused altogether. */
export type AutoConsent = { account?: string; denyScopes?: string[]; deny?: boolean }

export type OAuthState = { clients: OAuthClient[]; autoConsent: AutoConsent | null }

const answered = ({ status, body }: OAuthAnswer): SimResponse => json(status, body)

/** The OAuth endpoints; undefined for any other path. */
export function handleOAuth(world: World, state: OAuthState, request: SimRequest): SimResponse | undefined {
  const { method, path, query } = request
  const form = method === 'POST' ? new URLSearchParams(request.body) : query
  if (path === '/o/oauth2/v2/auth') return method === 'POST' ? consented(world, form) : asked(world, state, query)
  if (path === '/token' && method === 'POST') return answered(exchangeToken(world, state.clients, form))
  if (path === '/revoke' && method === 'POST') {
    return answered(revokeToken(world, form.get('token') ?? query.get('token') ?? ''))
  }
  if (path === '/tokeninfo') return answered(tokenInfo(world, query.get('access_token') ?? ''))
  const bearer = (request.headers['authorization'] ?? '').replace(/^Bearer /i, '')
  if (path === '/userinfo' || path === '/v1/userinfo') return answered(userInfo(world, bearer))
  return undefined
}

function asked(world: World, state: OAuthState, query: URLSearchParams): SimResponse {
  const request = readAuthRequest(query)
  if (typeof request === 'string') return html(400, errorPage(request))
  if (state.clients.length > 0 && !state.clients.some(client => client.id === request.clientId)) {
    return html(401, errorPage('invalid_client'))
  }
  if (state.autoConsent) return autoConsented(world, state.autoConsent, request)
  if (request.prompt === 'none') return redirect(redirectTo(request, { error: 'interaction_required' }))
  const accounts = [...world.accounts.values()]
  return html(200, consentPage(request, accounts, query.toString()), request.redirectUri)
}

function autoConsented(world: World, auto: AutoConsent, request: AuthRequest): SimResponse {
  if (auto.deny === true) return redirect(redirectTo(request, { error: 'access_denied' }))
  const email = auto.account ?? request.loginHint ?? [...world.accounts.keys()][0] ?? 'someone@example.com'
  const account = addAccount(world, { email })
  const granted = request.scopes.filter(scope => !(auto.denyScopes ?? []).includes(scope))
  return granting(world, request, account.email, granted)
}

function granting(world: World, request: AuthRequest, account: string, granted: string[]): SimResponse {
  const code = issueCode(world, request, account, granted)
  return redirect(redirectTo(request, { code, scope: granted.join(' '), authuser: '0', prompt: 'consent' }))
}

/** The consent form came back: the request's own query, the account, and the scopes left ticked. */
function consented(world: World, form: URLSearchParams): SimResponse {
  const request = readAuthRequest(new URLSearchParams(form.get('request') ?? ''))
  if (typeof request === 'string') return html(400, errorPage(request))
  if (form.get('decision') !== 'allow') return redirect(redirectTo(request, { error: 'access_denied' }))
  const typed = (form.get('new_account') ?? '').trim().toLowerCase()
  const email = typed === '' ? (form.get('account') ?? '') : typed
  if (!/^[^@\s]+@[^@\s]+$/.test(email)) {
    return html(
      400,
      consentPage(
        request,
        [...world.accounts.values()],
        form.get('request') ?? '',
        'Choose an account, or type an address.',
      ),
    )
  }
  const ticked = form.getAll('scope')
  const granted = request.scopes.filter(scope => SIGN_IN_SCOPES.includes(scope) || ticked.includes(scope))
  return granting(world, request, addAccount(world, { email }).email, granted)
}
