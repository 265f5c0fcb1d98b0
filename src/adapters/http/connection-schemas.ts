import { Type } from 'typebox'
import { closed, Nullable } from './schemas.ts'

/** Connections, their calendars, plans and runs as `/openapi.json` describes them; what is not named here is never sent. */

const oneOf = (values: readonly string[], description: string) =>
  Type.Unsafe<string>({ type: 'string', enum: [...values], description })

const Moment = Nullable(Type.String({ format: 'date-time' }))

export const WindowSchema = Type.Object(
  {
    daysBack: Type.Integer({ minimum: 0, maximum: 3_650, description: 'whole days before today' }),
    daysAhead: Type.Integer({ minimum: 1, maximum: 3_650, description: 'whole days after today' }),
  },
  { ...closed, description: 'What is synced; it moves with the calendar day.' },
)

const KINDS = ['appointment', 'meeting', 'task', 'event', 'block']
const STATUSES = ['tentative', 'confirmed', 'completed', 'cancelled', 'no_show']

const policy = {
  googleEdits: oneOf(['accept', 'propose', 'revert'], 'an edit in Google to a platform-origin appointment'),
  googleDeletes: oneOf(['cancel', 'propose', 'restore'], 'its deletion in Google'),
  concurrentEdits: oneOf(['platform', 'google', 'latest'], 'who wins where both sides changed the same field'),
  cancelled: oneOf(['delete', 'mark'], 'whether a cancelled appointment leaves Google or stays there, free and marked'),
  imported: oneOf(['full', 'busy'], 'what a Google-origin event shows on the platform'),
  duplicates: oneOf(['link', 'flag'], 'what becomes of an exact twin found in Google'),
  presentation: Type.Unsafe<unknown>({
    type: 'object',
    additionalProperties: false,
    description: 'What leaves for Google; what is left out stays as it is.',
    properties: {
      title: { type: 'string', description: '`full`, `kind`, `busy`, or a template such as `{{kind}} {{initials}}`' },
      description: { type: 'boolean' },
      location: { type: 'boolean' },
      visibility: { type: 'string', enum: ['default', 'private', 'public'] },
      colour: { type: ['string', 'null'], description: 'Google’s colour key, `1` to `11`' },
    },
  }),
  include: Type.Unsafe<unknown>({
    type: 'object',
    additionalProperties: false,
    description: 'Which appointments are sent.',
    properties: {
      kinds: { type: 'array', items: { type: 'string', enum: KINDS } },
      statuses: { type: 'array', items: { type: 'string', enum: STATUSES } },
    },
  }),
  deletionGuard: Type.Unsafe<unknown>({
    type: 'object',
    additionalProperties: false,
    description: 'A pull that would cancel more than both holds the connection and asks.',
    properties: { count: { type: 'integer', minimum: 0 }, share: { type: 'number', minimum: 0, maximum: 1 } },
  }),
}

/** As given: the values are checked one by one by the core, which names every problem; `null` takes a value back. */
export const PolicyInput = Type.Unsafe<unknown>({
  type: 'object',
  description: 'Policies to change; `null` takes one back to the level above. Values as in the answer’s `policies`.',
})

const PoliciesSchema = Type.Object(policy)

export const ConnectionSchema = Type.Object(
  {
    id: Type.String(),
    userId: Type.String(),
    googleAccount: Type.Object({ sub: Type.String(), email: Type.String() }),
    mode: oneOf(['two_way', 'push_only', 'off'], 'which ways it syncs'),
    status: oneOf(['pending', 'active', 'needs_reauth', 'paused', 'held', 'disconnected'], 'where it stands'),
    statusReason: Nullable(Type.String()),
    missingScopes: Type.Array(Type.String(), { description: 'permissions that the user did not grant' }),
    calendars: Type.Array(
      Type.Object({
        id: Type.String(),
        summary: Type.String(),
        timeZone: Type.String(),
        accessRole: Type.String(),
        isPrimary: Type.Boolean(),
        isTarget: Type.Boolean(),
        isSource: Type.Boolean(),
        isConflict: Type.Boolean(),
        isGone: Type.Boolean(),
        lastPulledAt: Moment,
      }),
    ),
    window: WindowSchema,
    policies: PoliciesSchema,
    recovering: Type.Boolean({
      description: 'the database was restored: nothing is written before everything in Google was matched',
    }),
    lastSyncedAt: Moment,
    counts: Type.Object({ linked: Type.Integer(), missing: Type.Integer() }),
    links: Type.Record(Type.String(), Type.String()),
    version: Type.Integer(),
    createdAt: Type.String({ format: 'date-time' }),
  },
  { title: 'Connection' },
)

export const CalendarChoiceSchema = Type.Object(
  {
    id: Type.String(),
    summary: Type.String(),
    timeZone: Type.String(),
    accessRole: Type.String(),
    isPrimary: Type.Boolean(),
    isTarget: Type.Boolean(),
    isSource: Type.Boolean(),
    isConflict: Type.Boolean(),
    canBeTarget: Type.Boolean(),
    canBeSource: Type.Boolean(),
    canBeConflict: Type.Boolean(),
    reason: Nullable(Type.String({ description: 'why not, where something is not possible' })),
  },
  { title: 'CalendarChoice' },
)

export const PlanSchema = Type.Object(
  {
    google: Type.Array(
      Type.Object({
        action: oneOf(['insert', 'update', 'delete'], 'the call that would be made'),
        appointmentId: Nullable(Type.String()),
        eventId: Nullable(Type.String()),
        calendarId: Type.String(),
        summary: Nullable(Type.String()),
      }),
    ),
    local: Type.Array(
      Type.Object({
        action: Type.String({
          description:
            'archive: leaves the view, with its history; pair_again, take_in_again: forgotten and found again; let_go: forgotten and not looked for any more; cancel, propose: what the policies say of a deletion',
        }),
        appointmentId: Type.String(),
      }),
    ),
    counts: Type.Object({
      insert: Type.Integer(),
      update: Type.Integer(),
      delete: Type.Integer(),
      local: Type.Integer(),
    }),
  },
  { title: 'Plan' },
)

export const CheckSchema = Type.Object(
  {
    checks: Type.Array(
      Type.Object({
        name: Type.String(),
        status: Type.Union([Type.Literal('ok'), Type.Literal('failed')]),
        detail: Type.String(),
        remedy: Type.Optional(Type.String()),
      }),
    ),
  },
  { title: 'ConnectionCheck' },
)

export const StartedRun = Type.Object(
  { runId: Type.String() },
  { title: 'StartedRun', description: 'Ask `GET /v1/runs/{id}` how far it is.' },
)

export const RunSchema = Type.Object(
  {
    id: Type.String(),
    connectionId: Type.String(),
    kind: Type.String(),
    state: Type.Union(['queued', 'running', 'done', 'failed', 'cancelled'].map(state => Type.Literal(state))),
    phase: Type.String(),
    done: Type.Integer(),
    total: Nullable(Type.Integer()),
    startedAt: Moment,
    finishedAt: Moment,
    etaSeconds: Nullable(Type.Integer()),
    error: Nullable(Type.String()),
  },
  { title: 'Run' },
)
