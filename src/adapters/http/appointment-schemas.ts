import { Type } from 'typebox'
import {
  COLOURS,
  DESCRIPTION_LENGTH_MAX,
  KINDS,
  LOCATION_LENGTH_MAX,
  TITLE_LENGTH_MAX,
} from '../../core/model/appointment-draft.ts'
import type { JournalRow } from '../../core/model/journal.ts'
import type { AppointmentResource } from '../../core/model/resource.ts'
import { STATUSES } from '../../core/model/status-moves.ts'
import { closed, ID_LENGTH_MAX, ProblemSchema } from './schemas.ts'

const nullable = (description: string, maxLength = ID_LENGTH_MAX) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], maxLength, description })

const instant = Type.Object(
  {
    dateTime: Type.String({ description: 'RFC 3339 with offset; without one, local to `timeZone`' }),
    timeZone: Type.Optional(Type.String({ description: 'IANA name; needed for a series; UTC where left out' })),
  },
  closed,
)
const day = Type.Object(
  { date: Type.String({ description: 'YYYY-MM-DD, for whole days; an end is exclusive' }) },
  closed,
)
const Moment = Type.Union([instant, day])

const written = {
  userId: Type.String({
    minLength: 1,
    maxLength: ID_LENGTH_MAX,
    description: 'the platform’s own id; fixed once booked',
  }),
  kind: Type.Optional(Type.Unsafe({ type: 'string', enum: KINDS, default: 'appointment' })),
  status: Type.Optional(Type.Unsafe({ type: 'string', enum: STATUSES, default: 'confirmed' })),
  title: Type.Optional(nullable('what people read', TITLE_LENGTH_MAX)),
  description: Type.Optional(nullable('a longer text', DESCRIPTION_LENGTH_MAX)),
  location: Type.Optional(nullable('where', LOCATION_LENGTH_MAX)),
  start: Moment,
  end: Moment,
  recurrence: Type.Optional(
    Type.Unsafe<readonly string[] | null>({
      type: ['array', 'null'],
      items: { type: 'string' },
      description: 'RRULE, EXDATE and RDATE lines; a series is one appointment',
    }),
  ),
  recurringId: Type.Optional(nullable('makes this an exception of that series; with `originalStart`')),
  originalStart: Type.Optional(Moment),
  busy: Type.Optional(Type.Boolean({ default: true, description: 'blocks the user’s time' })),
  colour: Type.Optional(Type.Unsafe({ enum: [...COLOURS, null], description: 'Google’s colour key' })),
  metadata: Type.Optional(
    Type.Unsafe({
      type: 'object',
      additionalProperties: true,
      description: 'the platform’s own; never sent to Google',
    }),
  ),
}

/** May be sent back as they were read; they are not written. */
const readOnly = {
  id: Type.Optional(Type.String({ maxLength: ID_LENGTH_MAX, description: 'if sent: as in the path' })),
  origin: Type.Optional(Type.Literal('platform', { readOnly: true })),
  locked: Type.Optional(Type.Literal(false, { readOnly: true })),
  archived: Type.Optional(Type.Literal(false, { readOnly: true })),
  version: Type.Optional(Type.Integer({ readOnly: true, description: 'not compared: `If-Match` is' })),
  createdAt: Type.Optional(Type.String({ readOnly: true })),
  updatedAt: Type.Optional(Type.String({ readOnly: true })),
  google: Type.Optional(Type.Unsafe({ type: ['object', 'null'], readOnly: true })),
}

/** What a PUT takes. It only documents: `core/model/appointment-draft.ts` checks, and names all problems at once. */
export const AppointmentBody = Type.Object({ ...written, ...readOnly }, { ...closed, title: 'AppointmentInput' })
export const AppointmentPatch = Type.Partial(Type.Object({ ...written, ...readOnly }, closed), {
  title: 'AppointmentChanges',
})
export const SplitBody = Type.Object(
  {
    originalStart: Moment,
    changes: Type.Optional(
      Type.Partial(Type.Object(written, closed), {
        description:
          'what the later part shall say otherwise than the series did; `start` and `end` are those of its first occurrence. Without ' +
          '`recurrence` the rule goes on, moved along',
      }),
    ),
    cancel: Type.Optional(Type.Boolean({ default: false, description: 'true: the series ends, nothing goes on' })),
  },
  { ...closed, title: 'Split' },
)
export const BatchBody = Type.Object(
  {
    items: Type.Array(Type.Object({ ...written, ...readOnly, id: Type.String({ maxLength: ID_LENGTH_MAX }) }, closed), {
      maxItems: 1_000,
    }),
  },
  { ...closed, title: 'Batch' },
)

const time = (description: string, type: 'object' | readonly ['object', 'null'] = 'object') => ({
  type,
  description,
  properties: { dateTime: { type: 'string' }, timeZone: { type: 'string' }, date: { type: 'string' } },
})
const text = { type: 'string' }
const textOrNull = { type: ['string', 'null'] }

/** What is answered. Only these members ever leave. */
const appointmentProperties = {
  id: text,
  userId: text,
  kind: { type: 'string', enum: KINDS },
  status: { type: 'string', enum: STATUSES },
  title: textOrNull,
  description: textOrNull,
  location: textOrNull,
  start: time('`{dateTime, timeZone}` or `{date}`'),
  end: time('exclusive'),
  recurrence: { type: ['array', 'null'], items: text },
  recurringId: textOrNull,
  originalStart: time('the slot of the series that an exception replaces', ['object', 'null']),
  busy: { type: 'boolean' },
  colour: textOrNull,
  metadata: { type: 'object', additionalProperties: true },
  origin: { type: 'string', enum: ['platform', 'google'] },
  locked: { type: 'boolean', description: 'made in Google: only Google changes it' },
  version: { type: 'integer', description: 'also the ETag' },
  archived: { type: 'boolean' },
  createdAt: text,
  updatedAt: text,
  google: {
    type: 'object',
    properties: {
      calendarId: textOrNull,
      eventId: textOrNull,
      htmlLink: textOrNull,
      state: { type: 'string', enum: ['none', 'pending', 'synced', 'held', 'failed', 'excluded'] },
      error: { type: ['object', 'null'], properties: { code: text, message: text }, required: ['code', 'message'] },
    },
    required: ['calendarId', 'eventId', 'htmlLink', 'state', 'error'],
  },
}

const answered = {
  title: 'Appointment',
  type: 'object',
  properties: appointmentProperties,
  required: Object.keys(appointmentProperties),
}

export const AppointmentAnswer = Type.Unsafe<AppointmentResource>(answered)

export const AppointmentsAnswer = Type.Unsafe<{ items: AppointmentResource[]; cursor?: string }>({
  type: 'object',
  properties: {
    items: { type: 'array', items: answered },
    cursor: { type: 'string', description: 'there is more: send it to read on' },
  },
  required: ['items'],
})

export const BatchAnswer = Type.Unsafe<{ items: unknown[] }>({
  title: 'BatchAnswer',
  type: 'object',
  properties: {
    items: {
      type: 'array',
      description: 'in the order of the request',
      items: {
        type: 'object',
        properties: {
          id: { type: ['string', 'null'], description: 'as it was sent; null where it was none' },
          status: { type: 'integer', description: 'as a PUT of its own would be answered' },
          version: { type: 'integer', description: 'where it was written' },
          problem: {
            ...ProblemSchema,
            title: 'BatchProblem',
            required: ['type', 'title', 'status', 'detail'],
            additionalProperties: true, // the members that some types carry
          },
        },
        required: ['id', 'status'],
      },
    },
  },
  required: ['items'],
})

const values = { type: 'object', additionalProperties: true }
export const HistoryAnswer = Type.Unsafe<{ items: unknown[] }>({
  title: 'History',
  type: 'object',
  properties: {
    items: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          at: { type: 'string', format: 'date-time' },
          side: { type: 'string', enum: ['platform', 'google', 'lockstep'] },
          action: text,
          reason: { type: 'string', description: 'the same in a sentence, for people' },
          rule: { type: 'string', description: 'the rule that decided' },
          before: { ...values, description: 'of the fields that changed' },
          after: values,
        },
        required: ['at', 'side', 'action', 'reason', 'rule'],
      },
    },
  },
  required: ['items'],
})

export const SplitAnswer = Type.Unsafe<{ series: AppointmentResource; following: AppointmentResource | null }>({
  type: 'object',
  properties: {
    series: answered,
    following: { anyOf: [answered, { type: 'null' }], description: 'null where the later part was cancelled' },
  },
  required: ['series', 'following'],
})

export function historyItem({ at, side, action, reason, rule, before, after }: JournalRow): Record<string, unknown> {
  const told = { at: new Date(at).toISOString(), side, action, reason, rule }
  return { ...told, ...(before === null ? {} : { before }), ...(after === null ? {} : { after }) }
}
