import { Type } from 'typebox'
import { fail, succeed, type DomainError, type Result } from '../../../core/model/failures.ts'
import type { InputProblem } from '../../../core/model/input.ts'
import { parseDateTime } from '../../../core/model/time.ts'
import type { Listed } from '../../../core/model/version-comparison.ts'
import {
  EXTRAS_MAX,
  PAGE_ITEMS_MAX,
  reconcilePage,
  type Comparison,
  type ReconcileInput,
} from '../../../usecases/reconcile/reconcile-page.ts'
import type { App, ServerDeps } from '../app.ts'
import { problemOf } from '../errors.ts'
import { type Answer, answerOnce } from '../idempotency.ts'
import { BATCH_BYTES_MAX } from '../limits.ts'
import { closed, Id } from '../schemas.ts'
import { readBounds } from '../times.ts'

const Version = Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 })

const Item = Type.Object(
  {
    id: Id('the platform’s own id of the appointment'),
    version: Type.Integer({ ...Version, description: 'the one that was answered last' }),
    updatedAt: Type.Optional(
      Type.String({
        maxLength: 100,
        description: 'as it was answered last; tells two histories apart that came to the same version',
      }),
    ),
  },
  closed,
)

const ReconcileBody = Type.Object(
  {
    items: Type.Array(Item, { maxItems: PAGE_ITEMS_MAX, description: 'by id, in the order of their bytes' }),
    last: Type.Optional(Type.Boolean({ default: false, description: 'true: nothing follows; this page may be empty' })),
    cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 2_000, description: 'of the answer before; opaque' })),
    userId: Type.Optional(Id('only this user’s')),
    origin: Type.Optional(
      Type.Union([Type.Literal('platform'), Type.Literal('google'), Type.Literal('any')], {
        default: 'platform',
        description: 'what counts as extra: what the platform made, what was made in Google, or both',
      }),
    ),
    from: Type.Optional(
      Type.String({ maxLength: 100, description: 'RFC 3339, or a date (UTC): extras only of what ends after it' }),
    ),
    to: Type.Optional(
      Type.String({ maxLength: 100, description: 'RFC 3339, or a date (UTC): extras only of what begins before it' }),
    ),
  },
  { ...closed, title: 'ReconcilePage' },
)

const ReconcileAnswer = Type.Object(
  {
    matched: Type.Integer({ description: 'how many of the page are the same on both sides' }),
    missing: Type.Array(Type.Object({ id: Type.String(), version: Type.Integer() }), {
      description: 'listed, but not here: PUT them',
    }),
    stale: Type.Array(
      Type.Object({
        id: Type.String(),
        version: Type.Integer({ description: 'as listed' }),
        here: Type.Integer({ description: 'the version here' }),
        updatedAt: Type.String({ format: 'date-time', description: 'of the version here' }),
        behind: Type.Union([Type.Literal('lockstep'), Type.Literal('platform'), Type.Literal('unknown')], {
          description:
            '`lockstep`: PUT it; `platform`: GET it; `unknown`: the same version of another time, so compare the two first',
        }),
      }),
    ),
    extra: Type.Array(
      Type.Object({
        id: Type.String(),
        userId: Type.String(),
        origin: Type.String(),
        status: Type.String(),
        version: Type.Integer(),
      }),
      {
        description:
          'here and alive, but not listed in the stretch of ids that this page covers: GET, cancel or DELETE them',
      },
    ),
    cursor: Type.Optional(Type.String({ description: 'send it with the next page; absent: all is compared' })),
    again: Type.Boolean({
      description: `true: there are more than ${EXTRAS_MAX} extras in this stretch; send the same page again with the new cursor`,
    }),
  },
  { title: 'Reconciliation' },
)

/** Both sides against each other, page by page: what one of them lost, as after a restore from a backup. */
export function reconcileRoutes(app: App, deps: ServerDeps): void {
  app.post(
    '/v1/reconcile',
    {
      config: { access: 'tenant' },
      bodyLimit: BATCH_BYTES_MAX,
      schema: {
        tags: ['appointments'],
        summary: 'Compare what the platform has with what is here: missing, stale and extra',
        description:
          `Post every appointment’s \`{id, version}\`, at most ${PAGE_ITEMS_MAX} a page, in the order of the ids’ bytes ` +
          '(`ORDER BY id COLLATE "C"`), each page with the cursor of the answer before and the last one with `last: true`. Each ' +
          'answer says what of its page is missing or stale here, and what is here but not listed in the stretch of ids from the page before ' +
          'to this one’s end. Nothing is changed and nothing is kept between calls: a page can be posted again, and a comparison ' +
          'abandoned. What was booked after it began is no extra. Archived, cancelled and no-show appointments that are not listed are no ' +
          'extras; an archived one that is listed is missing.',
        body: ReconcileBody,
        response: { 200: ReconcileAnswer },
      },
    },
    async (request, reply) => {
      const tenantId = request.tenantId()
      const input = readPage(request.body, tenantId)
      return answerOnce({ deps, request, reply, tenantId }, async () => {
        if (!input.ok) return { problem: problemOf(input.error) }
        return answerPage(await reconcilePage(deps, input.value))
      })
    },
  )
}

type SentPage = {
  items: { id: string; version: number; updatedAt?: string }[]
  last?: boolean
  cursor?: string
  userId?: string
  origin?: 'platform' | 'google' | 'any'
  from?: string
  to?: string
}

function readPage(sent: SentPage, tenantId: string): Result<ReconcileInput, DomainError> {
  const bounds = readBounds(sent, 'UTC')
  const problems: InputProblem[] = bounds.ok ? [] : [...bounds.error]
  const items: Listed[] = sent.items.map(({ id, version, updatedAt }, index) => {
    if (updatedAt === undefined) return { id, version, updatedAt: null }
    const read = parseDateTime(updatedAt, null)
    if (!read.ok) problems.push({ path: `items[${index}].updatedAt`, message: read.error })
    return { id, version, updatedAt: read.ok ? read.value.at : null }
  })
  if (!bounds.ok || problems.length > 0) return fail({ kind: 'invalid', problems })
  const { userId, origin = sent.cursor === undefined ? 'platform' : undefined, cursor = null, last = false } = sent
  const scope = {
    ...(userId === undefined ? {} : { userId }),
    ...(origin === undefined ? {} : { origin: origin === 'any' ? null : origin }),
    ...(sent.from === undefined ? {} : { from: bounds.value.from }),
    ...(sent.to === undefined ? {} : { to: bounds.value.to }),
  }
  return succeed({ tenantId, scope, items, cursor, isLast: last })
}

function answerPage(compared: Result<Comparison, DomainError>): Answer {
  if (!compared.ok) return { problem: problemOf(compared.error) }
  const { matched, missing, extra, cursor, isAgain } = compared.value
  const stale = compared.value.stale.map(each => ({ ...each, updatedAt: new Date(each.updatedAt).toISOString() }))
  return {
    status: 200,
    body: { matched, missing, stale, extra, ...(cursor === null ? {} : { cursor }), again: isAgain },
  }
}
