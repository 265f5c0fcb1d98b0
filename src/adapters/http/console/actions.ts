import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { isChosen } from '../../../core/model/connection-resource.ts'
import type { DomainError, Result } from '../../../core/model/failures.ts'
import { succeed } from '../../../core/model/failures.ts'
import { checkConnection } from '../../../usecases/connections/check-connection.ts'
import { createConnectLink } from '../../../usecases/connections/create-connect-link.ts'
import { pauseConnection, resumeConnection } from '../../../usecases/connections/pause-connection.ts'
import { syncNow } from '../../../usecases/connections/sync-now.ts'
import { readAgain } from '../../../usecases/operations/read-again.ts'
import { retryParked } from '../../../usecases/operations/retry-parked.ts'
import { watchCalendars } from '../../../usecases/sync/watch-calendars.ts'
import type { App } from '../app.ts'
import { enter, maySee, sendNotFound, type ConsoleDeps } from './enter.ts'
import { connectionUrl, type Notice } from './layout.ts'
import { sendConnection } from './send-connection.ts'
import { isCsrf, type Visit } from './session.ts'

const open = { access: 'open' } as const
const Id = Type.String({ minLength: 1, maxLength: 1_024 })
const schema = { hide: true, params: Type.Object({ tenant: Id, id: Id, action: Id }) } as const

type Which = { tenantId: string; connectionId: string }
type Form = Readonly<Record<string, unknown>>

/** What a button on a connection does: one use case each. */
const ACTIONS: Readonly<
  Record<string, (deps: ConsoleDeps, which: Which, form: Form) => Promise<Result<Notice, DomainError>>>
> = {
  sync: async (deps, which) => said(await syncNow(deps, which), 'Every calendar is being read.'),
  pause: async (deps, which) =>
    said(await pauseConnection(deps, which), 'Paused. Nothing is read or written until it is resumed.'),
  resume: async (deps, which) => said(await resumeConnection(deps, which), 'It goes on and catches up.'),
  'accept-deletions': async (deps, which) =>
    said(
      await resumeConnection(deps, { ...which, deletions: 'accept' }),
      'It goes on: what was deleted in Google is settled as the policies say.',
    ),
  'restore-deletions': async (deps, which) =>
    said(
      await resumeConnection(deps, { ...which, deletions: 'restore' }),
      'It goes on: our events are written to Google again.',
    ),
  refresh: async ({ jobs }, which) => {
    await jobs.wake([{ kind: 'refresh-calendars', ...which }])
    return succeed({ kind: 'good', text: 'The list of calendars and their roles is being read again.' })
  },
  compare: async ({ store, jobs }, which) => {
    const calendars = await store.calendarsOf(which.tenantId, which.connectionId)
    const used = calendars.filter(each => isChosen(each) && !each.isGone)
    await jobs.wake(used.map(({ id }) => ({ kind: 'compare', ...which, calendarId: id })))
    return succeed({ kind: 'good', text: 'Each calendar is read in full and compared with what is kept.' })
  },
  watch: async (deps, which) => {
    const { opened } = await watchCalendars(deps, which, true)
    const text = opened > 0 ? 'A new channel is open.' : 'No channel could be opened now; it is tried again by itself.'
    return succeed({ kind: opened > 0 ? 'good' : 'bad', text })
  },
  retry: async (deps, which, form) => {
    const appointmentId = typeof form['appointmentId'] === 'string' ? form['appointmentId'] : null
    const retried = await retryParked(deps, { ...which, appointmentId })
    return said(retried, 'They are tried again now.')
  },
  'read-again': async (deps, which) => {
    const read = await readAgain(deps, which)
    if (!read.ok || read.value.unreadable === 0) return said(read, 'All can be read now.')
    return succeed({ kind: 'bad', text: `Google still sends ${read.value.unreadable} in a form that cannot be read.` })
  },
  'connect-link': async (deps, which) => {
    const connection = await deps.store.connection(which.tenantId, which.connectionId)
    if (connection === null) return { ok: false, error: { kind: 'not-found' } }
    const role = (await deps.store.tenant(which.tenantId))?.settings.connectRoles?.[0] ?? null
    const { tenantId } = which
    const made = await createConnectLink(deps, { tenantId, userId: connection.userId, role, returnUrl: null })
    if (!made.ok) return made
    const text = 'Give this link to the user. It works once, for 15 minutes.'
    return succeed({ kind: 'good', text, link: made.value.url })
  },
}

function said(outcome: Result<unknown, DomainError>, text: string): Result<Notice, DomainError> {
  return outcome.ok ? succeed({ kind: 'good', text }) : outcome
}

export function actionRoutes(app: App, deps: ConsoleDeps): void {
  app.post('/console/t/:tenant/connections/:id/:action', { config: open, schema }, async (request, reply) => {
    const { tenant: tenantId, id: connectionId, action } = request.params
    const visit = await enterForm(deps, request, reply, { tenantId, action, object: `connection ${connectionId}` })
    if (visit === null) return reply
    const which = { tenantId, connectionId }
    if (action === 'check') return check(deps, reply, visit, which)
    const act = ACTIONS[action]
    if (act === undefined) return sendNotFound(reply, visit)
    const outcome = await act(deps, which, formOf(request))
    await note(deps, visit, { tenantId, action, object: `connection ${connectionId}`, result: resultOf(outcome) })
    if (!outcome.ok) return sendConnection(deps, reply, visit, which, { notice: refusal(outcome.error), status: 409 })
    if (outcome.value.link === undefined && outcome.value.kind === 'good')
      return reply.redirect(connectionUrl(tenantId, connectionId), 303)
    return sendConnection(deps, reply, visit, which, { notice: outcome.value })
  })
}

async function check(deps: ConsoleDeps, reply: FastifyReply, visit: Visit, which: Which): Promise<FastifyReply> {
  const outcome = await checkConnection(deps, which)
  const { tenantId, connectionId } = which
  await note(deps, visit, {
    tenantId,
    action: 'check',
    object: `connection ${connectionId}`,
    result: resultOf(outcome),
  })
  return outcome.ok
    ? sendConnection(deps, reply, visit, which, { checks: outcome.value.checks })
    : sendNotFound(reply, visit)
}

export const formOf = (request: FastifyRequest): Form => (request.body ?? {}) as Form // a form, or nothing

/** Nobody acts who is not signed in, for a tenant that is not his, or by a form of another page; tries are on record. */
export async function enterForm(
  deps: ConsoleDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  tried: { tenantId: string | null; action: string; object: string | null },
): Promise<Visit | null> {
  const visit = await enter(deps, request, reply)
  if (visit === null) return null
  const isAllowed = tried.tenantId === null ? visit.viewer.kind === 'admin' : maySee(visit, tried.tenantId)
  if (isAllowed && isCsrf(visit, formOf(request)['csrf'])) return visit
  const own = visit.viewer.kind === 'tenant' ? visit.viewer.tenantId : tried.tenantId
  await note(deps, visit, { ...tried, tenantId: own, result: 'refused' })
  void sendNotFound(reply.status(403), visit)
  return null
}

export async function note(
  { operator, system }: ConsoleDeps,
  { viewer }: Visit,
  entry: { tenantId: string | null; action: string; object: string | null; result: string },
): Promise<void> {
  const actor = viewer.kind === 'admin' ? { kind: viewer.kind, id: null } : { kind: viewer.kind, id: viewer.keyId }
  await operator.audit.append({ ...entry, at: system.now(), actor, via: 'console' })
}

export const resultOf = (outcome: Result<unknown, DomainError>): string => (outcome.ok ? 'done' : outcome.error.kind)

function refusal(error: DomainError): Notice {
  if ('detail' in error) return { kind: 'bad', text: error.detail }
  return { kind: 'bad', text: 'That cannot be done now.' }
}
