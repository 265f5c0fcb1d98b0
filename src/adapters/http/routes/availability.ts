import { Type } from 'typebox'
import { fail, succeed, type DomainError, type Result } from '../../../core/model/failures.ts'
import type { InputProblem } from '../../../core/model/input.ts'
import { DAY_MS, formatDateTime, type Range } from '../../../core/model/time.ts'
import { checkAvailability } from '../../../usecases/availability/check-availability.ts'
import { readAvailability } from '../../../usecases/availability/read-availability.ts'
import type { App, ServerDeps } from '../app.ts'
import { problemOf } from '../errors.ts'
import { type Answer, answerOnce } from '../idempotency.ts'
import { sendProblem } from '../problem.ts'
import { closed, UserParams } from '../schemas.ts'
import { readBounds, readWindow } from '../times.ts'

const DAYS_MAX = 366
const SLOTS_MAX = 500
const tags = ['availability']
const config = { access: 'tenant' } as const

const Source = Type.Object({
  kind: Type.Union([Type.Literal('appointment'), Type.Literal('calendar')], {
    description: 'whose side it comes from',
  }),
  id: Type.String({ description: 'the appointment’s id; never a title' }),
})
const AvailabilityAnswer = Type.Object(
  {
    busy: Type.Array(Type.Object({ start: Type.String(), end: Type.String(), sources: Type.Array(Source) })),
    timeZone: Type.String({ description: 'where the user’s whole days begin and end' }),
  },
  { title: 'Availability' },
)
const SlotSchema = Type.Object(
  {
    start: Type.String({ description: 'RFC 3339 with offset' }),
    end: Type.String({ description: 'RFC 3339 with offset' }),
  },
  closed,
)
const CheckAnswer = Type.Object({
  slots: Type.Array(
    Type.Object({
      start: Type.String(),
      end: Type.String(),
      free: Type.Boolean(),
      conflicts: Type.Array(Type.Object({ start: Type.String(), end: Type.String(), source: Source })),
    }),
  ),
})

export function availabilityRoutes(app: App, deps: ServerDeps): void {
  app.get(
    '/v1/users/:userId/availability',
    {
      config,
      schema: {
        tags,
        summary: 'When a user is busy, merged, each stretch with its sources',
        params: UserParams,
        querystring: Type.Object(
          {
            from: Type.Optional(Type.String({ description: 'RFC 3339, or a date (UTC)' })),
            to: Type.Optional(Type.String({ description: `at most ${DAYS_MAX} days after from` })),
          },
          closed,
        ),
        response: { 200: AvailabilityAnswer },
      },
    },
    async (request, reply) => {
      const window = readWindow(request.query, 'UTC', DAYS_MAX)
      if (!window.ok) return sendProblem(reply, problemOf({ kind: 'invalid', problems: window.error }))
      const input = { tenantId: request.tenantId(), userId: request.params.userId, window: window.value }
      const found = await readAvailability(deps, input)
      if (!found.ok) return sendProblem(reply, problemOf(found.error))
      const { busy, zone } = found.value
      return reply.send({ busy: busy.map(each => ({ ...bounds(each, zone), sources: each.sources })), timeZone: zone })
    },
  )
  app.post(
    '/v1/users/:userId/availability/check',
    {
      config,
      schema: {
        tags,
        summary: 'Is each of these slots free?',
        params: UserParams,
        body: Type.Object({ slots: Type.Array(SlotSchema, { minItems: 1, maxItems: SLOTS_MAX }) }, closed),
        response: { 200: CheckAnswer },
      },
    },
    async (request, reply) => {
      const tenantId = request.tenantId()
      const { slots } = request.body
      return answerOnce({ deps, request, reply, tenantId }, () => check(deps, tenantId, request.params.userId, slots))
    },
  )
}

type SentSlot = { start: string; end: string }

async function check(deps: ServerDeps, tenantId: string, userId: string, sent: readonly SentSlot[]): Promise<Answer> {
  const slots = readSlots(sent)
  if (!slots.ok) return { problem: problemOf(slots.error) }
  const checked = await checkAvailability(deps, { tenantId, userId, slots: slots.value })
  if (!checked.ok) return { problem: problemOf(checked.error) }
  const { zone } = checked.value
  const answered = checked.value.slots.map(({ free, conflicts }, index) => ({
    ...sent[index],
    free,
    conflicts: conflicts.map(each => ({ ...bounds(each, zone), source: each.source })),
  }))
  return { status: 200, body: { slots: answered } }
}

function readSlots(sent: readonly SentSlot[]): Result<Range[], DomainError> {
  const problems: InputProblem[] = []
  const slots: Range[] = []
  for (const [index, slot] of sent.entries()) {
    const read = readBounds({ from: slot.start, to: slot.end }, 'UTC')
    if (read.ok && read.value.from !== null && read.value.to !== null)
      slots.push({ startAt: read.value.from, endAt: read.value.to })
    else if (!read.ok) problems.push(...read.error.map(each => inSlot(index, each)))
  }
  if (problems.length > 0) return fail({ kind: 'invalid', problems })
  const stretchMs = Math.max(...slots.map(slot => slot.endAt)) - Math.min(...slots.map(slot => slot.startAt))
  if (stretchMs <= DAYS_MAX * DAY_MS) return succeed(slots)
  const message = `must lie within ${DAYS_MAX} days`
  return fail({ kind: 'invalid', problems: [{ path: 'slots', message }] })
}

function inSlot(index: number, { path, message }: InputProblem): InputProblem {
  const member = path === 'from' ? 'start' : 'end'
  return { path: `slots[${index}].${member}`, message: message.replace('after from', 'after the start') }
}

const bounds = ({ startAt, endAt }: Range, zone: string): { start: string; end: string } => ({
  start: formatDateTime(startAt, zone),
  end: formatDateTime(endAt, zone),
})
