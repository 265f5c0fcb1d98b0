import { Type } from 'typebox'
import { Nullable } from './schemas.ts'

/** Proposals and duplicates as `/openapi.json` describes them; what is not named here is never sent. */

const Time = Type.Unsafe<unknown>({
  type: 'object',
  description: '`{dateTime, timeZone}` or `{date}`',
  properties: { dateTime: { type: 'string' }, timeZone: { type: 'string' }, date: { type: 'string' } },
})
const Moment = Type.String({ format: 'date-time' })

export const ProposalSchema = Type.Object(
  {
    id: Type.String(),
    appointmentId: Type.String(),
    connectionId: Type.String(),
    calendarId: Type.String(),
    kind: Type.Union([Type.Literal('edit'), Type.Literal('delete')]),
    values: Type.Object(
      {
        start: Type.Optional(Time),
        end: Type.Optional(Time),
        recurrence: Type.Optional(Nullable(Type.Array(Type.String()))),
        title: Type.Optional(Nullable(Type.String())),
        description: Type.Optional(Nullable(Type.String())),
        location: Type.Optional(Nullable(Type.String())),
        busy: Type.Optional(Type.Boolean()),
        status: Type.Optional(Type.String()),
      },
      { description: 'what Google shows now, in the fields that were changed there; none for a deletion' },
    ),
    state: Type.String({ description: '`open`, `accepted`, `rejected`, `superseded` or `expired`' }),
    createdAt: Moment,
    expiresAt: Type.String({ format: 'date-time', description: 'without an answer by then, Google is brought back' }),
    settledAt: Nullable(Moment),
  },
  { title: 'Proposal' },
)

export const DuplicateSchema = Type.Object(
  {
    id: Type.String(),
    kind: Type.String({ description: '`exact-twin`: it was there first; `feed-copy`: imported from the user’s feed' }),
    appointmentId: Type.String(),
    googleAppointmentId: Nullable(Type.String({ description: 'what stands for the event here' })),
    connectionId: Type.String(),
    calendarId: Type.String(),
    eventId: Type.String(),
    state: Type.String({
      description: '`open`, `linked`, `kept`, `removed`, or `gone` where one of the two went by itself',
    }),
    createdAt: Moment,
    settledAt: Nullable(Moment),
  },
  { title: 'Duplicate' },
)
