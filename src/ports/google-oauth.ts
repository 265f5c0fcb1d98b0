import type { RemoteFailure, Result } from '../core/model/failures.ts'
import type { Instant } from '../core/model/time.ts'

/** Which OAuth client a call is made for; null: the service's own. */
export type OAuthClient = { clientId: string; clientSecret: string } | null

export type Tokens = {
  accessToken: string
  accessTokenExpiresAt: Instant
  /** Null where Google returned none: the stored one stays. */
  refreshToken: string | null
  /** Empty where a refresh named none: what was granted before still stands. */
  scopes: string[]
}

/** `sub` is the identity; the address may change. Read from the id_token that came over the token endpoint. */
export type GoogleAccount = { sub: string; email: string }

export interface GoogleOAuth {
  /** The consent page's address: offline access, prompt=consent (and account choice), PKCE S256, `state` as given. */
  consentUrl(client: OAuthClient, request: { state: string; codeChallenge: string; loginHint: string | null }): string
  exchangeCode(
    client: OAuthClient,
    grant: { code: string; codeVerifier: string },
  ): Promise<Result<{ tokens: Tokens; account: GoogleAccount }, RemoteFailure>>
  refresh(client: OAuthClient, refreshToken: string): Promise<Result<Tokens, RemoteFailure>>
  revoke(client: OAuthClient, token: string): Promise<Result<null, RemoteFailure>>
}

/** Hands out a live access token; refreshed once, however many ask. `rejected`: Google refused this one, so a newer is needed. */
export interface AccessTokens {
  accessToken(
    who: { tenantId: string; connectionId: string },
    rejected?: string,
  ): Promise<Result<string, RemoteFailure>>
}
