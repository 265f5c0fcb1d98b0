import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import { STATUSES } from '../../../core/model/status-moves.ts'
import { fail, type DomainError, type Result } from '../../../core/model/failures.ts'
import { archiveAppointment } from '../../../usecases/appointments/archive-appointment.ts'
import { cancelAppointment } from '../../../usecases/appointments/cancel-appointment.ts'
import { getAppointment } from '../../../usecases/appointments/get-appointment.ts'
import { type Filter, listAppointments, type Page } from '../../../usecases/appointments/list-appointments.ts'
import { EXPANSION_DAYS_MAX, listInstances } from '../../../usecases/appointments/list-instances.ts'
import { patchAppointment } from '../../../usecases/appointments/patch-appointment.ts'
import { BATCH_ITEMS_MAX, type BatchItem, putBatch } from '../../../usecases/appointments/put-batch.ts'
import { putAppointment } from '../../../usecases/appointments/put-appointment.ts'
import { readHistory } from '../../../usecases/appointments/read-history.ts'
import { splitSeries, type Split } from '../../../usecases/appointments/split-series.ts'
import type { Written } from '../../../usecases/appointments/write-appointments.ts'
import { entityTag } from '../answers.ts'
import type { App, ServerDeps } from '../app.ts'
import {
  AppointmentAnswer,
  AppointmentBody,
  AppointmentPatch,
  AppointmentsAnswer,
  BatchAnswer,
  BatchBody,
  HistoryAnswer,
  historyItem,
  SplitAnswer,
  SplitBody,
} from '../appointment-schemas.ts'
import { problemOf } from '../errors.ts'
import { type Answer, answerOnceInTransaction } from '../idempotency.ts'
import { BATCH_BYTES_MAX } from '../limits.ts'
import { readIfMatches } from '../preconditions.ts'
import { sendProblem } from '../problem.ts'
import { closed, Id, IdParams, Limit, PageCursor } from '../schemas.ts'
import { readBounds, readWindow } from '../times.ts'
import { bodyCheckedByCore } from '../validation.ts'

const tenant = { access: 'tenant' } as const
const versioned = { access: 'tenant', isVersioned: true } as const
const tags = ['appointments']

const WriteQuery = Type.Object(
  {
    onConflict: Type.Optional(
      Type.Union([Type.Literal('allow'), Type.Literal('reject')], {
        default: 'allow',
        description: '`reject`: 409 with the conflicts where the user is busy then, checked in the same transaction',
      }),
    ),
  },
  closed,
)

const ListQuery = Type.Object(
  {
    userId: Type.Optional(Id('only of this user')),
    from: Type.Optional(Type.String({ description: 'RFC 3339, or a date (UTC): only what ends after it' })),
    to: Type.Optional(Type.String({ description: 'RFC 3339, or a date (UTC): only what begins before it' })),
    origin: Type.Optional(Type.Union([Type.Literal('platform'), Type.Literal('google')])),
    status: Type.Optional(Type.Union(STATUSES.map(status => Type.Literal(status)))),
    archived: Type.Optional(Type.Boolean({ description: 'true: the archived ones instead' })),
    expand: Type.Optional(
      Type.Literal('instances', {
        description: `each occurrence as an item; needs from and to, at most ${EXPANSION_DAYS_MAX} days apart`,
      }),
    ),
    limit: Limit,
    cursor: PageCursor,
  },
  closed,
)

const CancelBody = Type.Object(
  {
    reason: Type.Optional(
      Type.String({
        pattern: '^[a-z][a-z0-9_]{0,63}$',
        default: 'cancelled',
        description: '`no_show` sets that status, any other word sets `cancelled`; kept in the history',
      }),
    ),
  },
  closed,
)

export function appointmentRoutes(app: App, deps: ServerDeps): void {
  writeRoutes(app, deps)
  splitRoute(app, deps)
  cancelAndBatchRoutes(app, deps)
  readRoutes(app, deps)
}

function writeRoutes(app: App, deps: ServerDeps): void {
  app.put(
    '/v1/appointments/:id',
    {
      config: versioned,
      validatorCompiler: bodyCheckedByCore,
      schema: {
        tags,
        summary: 'Book an appointment under the platform’s own id, or replace it',
        params: IdParams,
        querystring: WriteQuery,
        body: AppointmentBody,
        response: { 200: AppointmentAnswer, 201: AppointmentAnswer },
      },
    },
    async (request, reply) => {
      const { body, params, query } = request
      const ifMatch = readIfMatches(request.headers['if-match'])
      if (!ifMatch.ok) return refuse(reply, ifMatch.error)
      const { onConflict = 'allow' } = query
      const input = { tenantId: request.tenantId(), id: params.id, body, ifMatch: ifMatch.value, onConflict }
      return answerWritten(reply, await putAppointment(deps, input))
    },
  )
  app.patch(
    '/v1/appointments/:id',
    {
      config: versioned,
      validatorCompiler: bodyCheckedByCore,
      schema: {
        tags,
        summary: 'Change what the body names; `metadata` is merged, null takes a member away',
        params: IdParams,
        querystring: WriteQuery,
        body: AppointmentPatch,
        response: { 200: AppointmentAnswer },
      },
    },
    async (request, reply) => {
      const { body, params, query } = request
      const ifMatch = readIfMatches(request.headers['if-match'])
      if (!ifMatch.ok) return refuse(reply, ifMatch.error)
      const { onConflict = 'allow' } = query
      const input = { tenantId: request.tenantId(), id: params.id, body, ifMatch: ifMatch.value, onConflict }
      return answerWritten(reply, await patchAppointment(deps, input))
    },
  )
  app.delete(
    '/v1/appointments/:id',
    {
      config: versioned,
      schema: {
        tags,
        summary: 'Archive: gone from lists and from Google, readable with `?archived=true`',
        params: IdParams,
        response: { 200: AppointmentAnswer },
      },
    },
    async (request, reply) => {
      const ifMatch = readIfMatches(request.headers['if-match'])
      if (!ifMatch.ok) return refuse(reply, ifMatch.error)
      const input = { tenantId: request.tenantId(), id: request.params.id, ifMatch: ifMatch.value }
      return answerWritten(reply, await archiveAppointment(deps, input))
    },
  )
}

function splitRoute(app: App, deps: ServerDeps): void {
  app.post(
    '/v1/appointments/:id/split',
    {
      config: versioned,
      validatorCompiler: bodyCheckedByCore,
      schema: {
        tags,
        summary: '“This and following” of a series: change them or cancel them',
        description:
          'The series ends before the occurrence at `originalStart`. An appointment of its own, `<series>~R<slot>`, goes on from there with ' +
          '`changes`, and takes the later exceptions along; with `cancel` nothing goes on. One occurrence alone is changed by PUT of an ' +
          'exception (`recurringId`, `originalStart`), all of them by PUT or PATCH of the series.',
        params: IdParams,
        body: SplitBody,
        response: { 200: SplitAnswer },
      },
    },
    async (request, reply) => {
      const ifMatch = readIfMatches(request.headers['if-match'])
      if (!ifMatch.ok) return refuse(reply, ifMatch.error)
      const tenantId = request.tenantId()
      const input = { tenantId, id: request.params.id, body: request.body, ifMatch: ifMatch.value }
      return answerOnceInTransaction(
        { deps, request, reply, tenantId },
        store => splitSeries({ ...deps, store }, input),
        answerSplit,
      )
    },
  )
}

function cancelAndBatchRoutes(app: App, deps: ServerDeps): void {
  app.post(
    '/v1/appointments/:id/cancel',
    {
      config: versioned,
      schema: {
        tags,
        summary: 'Call it off',
        params: IdParams,
        body: Type.Union([CancelBody, Type.Null()]),
        response: { 200: AppointmentAnswer },
      },
    },
    async (request, reply) => {
      const ifMatch = readIfMatches(request.headers['if-match'])
      if (!ifMatch.ok) return refuse(reply, ifMatch.error)
      const tenantId = request.tenantId()
      const reason = request.body?.reason ?? 'cancelled'
      const input = { tenantId, id: request.params.id, reason, ifMatch: ifMatch.value }
      return answerOnceInTransaction(
        { deps, request, reply, tenantId },
        store => cancelAppointment({ ...deps, store }, input),
        answerCancelled,
      )
    },
  )
  app.post(
    '/v1/appointments/batch',
    {
      config: tenant,
      bodyLimit: BATCH_BYTES_MAX,
      validatorCompiler: bodyCheckedByCore,
      schema: {
        tags,
        summary: `Put up to ${BATCH_ITEMS_MAX} appointments; answers per item, one bad item spoils no other`,
        querystring: WriteQuery,
        body: BatchBody,
        response: { 200: BatchAnswer },
      },
    },
    async (request, reply) => {
      const items = readBatch(request.body)
      if (!items.ok) return refuse(reply, items.error)
      const tenantId = request.tenantId()
      const { onConflict = 'allow' } = request.query
      return answerOnceInTransaction(
        { deps, request, reply, tenantId },
        store => putBatch({ ...deps, store }, { tenantId, items: items.value, onConflict }),
        answerBatch,
      )
    },
  )
}

function readRoutes(app: App, deps: ServerDeps): void {
  app.get(
    '/v1/appointments/:id',
    {
      config: versioned,
      schema: {
        tags,
        summary: 'Read one',
        params: IdParams,
        querystring: Type.Object({ archived: Type.Optional(Type.Boolean()) }, closed),
        response: { 200: AppointmentAnswer },
      },
    },
    async (request, reply) => {
      const isArchivedShown = request.query.archived ?? false
      const input = { tenantId: request.tenantId(), id: request.params.id, isArchivedShown }
      const found = await getAppointment(deps, input)
      return found.ok
        ? reply.header('etag', entityTag(found.value.version)).send(found.value)
        : refuse(reply, found.error)
    },
  )
  app.get(
    '/v1/appointments',
    {
      config: tenant,
      schema: { tags, summary: 'List by start', querystring: ListQuery, response: { 200: AppointmentsAnswer } },
    },
    async (request, reply) => {
      const page = await list(deps, request.tenantId(), request.query)
      if (!page.ok) return refuse(reply, page.error)
      const { items, cursor } = page.value
      return reply.send(cursor === null ? { items } : { items, cursor })
    },
  )
  app.get(
    '/v1/appointments/:id/history',
    {
      config: tenant,
      schema: {
        tags,
        summary: 'What happened to it, in order: the latest `limit` entries, each with its reason',
        params: IdParams,
        querystring: Type.Object({ limit: Limit }, closed),
        response: { 200: HistoryAnswer },
      },
    },
    async (request, reply) => {
      const { limit = HISTORY_LIMIT } = request.query
      const history = await readHistory(deps, { tenantId: request.tenantId(), id: request.params.id, limit })
      return history.ok ? reply.send({ items: history.value.map(historyItem) }) : refuse(reply, history.error)
    },
  )
}

const LIST_LIMIT = 100
const HISTORY_LIMIT = 100

type ListQueryValue = {
  userId?: string
  from?: string
  to?: string
  origin?: Filter['origin'] & string
  status?: string
  archived?: boolean
  expand?: 'instances'
  limit?: number
  cursor?: string
}

async function list(deps: ServerDeps, tenantId: string, query: ListQueryValue): Promise<Result<Page, DomainError>> {
  const bounds = query.expand === undefined ? readBounds(query, 'UTC') : readWindow(query, 'UTC', EXPANSION_DAYS_MAX)
  if (!bounds.ok) return fail({ kind: 'invalid', problems: bounds.error })
  const { userId = null, origin = null, status = null, archived = false, cursor = null, limit = LIST_LIMIT } = query
  const filter = { userId, origin, status, isArchived: archived }
  if ('startAt' in bounds.value) {
    const window = bounds.value
    const whole = { ...filter, from: window.startAt, to: window.endAt }
    return listInstances(deps, { tenantId, filter: whole, window, cursor, limit })
  }
  return listAppointments(deps, { tenantId, filter: { ...filter, ...bounds.value }, cursor, limit })
}

function refuse(reply: FastifyReply, error: DomainError): FastifyReply {
  return sendProblem(reply, problemOf(error))
}

function answerWritten(reply: FastifyReply, written: Result<Written, DomainError>): FastifyReply {
  if (!written.ok) return refuse(reply, written.error)
  const { outcome, resource } = written.value
  return reply
    .status(outcome === 'created' ? 201 : 200)
    .header('etag', entityTag(resource.version))
    .send(resource)
}

function answerSplit(split: Result<Split, DomainError>): Answer {
  if (!split.ok) return { problem: problemOf(split.error) }
  const { series } = split.value
  return { status: 200, body: split.value, headers: { etag: entityTag(series.version) } }
}

function answerCancelled(written: Result<Written, DomainError>): Answer {
  if (!written.ok) return { problem: problemOf(written.error) }
  const { resource } = written.value
  return { status: 200, body: resource, headers: { etag: entityTag(resource.version) } }
}

/** The items as they came; what is in them is looked at one by one. */
function readBatch(body: unknown): Result<readonly unknown[], DomainError> {
  const items: unknown = typeof body === 'object' && body !== null && 'items' in body ? body.items : undefined
  const unknown = typeof body === 'object' && body !== null ? Object.keys(body).filter(name => name !== 'items') : []
  const problems = unknown.map(path => ({ path, message: 'is not known here' }))
  if (!Array.isArray(items)) problems.push({ path: 'items', message: 'must be a list of appointments' })
  else if (items.length > BATCH_ITEMS_MAX)
    problems.push({ path: 'items', message: `must not have more than ${BATCH_ITEMS_MAX} items` })
  if (problems.length > 0) return fail({ kind: 'invalid', problems })
  return { ok: true, value: items as unknown[] }
}

function answerBatch(items: readonly BatchItem[]): Answer {
  const answered = items.map(({ id, result }) => {
    if (!result.ok) return { id, status: problemOf(result.error).status, problem: problemOf(result.error) }
    const { outcome, resource } = result.value
    return { id, status: outcome === 'created' ? 201 : 200, version: resource.version }
  })
  return { status: 200, body: { items: answered } }
}
