import { unreachable, type ConflictSlug, type DomainError, type RemoteFailure } from '../../core/model/failures.ts'

/** What the platform is told when Google refused what it asked for. */
export function remoteProblem(failure: RemoteFailure): DomainError {
  switch (failure.kind) {
    case 'access-revoked':
    case 'access-rejected':
      return conflict('needs-reauth', 'Google no longer accepts this connection’s grant: the user must connect again.')
    case 'scope-missing':
      return conflict(
        'scope-missing',
        'The user did not grant a permission that this needs: connect again and tick it.',
      )
    case 'role-too-low':
    case 'not-organizer':
      return conflict('role-too-low', 'The Google account’s role on this calendar does not allow this.')
    case 'not-found':
    case 'already-gone':
      return conflict('gone-in-google', 'Google has no such calendar, or the account may not see it.')
    case 'rate-limited':
    case 'quota-exceeded':
    case 'daily-limit':
      return { kind: 'unavailable', detail: 'Google limits this account’s requests for now; try again later.' }
    case 'project-broken':
      return { kind: 'unavailable', detail: 'Google refuses this service’s project; an operator has to act.' }
    case 'rejected':
      return conflict('refused-by-google', `Google refused the request (${failure.reason}).`)
    case 'sync-token-expired':
    case 'page-token-expired':
    case 'edited-meanwhile':
    case 'id-taken':
    case 'collided':
    case 'push-unsupported':
    case 'channel-id-taken':
    case 'unavailable':
      return { kind: 'unavailable', detail: 'Google did not answer; try again in a moment.' }
    default:
      return unreachable(failure)
  }
}

function conflict(slug: ConflictSlug, detail: string): DomainError {
  return { kind: 'conflict', slug, detail }
}
