import type { FastifyReply, FastifyRequest } from 'fastify'
import { SCOPES } from '../../../core/model/key-scopes.ts'
import type { Instant } from '../../../core/model/time.ts'
import type { ApiKey } from '../../../ports/store/tenants.ts'
import { isSameSecret } from '../auth.ts'
import type { ServerDeps } from '../app.ts'

/**
 * Who looks. `admin`: the operator, across tenants, who sees ids, times, kinds and states. `tenant`: by one of its keys, who sees its own
 * and their titles.
 */
export type Viewer = { kind: 'admin' } | { kind: 'tenant'; tenantId: string; keyId: string }

/** Sealed into the cookie: nothing is kept here and nothing can be forged. It ends with its credential. */
type ConsoleSession = {
  /** Hash of the admin token or of the API key that it was opened with. */
  credential: string
  kind: Viewer['kind']
  secret: string
  startedAt: Instant
  expiresAt: Instant
}

export type Visit = { viewer: Viewer; csrf: string }

/** Without a click for so long, and in any case after so long, one signs in again. */
const IDLE_MS = 30 * 60_000
const SESSION_MS_MAX = 8 * 60 * 60_000
const SECRET_BYTES = 32
const CONTEXT = 'console-session'

type SessionDeps = Pick<ServerDeps, 'store' | 'system' | 'names' | 'vault' | 'settings' | 'adminToken'>

/** Whose token this is; null for none that is good. */
export async function viewerOf(
  { store, system, names, adminToken }: SessionDeps,
  token: string,
): Promise<Viewer | null> {
  if (isSameSecret(token, adminToken)) return { kind: 'admin' }
  return viewerByKey(await store.apiKeyByHash(names.hash(token), system.now()))
}

export function openSession(deps: SessionDeps, reply: FastifyReply, token: string, viewer: Viewer): void {
  const startedAt = deps.system.now()
  const secret = deps.system.newSecret(SECRET_BYTES)
  const credential = deps.names.hash(token)
  write(deps, reply, { credential, kind: viewer.kind, secret, startedAt, expiresAt: startedAt + IDLE_MS })
}

/** Null for none, one that has run out, one that we did not make, and one whose credential is good no longer, alike. */
export async function readVisit(deps: SessionDeps, request: FastifyRequest): Promise<Visit | null> {
  const session = read(deps, request)
  if (session === null) return null
  const viewer = await viewerOfSession(deps, session)
  return viewer === null ? null : { viewer, csrf: csrfOf(deps, session.secret) }
}

/** Each page that is looked at keeps the session going. */
export function keepSession(deps: SessionDeps, request: FastifyRequest, reply: FastifyReply): void {
  const session = read(deps, request)
  if (session === null) return
  const expiresAt = Math.min(deps.system.now() + IDLE_MS, session.startedAt + SESSION_MS_MAX)
  write(deps, reply, { ...session, expiresAt })
}

export function closeSession(deps: SessionDeps, reply: FastifyReply): void {
  reply.clearCookie(cookieName(deps), { path: '/' })
}

function read(deps: SessionDeps, request: FastifyRequest): ConsoleSession | null {
  const cookie = request.cookies[cookieName(deps)]
  if (cookie === undefined) return null
  try {
    const session: ConsoleSession = JSON.parse(deps.vault.open(cookie, CONTEXT)) // only we can have sealed it
    return session.expiresAt > deps.system.now() ? session : null
  } catch {
    return null // changed, or sealed with a key that is gone: as good as none
  }
}

async function viewerOfSession(deps: SessionDeps, { kind, credential }: ConsoleSession): Promise<Viewer | null> {
  if (kind === 'admin') return isSameSecret(credential, deps.names.hash(deps.adminToken)) ? { kind } : null
  return viewerByKey(await deps.store.apiKeyByHash(credential, deps.system.now()))
}

/** The console shows and changes everything of a tenant: it takes a key that is good for everything. */
function viewerByKey(key: ApiKey | null): Viewer | null {
  if (key === null || !SCOPES.every(scope => key.scopes.includes(scope))) return null
  return { kind: 'tenant', tenantId: key.tenantId, keyId: key.id }
}

function write(deps: SessionDeps, reply: FastifyReply, session: ConsoleSession): void {
  reply.setCookie(cookieName(deps), deps.vault.seal(JSON.stringify(session), CONTEXT), {
    httpOnly: true,
    sameSite: 'strict',
    secure: isSecure(deps),
    path: '/',
    maxAge: Math.max(0, Math.floor((session.expiresAt - deps.system.now()) / 1_000)),
  })
}

const csrfOf = ({ names }: SessionDeps, secret: string): string => names.hash(`console csrf ${secret}`)

export function isCsrf(visit: Visit, token: unknown): boolean {
  return typeof token === 'string' && isSameSecret(token, visit.csrf)
}

/** `__Host-` keeps other hosts of the domain from planting one; browsers take it over https only. */
function cookieName(deps: SessionDeps): string {
  return isSecure(deps) ? '__Host-lockstep-console' : 'lockstep-console'
}

function isSecure({ settings }: Pick<ServerDeps, 'settings'>): boolean {
  return settings.publicUrl.startsWith('https://')
}
