import type { FastifyInstance } from 'fastify'
import { createAuditLog } from './adapters/db/audit.ts'
import { openEmbedded, shippedImage } from './adapters/db/embedded.ts'
import type { Database } from './adapters/db/database.ts'
import { register, watchDatabase, type Registration } from './adapters/db/installation.ts'
import { migrate } from './adapters/db/migrate.ts'
import { createNames } from './adapters/db/names.ts'
import { openPostgres } from './adapters/db/postgres.ts'
import { createQuota } from './adapters/db/quota.ts'
import { CHANGES_CHANNEL } from './adapters/db/store/changes.ts'
import { mustBeMended } from './adapters/db/server-version.ts'
import { createStore } from './adapters/db/store/store.ts'
import { createVault } from './adapters/db/vault.ts'
import { googleCalendar, LIST_PARAMETERS } from './adapters/google/calendar.ts'
import { recordingFetch } from './adapters/google/record.ts'
import { googleOAuth, REQUIRED_SCOPES } from './adapters/google/oauth.ts'
import type { OperatorDeps } from './adapters/http/app.ts'
import { buildServer } from './adapters/http/server.ts'
import { createLog } from './adapters/log/log.ts'
import { measuredSender, measuredStore } from './adapters/metrics/measured.ts'
import { createRegistry, prometheusMetrics } from './adapters/metrics/prometheus.ts'
import { askPublicUrl, askTokenEndpoint, compareClocks, find, type Finding } from './adapters/system/diagnosis.ts'
import { realSystem } from './adapters/system/system.ts'
import { webhookSender } from './adapters/webhooks/sender.ts'
import { changeHints } from './adapters/worker/change-hints.ts'
import { handlersOf, tasksOf } from './adapters/worker/handlers.ts'
import { createJobEngine, type JobEngine } from './adapters/worker/jobs.ts'
import { ownQuota } from './adapters/worker/own-quota.ts'
import { createPacing, type Pacing } from './adapters/worker/pacing.ts'
import { breakingCalendar } from './adapters/worker/project-breaker.ts'
import { slowingCalendar } from './adapters/worker/slowing-calendar.ts'
import type { Config, DatabaseConfig } from './config.ts'
import type { Log } from './ports/log.ts'
import type { Metrics } from './ports/metrics.ts'
import type { MeterReads, Quota } from './ports/quota.ts'
import type { Store } from './ports/store/store.ts'
import type { System } from './ports/system.ts'
import { checkConnections, type CheckedConnection } from './usecases/connections/check-connections.ts'
import { createAccessTokens } from './usecases/connections/access-tokens.ts'
import type { Deps } from './usecases/deps.ts'
import { createFullLists } from './usecases/sync/full-lists.ts'
import { wakeEndpoints } from './usecases/webhooks/wake-endpoints.ts'
import { createTenant } from './usecases/tenants/create-tenant.ts'

export type Service = {
  deps: Deps
  app: FastifyInstance
  engine: JobEngine
  database: Database
  /** Migrates, begins to work and listens. @returns the address it listens on. */
  start(): Promise<string>
  /** The same without listening, for a host that does. `isWorking: false`: jobs are left to other instances. */
  begin(options: { isWorking: boolean }): Promise<void>
  /** Not ready from now on, though everything still answers. */
  drain(): void
  /** Takes nothing new, finishes what it can within `graceMs`, gives the rest back, closes. */
  stop(options: { graceMs: number }): Promise<void>
}

export const DATABASE_CONNECTIONS_MAX = 20
export const GOOGLE_PAGE_MAX = 2_500
const METERS_MAX = 100
const PROJECT_KNOWN_MS = 60_000
/** A backup may be put back under a running service. */
const WATCH_MS = 60_000

/** The only place where a port meets its adapter. */
export async function compose(config: Config, own: { log?: Log; system?: System } = {}): Promise<Service> {
  const log = own.log ?? createLog(config.logLevel)
  const system = own.system ?? realSystem()
  const database = await openDatabase(config)
  const bare = createStore({ database, enqueue: (executor, wakeUps) => engine.enqueue(executor, wakeUps) })
  const registry = createRegistry()
  const metrics = prometheusMetrics(registry, {
    figures: () => bare.figures(),
    meters: () => quota.readMeters(METERS_MAX),
    quarantined: async () => (await engine.quarantined()).length,
    now: () => system.now(),
  })
  const store = measuredStore(bare, metrics)
  const quota = database.kind === 'embedded' ? ownQuota(system) : createQuota(database)
  const pacing = pacingOf(config, { quota, store, system })
  const deps = depsOf(config, { store, system, log, metrics, pacing, wake: wakeUps => engine.wake(wakeUps) })
  const engine = createJobEngine({
    database,
    handlers: handlersOf(deps),
    tasks: [...tasksOf(deps, config.sampleShare), { name: 'watch-database', everyMs: WATCH_MS, run: () => watch() }],
    log,
    system,
  })

  const hint = changeHints(tenantId => wakeEndpoints(deps, tenantId), log)
  let isDraining = false
  let foreign: string | null = null
  let stopListening = (): Promise<void> => Promise.resolve()
  const ping = () => (isDraining ? Promise.reject(new Error('this instance is being stopped')) : store.ping())
  const watch = watchDatabase({ database, deps, engine, ...config }, found => (foreign = found))
  const app = await buildServer({
    ...deps,
    store: { ...store, ping },
    adminToken: config.adminToken,
    readOnly: () => foreign,
    operator: operatorOf(database, quota, engine),
    registry,
  })
  const begin = async ({ isWorking }: { isWorking: boolean }): Promise<void> => {
    await migrate(database)
    await watch()
    if (foreign === null) await engine.start({ isWorking })
    else log.error('read-only', { reason: foreign })
    if (isWorking) stopListening = await database.listen(CHANGES_CHANNEL, hint)
  }
  return {
    deps,
    app,
    engine,
    database,
    begin,
    async start() {
      await begin({ isWorking: true })
      return app.listen({ host: config.host, port: config.port })
    },
    drain() {
      isDraining = true
    },
    async stop({ graceMs }) {
      isDraining = true
      const hangUp = setTimeout(() => {
        app.server.closeAllConnections()
      }, graceMs)
      await Promise.all([stopListening(), app.close(), engine.stop({ graceMs })])
      clearTimeout(hangUp)
      await database.close()
    },
  }
}

async function openDatabase({ databaseUrl, dataDir }: DatabaseConfig): Promise<Database> {
  if (databaseUrl === null) return openEmbedded(dataDir, await shippedImage())
  return openPostgres(databaseUrl, { max: DATABASE_CONNECTIONS_MAX })
}

type Parts = Pick<Deps, 'store' | 'system' | 'log'> & { metrics: Metrics; pacing: Pacing; wake: Deps['jobs']['wake'] }

function depsOf(config: Config, { store, system, log, metrics, pacing, wake }: Parts): Deps {
  const { google: at, publicUrl, channelTtlSeconds, pollIntervalMs } = config
  const now = () => system.now()
  const vault = createVault(config.secretKeys)
  const oauth = googleOAuth({
    client: { clientId: at.clientId, clientSecret: at.clientSecret },
    redirectUri: `${publicUrl}/oauth/google/callback`,
    now,
    authUrl: at.authUrl,
    tokenUrl: at.tokenUrl,
    revokeUrl: at.revokeUrl,
  })
  const accessTokens = createAccessTokens({ store, system, vault, oauth, log })
  const calendar = googleCalendar({
    tokens: accessTokens,
    now,
    rootUrl: at.apiUrl,
    ...recording(config, { system, log }),
    pace: (who, weight, calendarId) => pacing.pace(who, weight, calendarId),
    observe: call => metrics.googleRequest(call),
  })
  return {
    store,
    system,
    names: createNames(config.secretKeys),
    vault,
    google: breakingCalendar(slowingCalendar(calendar, pacing, log), {
      system,
      log,
      projectOf: projectsOf({ store, system }),
    }),
    oauth,
    accessTokens,
    jobs: { wake },
    webhooks: measuredSender(webhookSender({ allowed: config.webhookAllowed, now }), metrics),
    fullLists: createFullLists(),
    log,
    metrics,
    settings: {
      publicUrl,
      channelTtlSeconds,
      pollIntervalMs,
      pageSize: GOOGLE_PAGE_MAX,
      listParameters: LIST_PARAMETERS,
      requiredScopes: REQUIRED_SCOPES,
    },
  }
}

function recording({ recordFolder: folder }: Config, { system, log }: Pick<Deps, 'system' | 'log'>) {
  if (folder === null) return {}
  const say = (reason: string) => {
    log.warn('recording', { reason })
  }
  return { fetch: recordingFetch(fetch, { folder, now: () => system.now(), say }) }
}

/** A tenant with a Google project of its own has its quota, and its trouble, to itself. */
function projectsOf({ store, system }: Pick<Deps, 'store' | 'system'>): (tenantId: string) => Promise<string> {
  const known = new Map<string, { project: string; until: number }>()
  return async tenantId => {
    const held = known.get(tenantId)
    if (held !== undefined && held.until > system.now()) return held.project
    const tenant = await store.tenant(tenantId)
    const project = tenant?.settings.oauthClient == null ? 'project' : `project ${tenantId}`
    known.set(tenantId, { project, until: system.now() + PROJECT_KNOWN_MS })
    return project
  }
}

function operatorOf(database: Database, quota: MeterReads, engine: JobEngine): OperatorDeps {
  return {
    audit: createAuditLog(database),
    meters: limit => quota.readMeters(limit),
    quarantined: async () =>
      (await engine.quarantined()).map(({ id, since, wakeUp }) => ({
        id,
        since,
        kind: wakeUp.kind,
        tenantId: wakeUp.tenantId,
        concerns: 'connectionId' in wakeUp ? wakeUp.connectionId : wakeUp.endpointId,
      })),
    release: ids => engine.release(ids),
  }
}

function pacingOf(
  { google }: Config,
  { quota, store, system }: { quota: Quota; store: Store; system: System },
): Pacing {
  return createPacing({ quota, system, limits: google, projectOf: projectsOf({ store, system }) })
}

/** For the command line: the newest schema. @returns how many migrations were applied. */
export async function migrateDatabase(config: DatabaseConfig): Promise<number> {
  const database = await openDatabase(config)
  try {
    return await migrate(database)
  } finally {
    await database.close()
  }
}

/** For the command line: the database belongs to this installation from now on; what it keeps is matched with Google before anything is written. */
export async function adoptDatabase(config: Config): Promise<Registration> {
  const database = await openDatabase(config)
  try {
    await migrate(database)
    const { instanceId } = config
    return await register(database, createVault(config.secretKeys), { instanceId, isAdopted: true })
  } finally {
    await database.close()
  }
}

/** For the command line: a tenant, made beside a running service or before it first runs. */
export async function createTenantByHand(config: Config, name: string): ReturnType<typeof createTenant> {
  const database = await openDatabase(config)
  try {
    await migrate(database)
    const store = createStore({ database, enqueue: () => Promise.resolve() }) // a new tenant wakes nothing
    const deps = {
      store,
      system: realSystem(),
      names: createNames(config.secretKeys),
      vault: createVault(config.secretKeys),
    }
    return await createTenant(deps, { name })
  } finally {
    await database.close()
  }
}

/** For the command line: each setting tried out. */
export async function diagnose(config: Config): Promise<Finding[]> {
  const { google, publicUrl, databaseUrl } = config
  const now = () => realSystem().now()
  return Promise.all([
    find({
      name: 'database',
      remedy:
        databaseUrl === null ? 'stop the service that has DATA_DIR open, or set DATABASE_URL' : 'check DATABASE_URL',
      ask: () => askDatabase(config),
    }),
    find({
      name: 'OAuth client',
      remedy: 'compare GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET with the Google Cloud console',
      ask: () => askTokenEndpoint(google.tokenUrl, google),
    }),
    find({
      name: 'public URL',
      remedy: 'start the service; then check PUBLIC_URL and the proxy in front of it',
      ask: () => askPublicUrl(publicUrl),
    }),
    find({
      name: 'clock',
      remedy: 'set the time of this machine by NTP',
      ask: () => compareClocks(google.apiUrl, now),
    }),
  ])
}

/** A command is over before anybody could ask for its figures. */
const UNMEASURED: Metrics = {
  googleRequest: () => undefined,
  eventStored: () => undefined,
  writeSent: () => undefined,
  delivery: () => undefined,
  databaseCall: () => undefined,
  compared: () => undefined,
}

/**
 * For the command line: the checks of one connection (by its id), or of all that are active, as `POST …/check` makes them, one by one. That
 * a notification comes back is seen only while the service runs, which the embedded database does not allow.
 */
export async function diagnoseConnections(
  config: Config,
  which: { connectionId: string | null; limit: number },
): Promise<{ checked: CheckedConnection[]; isAll: boolean }> {
  const system = realSystem()
  const database = await openDatabase(config)
  try {
    const store = createStore({ database, enqueue: () => Promise.resolve() }) // checking wakes nothing
    const quota = database.kind === 'embedded' ? ownQuota(system) : createQuota(database)
    const parts = { store, system, log: createLog('error'), pacing: pacingOf(config, { quota, store, system }) }
    const deps = depsOf(config, { ...parts, metrics: UNMEASURED, wake: () => Promise.resolve() })
    return await checkConnections(deps, which)
  } finally {
    await database.close()
  }
}

async function askDatabase(config: Config): Promise<string> {
  const database = await openDatabase(config)
  try {
    await createStore({ database, enqueue: () => Promise.resolve() }).ping()
    await mustBeMended(database)
    return database.kind === 'postgres' ? 'PostgreSQL answers and is migrated' : 'the embedded database is migrated'
  } finally {
    await database.close()
  }
}
