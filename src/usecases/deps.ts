import type { GoogleCalendar } from '../ports/google-calendar.ts'
import type { AccessTokens, GoogleOAuth } from '../ports/google-oauth.ts'
import type { Jobs } from '../ports/jobs.ts'
import type { Log } from '../ports/log.ts'
import type { Metrics } from '../ports/metrics.ts'
import type { Names, Vault } from '../ports/secrets.ts'
import type { Store } from '../ports/store/store.ts'
import type { System } from '../ports/system.ts'
import type { WebhookSender } from '../ports/webhook-sender.ts'
import type { FullLists } from './sync/full-lists.ts'

/** Everything a use case may ask for; each takes only what it needs (`Pick<Deps, …>`). */
export type Deps = {
  store: Store
  system: System
  names: Names
  vault: Vault
  google: GoogleCalendar
  oauth: GoogleOAuth
  accessTokens: AccessTokens
  jobs: Jobs
  webhooks: WebhookSender
  fullLists: FullLists
  log: Log
  /** Left out: nothing is measured. */
  metrics?: Metrics
  settings: Settings
}

/** The settings that use cases depend on; units in the names. */
export type Settings = {
  /** The base under which Google and browsers reach the service, without a trailing slash. */
  publicUrl: string
  channelTtlSeconds: number
  pollIntervalMs: number
  /** Events per page of a listing, at most 2,500. */
  pageSize: number
  /** List parameters of this build, stored with each token. */
  listParameters: string
  /** OAuth scopes a connection needs for all it does. */
  requiredScopes: readonly string[]
}
