import type { FastifyReply, FastifyRequest } from 'fastify'
import { succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import { problemOf } from './errors.ts'
import type { Answer } from './idempotency.ts'
import { readIfMatches } from './preconditions.ts'
import { sendProblem } from './problem.ts'

/** A use case's outcome as a POST's answer. */
export function answerOf<T>(status: number): (outcome: Result<T, DomainError>) => Answer {
  return outcome => (outcome.ok ? { status, body: outcome.value } : { problem: problemOf(outcome.error) })
}

/** A use case's outcome, sent. */
export function sendOutcome<T>(
  reply: FastifyReply,
  outcome: Result<T, DomainError>,
  status: number = 200,
): FastifyReply {
  if (!outcome.ok) return sendProblem(reply, problemOf(outcome.error))
  return status === 204 ? reply.status(204).send() : reply.status(status).send(outcome.value)
}

/** The version as an entity tag. */
export function entityTag(version: number): string {
  return `"${version}"`
}

/** The versions that `If-Match` admits; null: any. */
export function readIfMatch(request: FastifyRequest): Result<readonly number[] | null, DomainError> {
  const read = readIfMatches(request.headers['if-match'])
  if (!read.ok) return read
  return succeed(read.value === 'any' ? null : read.value)
}
