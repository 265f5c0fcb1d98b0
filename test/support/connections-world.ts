import { createHash } from 'node:crypto'
import type { Appointment } from '../../src/core/model/appointment.ts'
import type { Calendar, Channel, Connection } from '../../src/core/model/connection.ts'
import { fail, succeed, type RemoteFailure } from '../../src/core/model/failures.ts'
import type { JournalEntry } from '../../src/core/model/journal.ts'
import type { Link } from '../../src/core/model/link.ts'
import type { OutboxEntry } from '../../src/core/model/outbox.ts'
import { seriesBounds } from '../../src/core/recurrence/expand.ts'
import type { GoogleCalendar, ListedCalendar } from '../../src/ports/google-calendar.ts'
import type { GoogleOAuth, Tokens } from '../../src/ports/google-oauth.ts'
import type { WakeUp } from '../../src/ports/jobs.ts'
import type { Log, LogFields } from '../../src/ports/log.ts'
import type { Names, Vault } from '../../src/ports/secrets.ts'
import type { ConnectLink, Credentials, OAuthFlow } from '../../src/ports/store/connections.ts'
import type { RememberedReply, Run } from '../../src/ports/store/operations.ts'
import type { Store, Tx } from '../../src/ports/store/store.ts'
import type { ApiKey, Tenant } from '../../src/ports/store/tenants.ts'
import type { System } from '../../src/ports/system.ts'
import { createAccessTokens } from '../../src/usecases/connections/access-tokens.ts'
import type { Settings } from '../../src/usecases/deps.ts'
import { aLiveEvent, NOW } from './builders.ts'

/** Ports in memory for what has to do with tenants and their connections; anything else that is asked of the store throws. */

type State = {
  tenants: Tenant[]
  keys: ApiKey[]
  connections: Connection[]
  calendars: Calendar[]
  channels: Channel[]
  credentials: Credentials[]
  links: ConnectLink[]
  flows: OAuthFlow[]
  appointments: Appointment[]
  eventLinks: Link[]
  outbox: OutboxEntry[]
  runs: Run[]
  replies: RememberedReply[]
  journal: JournalEntry[]
  wakes: WakeUp[]
}

export type World = ReturnType<typeof connectionsWorld>

export const SCOPES = ['openid', 'email', 'calendar.events', 'calendar.calendarlist.readonly']

export function connectionsWorld() {
  const state: State = {
    tenants: [],
    keys: [],
    connections: [],
    calendars: [],
    channels: [],
    credentials: [],
    links: [],
    flows: [],
    appointments: [],
    eventLinks: [],
    outbox: [],
    runs: [],
    replies: [],
    journal: [],
    wakes: [],
  }
  const clock = { now: NOW, slept: 0 }
  const guard = { isInTransaction: false }
  const store = memoryStore(state, guard)
  const system = steppedSystem(clock)
  const vault = boundVault()
  const names = hashedNames()
  const lines: { line: string; fields: LogFields | undefined }[] = []
  const note = (line: string, fields?: LogFields): void => void lines.push({ line, fields })
  const log: Log = { debug: note, info: note, warn: note, error: note }
  const oauth = fakeOAuth(system, guard)
  const google = fakeGoogle(system, guard)
  const settings: Settings = {
    publicUrl: 'https://sync.example.com',
    channelTtlSeconds: 604_800,
    pollIntervalMs: 900_000,
    pageSize: 2_500,
    listParameters: 'test',
    requiredScopes: SCOPES,
  }
  const tokenDeps = { store, system, vault, oauth, log }
  const jobs = { wake: async (wakeUps: readonly WakeUp[]) => void state.wakes.push(...wakeUps) }
  const accessTokens = createAccessTokens(tokenDeps)
  return { state, clock, store, system, vault, names, lines, log, oauth, google, settings, jobs, accessTokens }
}

function memoryStore(state: State, guard: { isInTransaction: boolean }): Store {
  const upsert = <T>(rows: T[], row: T, isSame: (each: T) => boolean): void => {
    const index = rows.findIndex(isSame)
    if (index < 0) rows.push(row)
    else rows[index] = row
  }
  const paired = (tenantId: string, appointment: Appointment) => ({
    appointment,
    links: state.eventLinks.filter(link => link.tenantId === tenantId && link.appointmentId === appointment.id),
    outbox: state.outbox.find(row => row.tenantId === tenantId && row.appointmentId === appointment.id) ?? null,
  })
  const startOf = ({ time, recurrence }: Appointment): number => seriesBounds(time, recurrence).startAt
  const reads: Partial<Tx> = {
    feedOf: async () => null,
    tenant: async id => state.tenants.find(each => each.id === id) ?? null,
    apiKeys: async id => state.keys.filter(each => each.tenantId === id),
    apiKeyByHash: async (hash, now) =>
      state.keys.find(key => key.hash === hash && key.revokedAt === null && (key.expiresAt ?? Infinity) > now) ?? null,
    connection: async (tenantId, id) =>
      state.connections.find(each => each.tenantId === tenantId && each.id === id) ?? null,
    connections: async tenantId => state.connections.filter(each => each.tenantId === tenantId),
    connectionsOfUser: async (tenantId, userId) =>
      state.connections.filter(each => each.tenantId === tenantId && each.userId === userId),
    calendar: async (tenantId, connectionId, id) =>
      state.calendars.find(
        each => each.tenantId === tenantId && each.connectionId === connectionId && each.id === id,
      ) ?? null,
    calendarsOf: async (tenantId, connectionId) =>
      state.calendars.filter(each => each.tenantId === tenantId && each.connectionId === connectionId),
    targetOf: async (tenantId, userId) => {
      for (const connection of state.connections)
        if (connection.tenantId === tenantId && connection.userId === userId && connection.status !== 'disconnected') {
          const calendar = state.calendars.find(each => each.connectionId === connection.id && each.isTarget)
          if (calendar !== undefined) return { connection, calendar }
        }
      return null
    },
    channelsOf: async (tenantId, connectionId) =>
      state.channels.filter(each => each.tenantId === tenantId && each.connectionId === connectionId),
    credentials: async (tenantId, connectionId) =>
      structuredClone(
        state.credentials.find(each => each.tenantId === tenantId && each.connectionId === connectionId) ?? null,
      ),
    connectLinkByHash: async hash => state.links.find(each => each.hash === hash) ?? null,
    oauthFlowByState: async hash => state.flows.find(each => each.stateHash === hash) ?? null,
    countMissing: async (tenantId, connectionId) => {
      const mine = state.eventLinks.filter(link => link.tenantId === tenantId && link.connectionId === connectionId)
      return { missing: mine.filter(link => link.missing !== null).length, linked: mine.length }
    },
    listAppointments: async (tenantId, filter) =>
      state.appointments
        .filter(
          each =>
            each.tenantId === tenantId &&
            (filter.userId === null || each.userId === filter.userId) &&
            (filter.origin === null || each.origin === filter.origin) &&
            (each.archivedAt !== null) === filter.isArchived,
        )
        .toSorted((a, b) => startOf(a) - startOf(b) || (a.id < b.id ? -1 : 1))
        .filter(each => {
          const after = filter.after
          return (
            after === null || startOf(each) > after.startAt || (startOf(each) === after.startAt && each.id > after.id)
          )
        })
        .slice(0, filter.limit)
        .map(each => paired(tenantId, each)),
    appointmentsByIds: async (tenantId, ids) =>
      state.appointments
        .filter(each => each.tenantId === tenantId && ids.includes(each.id))
        .map(each => paired(tenantId, each)),
    seriesWithExceptions: async (tenantId, masterIds) =>
      state.appointments
        .filter(each => each.tenantId === tenantId)
        .filter(each => masterIds.includes(each.id) || masterIds.includes(each.recurringId ?? ''))
        .map(each => paired(tenantId, each)),
    linksIn: async (tenantId, connectionId, { calendarIds, role, after, limit }) =>
      state.eventLinks
        .filter(link => link.tenantId === tenantId && link.connectionId === connectionId && link.role === role)
        .filter(link => calendarIds.includes(link.calendarId) && (after === null || link.eventId > after.eventId))
        .toSorted((a, b) => (a.eventId < b.eventId ? -1 : 1))
        .slice(0, limit),
    unsent: async (tenantId, scope) =>
      state.appointments
        .filter(each => each.tenantId === tenantId && each.userId === scope.userId && each.origin === 'platform')
        .filter(each => startOf(each) >= scope.from && startOf(each) < scope.to)
        .filter(each => !state.eventLinks.some(l => l.appointmentId === each.id && l.calendarId === scope.calendarId))
        .map(each => each.id)
        .toSorted()
        .filter(id => scope.afterId === null || id > scope.afterId)
        .slice(0, scope.limit),
    run: async (tenantId, id) => state.runs.find(each => each.tenantId === tenantId && each.id === id) ?? null,
    openRunOf: async (tenantId, connectionId) =>
      state.runs.find(
        each =>
          each.tenantId === tenantId &&
          each.connectionId === connectionId &&
          (each.state === 'queued' || each.state === 'running'),
      ) ?? null,
    rememberedReply: async (tenantId, key) =>
      state.replies.find(each => each.tenantId === tenantId && each.key === key) ?? null,
  }
  const writes: Partial<Tx> = {
    saveTenant: async tenant => upsert(state.tenants, tenant, each => each.id === tenant.id),
    saveApiKey: async key => upsert(state.keys, key, each => each.id === key.id),
    eraseTenant: async tenantId => {
      for (const rows of Object.values(state) as { tenantId?: string; id?: string }[][])
        rows.splice(0, rows.length, ...rows.filter(row => row.tenantId !== tenantId && row.id !== tenantId))
    },
    saveConnection: async row =>
      upsert(state.connections, row, each => each.tenantId === row.tenantId && each.id === row.id),
    saveCalendars: async rows => {
      for (const row of rows)
        upsert(state.calendars, row, each => each.connectionId === row.connectionId && each.id === row.id)
    },
    releaseHeld: async () => 0,
    saveChannel: async row => upsert(state.channels, row, each => each.id === row.id),
    saveConnectLink: async row => upsert(state.links, row, each => each.hash === row.hash),
    useConnectLink: async (hash, at) => {
      const link = state.links.find(each => each.hash === hash)
      if (link === undefined || link.usedAt !== null) return false
      upsert(state.links, { ...link, usedAt: at }, each => each.hash === hash)
      return true
    },
    saveOAuthFlow: async row => upsert(state.flows, row, each => each.stateHash === row.stateHash),
    useOAuthFlow: async (hash, at) => {
      const flow = state.flows.find(each => each.stateHash === hash)
      if (flow === undefined || flow.usedAt !== null) return false
      upsert(state.flows, { ...flow, usedAt: at }, each => each.stateHash === hash)
      return true
    },
    saveCredentials: async row => upsert(state.credentials, row, each => each.connectionId === row.connectionId),
    eraseCredentials: async (_tenantId, connectionId) => {
      state.credentials = state.credentials.filter(each => each.connectionId !== connectionId)
    },
    saveRun: async run => upsert(state.runs, run, each => each.id === run.id),
    rememberReply: async row =>
      upsert(state.replies, row, each => each.tenantId === row.tenantId && each.key === row.key),
    queueUnsent: async () => 0,
    queueShown: async (tenantId, { connectionId, now }) => {
      const shown = state.eventLinks.filter(link => link.connectionId === connectionId && link.role === 'ours')
      for (const { appointmentId, calendarId } of shown) {
        const row = {
          tenantId,
          connectionId,
          calendarId,
          appointmentId: appointmentId ?? '',
          lane: 'backfill' as const,
        }
        const rest = { notBefore: now, attempts: 0, intent: null, error: null, queuedAt: now }
        state.outbox.push({ ...row, ...rest, state: 'queued' })
      }
      return shown.length
    },
    apply: async (tenantId, changes) => {
      state.journal.push(...(changes.journal ?? []))
      for (const row of changes.outbox ?? [])
        upsert(state.outbox, row, each => each.appointmentId === row.appointmentId)
      state.outbox = state.outbox.filter(row => !changes.sent?.some(sent => sent.appointmentId === row.appointmentId))
      state.eventLinks = state.eventLinks.filter(
        link =>
          link.tenantId !== tenantId ||
          !changes.forgetLinks?.some(gone => gone.eventId === link.eventId && gone.calendarId === link.calendarId),
      )
    },
    wake: async wakeUps => void state.wakes.push(...wakeUps),
  }
  const unknown = (target: object, name: string | symbol): unknown => {
    if (name in target) return Reflect.get(target, name)
    throw new Error(`the memory of connections does not know ${String(name)}`)
  }
  // Only what these use cases ask for is there; the proxy says so aloud for the rest.
  const tx = new Proxy({ ...reads, ...writes }, { get: unknown }) as Tx
  let last: Promise<unknown> = Promise.resolve()
  const outside: Partial<Store> = {
    ...reads,
    transaction: (_tenantId, work) => {
      const mine = last.then(async () => {
        const before = structuredClone(state)
        guard.isInTransaction = true
        try {
          return await work(tx)
        } catch (error) {
          Object.assign(state, before)
          throw error
        } finally {
          guard.isInTransaction = false
        }
      })
      last = mine.catch(() => null)
      return mine
    },
    leaseCredentials: async (tenantId, connectionId, now, until) => {
      const row = state.credentials.find(each => each.tenantId === tenantId && each.connectionId === connectionId)
      if (row === undefined || (row.refreshLeaseUntil ?? 0) > now) return null
      row.refreshLeaseUntil = until
      return structuredClone(row)
    },
    storeRefreshed: async (credentials, expected) => {
      const row = state.credentials.find(each => each.connectionId === credentials.connectionId)
      if (row?.version !== expected) return false
      upsert(state.credentials, credentials, each => each.connectionId === credentials.connectionId)
      return true
    },
    ping: async () => undefined,
  }
  return new Proxy(outside, { get: unknown }) as Store
}

function steppedSystem(clock: { now: number; slept: number }): System {
  let ids = 0
  return {
    now: () => clock.now,
    random: () => 0.5,
    newId: () => `id${String(++ids).padStart(4, '0')}`,
    newSecret: bytes =>
      createHash('sha512')
        .update(`secret${++ids}`)
        .digest('base64url')
        .slice(0, Math.ceil(bytes * 1.34)),
    sleep: async ms => {
      clock.now += ms
      clock.slept += ms
      await new Promise(resolve => setImmediate(resolve))
    },
  }
}

/** Opens only what was sealed for the same place, as the real one. */
function boundVault(): Vault {
  return {
    seal: (plain, context) => `sealed:${Buffer.from(JSON.stringify([context, plain])).toString('base64url')}`,
    open: (sealed, context) => {
      const [place, plain] = JSON.parse(Buffer.from(sealed.slice('sealed:'.length), 'base64url').toString()) as [
        string,
        string,
      ]
      if (place !== context) throw new Error('sealed for another place')
      return plain
    },
    isStale: () => false,
  }
}

function hashedNames(): Names {
  const hash = (text: string): string => createHash('sha256').update(text).digest('base64url')
  return {
    eventId: of => hash(JSON.stringify(of)).toLowerCase(),
    markerKey: of => hash(JSON.stringify(of)),
    isOwnMark: () => false,
    channelToken: channelId => hash(`channel ${channelId}`),
    isChannelToken: (channelId, token) => token === hash(`channel ${channelId}`),
    hash,
  }
}

const mustBeOutside = (guard: { isInTransaction: boolean }): void => {
  if (guard.isInTransaction) throw new Error('a network call inside a transaction')
}

/** A token endpoint that rotates: an older refresh token is dead once a newer was given out. */
function fakeOAuth(system: System, guard: { isInTransaction: boolean }) {
  const seen = {
    exchanged: [] as string[],
    refreshed: [] as string[],
    revoked: [] as string[],
    verifiers: [] as string[],
  }
  const answers = {
    account: { sub: 'sub_1', email: 'lee@example.com' },
    scopes: SCOPES,
    isRotating: false,
    hasRefreshToken: true,
    failure: null as RemoteFailure | null,
    revokeFailure: null as RemoteFailure | null,
  }
  let round = 0
  const tokens = (): Tokens => ({
    accessToken: `access_${++round}`,
    accessTokenExpiresAt: system.now() + 3_599_000,
    refreshToken: null,
    scopes: answers.scopes,
  })
  const port: GoogleOAuth = {
    consentUrl: (client, request) => {
      const url = new URL('https://accounts.example.com/auth')
      url.searchParams.set('client_id', client?.clientId ?? 'service')
      url.searchParams.set('state', request.state)
      url.searchParams.set('code_challenge', request.codeChallenge)
      return url.href
    },
    exchangeCode: async (_client, { code, codeVerifier }) => {
      mustBeOutside(guard)
      seen.exchanged.push(code)
      seen.verifiers.push(codeVerifier)
      if (answers.failure !== null) return fail(answers.failure)
      const refreshToken = answers.hasRefreshToken ? `refresh_${code}` : null
      return succeed({ tokens: { ...tokens(), refreshToken }, account: answers.account })
    },
    refresh: async (_client, refreshToken) => {
      mustBeOutside(guard)
      const isDead = answers.isRotating && seen.refreshed.includes(refreshToken)
      seen.refreshed.push(refreshToken)
      await new Promise(resolve => setImmediate(resolve))
      if (isDead) return fail({ kind: 'access-revoked' })
      if (answers.failure !== null) return fail(answers.failure)
      return succeed({ ...tokens(), refreshToken: answers.isRotating ? `${refreshToken}+` : null })
    },
    revoke: async (_client, token) => {
      mustBeOutside(guard)
      seen.revoked.push(token)
      return answers.revokeFailure === null ? succeed(null) : fail(answers.revokeFailure)
    },
  }
  return { ...port, seen, answers }
}

export function aListedCalendar(fields: Partial<ListedCalendar> = {}): ListedCalendar {
  return {
    id: 'lee@example.com',
    summary: 'Dr Lee',
    timeZone: 'America/New_York',
    accessRole: 'owner',
    isPrimary: true,
    isHidden: false,
    isDeleted: false,
    ...fields,
  }
}

function fakeGoogle(system: System, guard: { isInTransaction: boolean }) {
  const seen = {
    inserted: [] as string[],
    created: [] as string[],
    deleted: [] as string[],
    stopped: [] as string[],
    listed: 0,
  }
  const answers = {
    calendars: [aListedCalendar()],
    failure: null as RemoteFailure | null,
    /** When it is by Google's clock. */
    clock: (): number => system.now(),
    onInsert: (): void => undefined,
  }
  const port: Partial<GoogleCalendar> = {
    listCalendars: async () => {
      mustBeOutside(guard)
      seen.listed += 1
      return answers.failure === null ? succeed(answers.calendars) : fail(answers.failure)
    },
    createCalendar: async (_who, { summary, timeZone }) => {
      mustBeOutside(guard)
      seen.created.push(summary)
      const id = `created${seen.created.length}@group`
      await new Promise(resolve => setImmediate(resolve))
      answers.calendars = [...answers.calendars, aListedCalendar({ id, summary, timeZone, isPrimary: false })]
      return succeed({ id })
    },
    listEvents: async (_who, { calendarId }) => {
      mustBeOutside(guard)
      const calendar = answers.calendars.find(each => each.id === calendarId)
      if (answers.failure !== null) return fail(answers.failure)
      if (calendar === undefined) return fail({ kind: 'not-found' })
      const { timeZone, accessRole } = calendar
      return succeed({ events: [], nextPageToken: null, nextSyncToken: 't', timeZone, accessRole })
    },
    insertEvent: async (_who, { eventId }) => {
      mustBeOutside(guard)
      if (answers.failure !== null) return fail(answers.failure)
      seen.inserted.push(eventId)
      answers.onInsert()
      return succeed(aLiveEvent({ eventId, updatedAt: answers.clock() }))
    },
    deleteEvent: async (_who, { eventId }) => {
      mustBeOutside(guard)
      if (answers.failure !== null) return fail(answers.failure)
      seen.deleted.push(eventId)
      return succeed(null)
    },
    stopChannel: async (_who, { id }) => {
      mustBeOutside(guard)
      if (answers.failure !== null) return fail(answers.failure)
      seen.stopped.push(id)
      return succeed(null)
    },
  }
  // What these use cases never call is not there.
  return Object.assign(port as GoogleCalendar, { seen, answers })
}
