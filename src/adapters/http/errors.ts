import type { FastifyError } from 'fastify'
import { type DomainError, unreachable } from '../../core/model/failures.ts'
import type { Problem } from './problem.ts'

/** DECIDES which status and which problem document a refusal becomes. */
export function problemOf(error: DomainError): Problem {
  switch (error.kind) {
    case 'invalid':
      return invalidRequest(error.problems)
    case 'not-found':
      return { type: 'not-found', title: 'Not found', status: 404, detail: 'There is no such object.' }
    case 'google-owned':
      return {
        type: 'google-owned',
        title: 'Owned by Google Calendar',
        status: 423,
        detail: 'This appointment was made in Google Calendar and can only be changed there.',
        htmlLink: error.htmlLink,
      }
    case 'stale-version':
      return {
        type: 'stale-version',
        title: 'Changed meanwhile',
        status: 412,
        detail: `The version named in If-Match is not the present one, which is ${error.currentVersion}.`,
        currentVersion: error.currentVersion,
      }
    case 'slot-taken':
      return {
        type: 'slot-taken',
        title: 'Slot taken',
        status: 409,
        detail: 'The user is busy at that time.',
        conflicts: error.conflicts,
      }
    case 'conflict':
      return { type: error.slug, title: 'In conflict with the present state', status: 409, detail: error.detail }
    case 'forbidden':
      return { type: 'forbidden', title: 'Forbidden', status: 403, detail: error.detail }
    case 'unavailable':
      return { type: 'unavailable', title: 'Unavailable for now', status: 503, detail: error.detail }
    default:
      return unreachable(error)
  }
}

export function invalidRequest(errors: readonly { path: string; message: string }[]): Problem {
  const places = errors.map(error => error.path).filter(path => path !== '')
  const detail =
    places.length === 0 ? 'The request is not valid.' : `The request is not valid at: ${places.join(', ')}.`
  return { type: 'invalid-request', title: 'Invalid request', status: 400, detail: detail.slice(0, 500), errors }
}

/** Refusals that the HTTP layer makes by itself, before any use case is asked. */
export const PROBLEMS = {
  unauthorized: {
    type: 'unauthorized',
    title: 'Unauthorized',
    status: 401,
    detail: 'Send `Authorization: Bearer <key>` with a key that is valid for this route.',
  },
  notFound: { type: 'not-found', title: 'Not found', status: 404, detail: 'There is no such route.' },
  methodNotAllowed: {
    type: 'method-not-allowed',
    title: 'Method not allowed',
    status: 405,
    detail: 'This route does not answer that method; see the Allow header.',
  },
  tooLarge: { type: 'too-large', title: 'Too large', status: 413, detail: 'The body is larger than this route takes.' },
  unsupportedMediaType: {
    type: 'unsupported-media-type',
    title: 'Unsupported media type',
    status: 415,
    detail: 'Send the body as application/json.',
  },
  invalidJson: { type: 'invalid-json', title: 'Invalid JSON', status: 400, detail: 'The body is not valid JSON.' },
  badRequest: { type: 'bad-request', title: 'Bad request', status: 400, detail: 'The request cannot be read.' },
  idempotencyMismatch: {
    type: 'idempotency-mismatch',
    title: 'Idempotency key used before',
    status: 422,
    detail: 'This Idempotency-Key came before with another request.',
  },
  idempotencyInProgress: {
    type: 'idempotency-in-progress',
    title: 'Still at it',
    status: 409,
    detail: 'The first request with this Idempotency-Key is still being worked on; ask again in a moment.',
  },
  tooMany: {
    type: 'rate-limited',
    title: 'Too many requests',
    status: 429,
    detail: 'Too many requests from this caller; Retry-After says when to go on.',
  },
  closing: {
    type: 'unavailable',
    title: 'Unavailable for now',
    status: 503,
    detail: 'This instance is closing; ask again.',
  },
  internal: {
    type: 'internal',
    title: 'Internal error',
    status: 500,
    detail: 'Something went wrong here; the request id leads to it in the log.',
  },
} as const satisfies Record<string, Problem>

const BY_CODE: Readonly<Record<string, Problem>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: PROBLEMS.tooLarge,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: PROBLEMS.unsupportedMediaType,
  FST_ERR_CTP_EMPTY_JSON_BODY: PROBLEMS.invalidJson,
  FST_ERR_CTP_INVALID_JSON_BODY: PROBLEMS.invalidJson,
}

/** What is answered to an exception. Only Fastify's own refusals are told apart; the text of anything else stays inside. */
export function problemOfException(error: FastifyError): Problem {
  if (error.validation !== undefined) return invalidRequest(error.validation.map(readable))
  const known = BY_CODE[error.code]
  if (known !== undefined) return known
  if (error instanceof SyntaxError && error.statusCode === 400) return PROBLEMS.invalidJson
  const isRefusal = typeof error.code === 'string' && error.code.startsWith('FST_') && (error.statusCode ?? 500) < 500
  return isRefusal ? PROBLEMS.badRequest : PROBLEMS.internal
}

function readable(issue: { instancePath: string; message?: string }): { path: string; message: string } {
  return { path: dotted(issue.instancePath), message: issue.message ?? 'is not valid' }
}

/** `/slots/0/start` → `slots[0].start`, as all paths in problem documents are written. */
function dotted(pointer: string): string {
  const parts = pointer.split('/').slice(1)
  return parts
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part, index) => (/^\d+$/.test(part) ? `[${part}]` : index === 0 ? part : `.${part}`))
    .join('')
}
