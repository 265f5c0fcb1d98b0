import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import type { IfMatch } from '../../usecases/appointments/decide-write.ts'

/**
 * Reads `If-Match`: `"3"`, a list, or `*`. A weak tag matches nothing (RFC 9110 §13.1.1), nor does one that was never given out.
 */
export function readIfMatches(header: string | undefined): Result<IfMatch, DomainError> {
  if (header === undefined) return succeed(null)
  const text = header.trim()
  if (text === '*') return succeed('any')
  const tags = text.split(',').map(tag => tag.trim())
  if (!tags.every(tag => ENTITY_TAG.test(tag)))
    return fail({
      kind: 'invalid',
      problems: [{ path: 'If-Match', message: 'must be entity tags in quotes, such as "3", or *' }],
    })
  const versions = tags.flatMap(tag => /^"(\d{1,15})"$/.exec(tag)?.[1] ?? []).map(Number)
  return succeed(versions)
}

const ENTITY_TAG = /^(?:W\/)?"[\x21\x23-\x7e]*"$/
