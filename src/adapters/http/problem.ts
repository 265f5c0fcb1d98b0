import type { FastifyReply } from 'fastify'

/** An error as RFC 9457 has it. `type` is a stable slug; `errors` name what is wrong with the input, all of it at once. */
export type Problem = {
  type: string
  title: string
  status: number
  detail: string
  errors?: readonly { path: string; message: string }[]
  /** Further members by type, such as `htmlLink`, `currentVersion` and `conflicts`. */
  [member: string]: unknown
}

const PROBLEM_MEDIA_TYPE = 'application/problem+json; charset=utf-8'

/** Answers with a problem document, past the route's own response schema. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  const { requestId, ...rest } = { ...problem, requestId: reply.request.id }
  return reply
    .status(problem.status)
    .header('content-type', PROBLEM_MEDIA_TYPE)
    .serializer((payload: string) => payload)
    .send(JSON.stringify({ ...rest, requestId }))
}
