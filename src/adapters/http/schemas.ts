import { Type } from 'typebox'

/** Parts that several routes share. Every object is closed: an unknown member is an error, not noise. */
export const closed = { additionalProperties: false } as const

export const Text = (maxLength: number, description: string) => Type.String({ maxLength, description })
export const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])

export const ID_LENGTH_MAX = 255
export const Id = (description: string) => Type.String({ minLength: 1, maxLength: ID_LENGTH_MAX, description })
export const IdParams = Type.Object({ id: Id('the object’s id') }, closed)
export const UserParams = Type.Object({ userId: Id('the platform’s own id of the user') }, closed)

const LIMIT_MAX = 500
export const Limit = Type.Optional(
  Type.Integer({ minimum: 1, maximum: LIMIT_MAX, default: 100, description: 'at most so many items' }),
)
export const PageCursor = Type.Optional(
  Type.String({ minLength: 1, maxLength: 1_000, description: 'the `cursor` of the page before; opaque' }),
)

export const ProblemSchema = Type.Object(
  {
    type: Type.String({ description: 'a stable slug' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    requestId: Type.String(),
    errors: Type.Optional(Type.Array(Type.Object({ path: Type.String(), message: Type.String() }))),
  },
  { title: 'Problem', description: 'RFC 9457 problem document; some types carry further members' },
)
