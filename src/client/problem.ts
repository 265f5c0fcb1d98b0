/** A problem document (RFC 9457) as the API sends it. Some types carry further members. */
export type Problem = {
  /** A stable slug, such as `google-owned` or `stale-version`. */
  type: string
  title: string
  status: number
  detail: string
  requestId?: string
  /** For `invalid-request`: every place in the input that is wrong. */
  errors?: { path: string; message: string }[]
  [member: string]: unknown
}

/** The API refused, or could not. `type` says which problem it is; all of it is in `problem`. */
export class LockstepError extends Error {
  override readonly name = 'LockstepError'
  readonly type: string
  readonly status: number
  readonly problem: Problem
  /** Seconds that the answer asked to wait before another try; null: it did not say. */
  readonly retryAfterSeconds: number | null
  constructor(call: string, problem: Problem, retryAfterSeconds: number | null) {
    super(`${call}: ${problem.status} ${problem.type}: ${problem.detail}`)
    this.type = problem.type
    this.status = problem.status
    this.problem = problem
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** @param text the body, whatever it is: a proxy in between may have answered. */
export function errorOf(call: string, response: Response, text: string): LockstepError {
  const wait = Number(response.headers.get('retry-after') ?? Number.NaN)
  const retryAfterSeconds = Number.isFinite(wait) && wait >= 0 ? wait : null
  return new LockstepError(call, readProblem(response.status, text), retryAfterSeconds)
}

function readProblem(status: number, text: string): Problem {
  const read = parsed(text)
  const isProblem = typeof read === 'object' && read !== null && 'type' in read && typeof read.type === 'string'
  if (isProblem) return { title: '', detail: '', ...read, type: String(read.type), status }
  return { type: 'unknown', title: 'Not an answer of the API', status, detail: text.slice(0, 200) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null // decided: what is no JSON is no problem document
  }
}
