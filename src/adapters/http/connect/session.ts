import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Instant } from '../../../core/model/time.ts'
import { isSameSecret } from '../auth.ts'
import type { ServerDeps } from '../app.ts'

/**
 * What a browser may do that came through a connect link: sealed into its cookie, so nothing is kept here and nothing can be forged.
 * `secret` binds it to the OAuth flows that it starts and to the forms that it is sent.
 */
export type ConnectSession = {
  tenantId: string
  userId: string
  linkHash: string
  secret: string
  connectionId: string | null
  /** The run that this browser started last. */
  runId: string | null
  expiresAt: Instant
}

const SESSION_MS = 60 * 60_000
const SECRET_BYTES = 32
const CONTEXT = 'connect-session'

type SessionDeps = Pick<ServerDeps, 'system' | 'names' | 'vault' | 'settings'>

export function newSession(
  { system }: SessionDeps,
  of: { tenantId: string; userId: string; linkHash: string; connectionId: string | null },
): ConnectSession {
  return { ...of, runId: null, secret: system.newSecret(SECRET_BYTES), expiresAt: system.now() + SESSION_MS }
}

/** Null for none, one that has run out and one that we did not make, alike. */
export function readSession(deps: SessionDeps, request: FastifyRequest): ConnectSession | null {
  const cookie = request.cookies[cookieName(deps)]
  if (cookie === undefined) return null
  try {
    const session: ConnectSession = JSON.parse(deps.vault.open(cookie, CONTEXT)) // only we can have sealed it
    return session.expiresAt > deps.system.now() ? session : null
  } catch {
    return null // changed, or sealed with a key that is gone: as good as none
  }
}

export function writeSession(deps: SessionDeps, reply: FastifyReply, session: ConnectSession): void {
  reply.setCookie(cookieName(deps), deps.vault.seal(JSON.stringify(session), CONTEXT), {
    httpOnly: true,
    sameSite: 'lax',
    secure: isSecure(deps),
    path: '/',
    maxAge: Math.max(0, Math.floor((session.expiresAt - deps.system.now()) / 1_000)),
  })
}

/** What each form of this session carries; another site cannot know it. */
export function csrfToken({ names }: SessionDeps, session: ConnectSession): string {
  return names.hash(`csrf ${session.secret}`)
}

export function isCsrfToken(deps: SessionDeps, session: ConnectSession, token: unknown): boolean {
  return typeof token === 'string' && isSameSecret(token, csrfToken(deps, session))
}

/** `__Host-` keeps other hosts of the domain from planting one; browsers take it over https only. */
function cookieName(deps: SessionDeps): string {
  return isSecure(deps) ? '__Host-lockstep-connect' : 'lockstep-connect'
}

function isSecure({ settings }: SessionDeps): boolean {
  return settings.publicUrl.startsWith('https://')
}
