import { randomBytes } from 'node:crypto'
import { createNames } from '../../src/adapters/db/names.ts'
import { createQuota } from '../../src/adapters/db/quota.ts'
import { createStore } from '../../src/adapters/db/store/store.ts'
import { createVault } from '../../src/adapters/db/vault.ts'
import { googleCalendar, LIST_PARAMETERS } from '../../src/adapters/google/calendar.ts'
import { googleOAuth, REQUIRED_SCOPES } from '../../src/adapters/google/oauth.ts'
import { realSystem } from '../../src/adapters/system/system.ts'
import { ownQuota } from '../../src/adapters/worker/own-quota.ts'
import { webhookSender } from '../../src/adapters/webhooks/sender.ts'
import { createPacing } from '../../src/adapters/worker/pacing.ts'
import { createFullLists } from '../../src/usecases/sync/full-lists.ts'
import { createAccessTokens } from '../../src/usecases/connections/access-tokens.ts'
import { openRun } from '../../src/usecases/runs/open-run.ts'
import type { Deps } from '../../src/usecases/deps.ts'
import { aCalendar, aConnection } from '../../test/support/builders.ts'
import type { Google } from './google.ts'
import type { Scratch } from './scratch.ts'

export type Line = { deps: Deps; connect(calendar: Listed): Promise<Connected> }
export type Listed = { calendarId: string; sub: string; token: string }
export type Connected = { tenantId: string; connectionId: string; calendarId: string; runId: string; userId: string }

const FAR = 100_000_000
const HOUR_MS = 3_600_000

/** The use cases over the real store, Google adapter and pacing, without workers: a benchmark runs each job itself. */
export function lineOver(google: Google, scratch: Scratch, name = 'tenant'): Line {
  const system = realSystem()
  const keys = [{ id: 'k1', key: randomBytes(32) }]
  const vault = createVault(keys)
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: console.error }
  const store = createStore({ database: scratch.database, enqueue: () => Promise.resolve() })
  const oauth = googleOAuth({
    client: { clientId: 'client', clientSecret: 'secret' },
    redirectUri: 'http://127.0.0.1:1/oauth/google/callback',
    now: () => system.now(),
    authUrl: `${google.url}/o/oauth2/v2/auth`,
    tokenUrl: `${google.url}/token`,
    revokeUrl: `${google.url}/revoke`,
  })
  const accessTokens = createAccessTokens({ store, system, vault, oauth, log })
  const quota = scratch.database.kind === 'postgres' ? createQuota(scratch.database) : ownQuota(system)
  const limits = { projectPerMinute: FAR, userPerMinute: FAR }
  const pacing = createPacing({ quota, system, limits, projectOf: () => Promise.resolve('project') })
  const deps: Deps = {
    store,
    system,
    names: createNames(keys),
    vault,
    google: googleCalendar({
      tokens: accessTokens,
      now: () => system.now(),
      rootUrl: `${google.url}/`,
      pace: (who, weight, calendarId) => pacing.pace(who, weight, calendarId),
    }),
    oauth,
    accessTokens,
    jobs: { wake: () => Promise.resolve() },
    webhooks: webhookSender({ allowed: [], now: () => system.now() }),
    fullLists: createFullLists(),
    log,
    settings: {
      publicUrl: 'http://127.0.0.1:1',
      channelTtlSeconds: 604_800,
      pollIntervalMs: 900_000,
      pageSize: 2_500,
      listParameters: LIST_PARAMETERS,
      requiredScopes: REQUIRED_SCOPES,
    },
  }
  let tenants = 0
  return { deps, connect: calendar => connect(deps, calendar, `${name}-${++tenants}`) }
}

/** A tenant of its own with one connection that waits for its first sync; the same calendar may be read by many. */
async function connect(deps: Deps, calendar: Listed, tenantId: string): Promise<Connected> {
  const { store, system, vault } = deps
  const connectionId = 'con_1'
  const now = system.now()
  const branding = { productName: null, logoUrl: null, colour: null }
  await store.transaction(tenantId, async tx => {
    const settings = { branding, connectRoles: null, oauthClient: null, policies: {} }
    await tx.saveTenant({ id: tenantId, name: 'Clinic', settings, createdAt: now })
    await tx.saveConnection(
      aConnection({ tenantId, id: connectionId, status: 'pending', googleSub: calendar.sub, createdAt: now }),
    )
    await tx.saveCredentials({
      tenantId,
      connectionId,
      sealedRefreshToken: vault.seal('none', `${tenantId}/${connectionId}/refresh`),
      sealedAccessToken: vault.seal(calendar.token, `${tenantId}/${connectionId}/access`),
      accessTokenExpiresAt: now + HOUR_MS,
      version: 1,
      refreshLeaseUntil: null,
    })
    const cursor = { syncToken: null, pageToken: null, generation: 0, parameters: LIST_PARAMETERS, listedFrom: null }
    const fresh = { id: calendar.calendarId, cursor, cursorVersion: 0, nextPollAt: now, isPrimary: false }
    await tx.saveCalendars([aCalendar({ tenantId, connectionId, ...fresh })])
    await openRun(tx, { tenantId, connectionId, id: 'run_1', kind: 'first_sync', now })
  })
  return { tenantId, connectionId, calendarId: calendar.calendarId, runId: 'run_1', userId: 'dr-lee' }
}
