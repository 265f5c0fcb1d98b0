import type { JsonObject } from './json.ts'

type Place = { location: string; locationType: 'parameter' | 'header' }

/**
 * An error answer of Google's, thrown from wherever the rule is broken to the one place that renders it (`api.ts`).
 * Thrown rather than returned: in a server, refusing ends the request, and every rule stays one line.
 */
export class Refusal extends Error {
  readonly status: number
  readonly reason: string
  readonly domain: string
  readonly place: Place | undefined
  readonly extra: JsonObject

  constructor(status: number, reason: string, message: string, detail: { domain?: string; place?: Place } = {}) {
    super(message)
    this.status = status
    this.reason = reason
    this.domain = detail.domain ?? 'global'
    this.place = detail.place
    this.extra = EXTRA_BY_REASON[reason] ?? {}
  }
}

/** What the newer front end adds to some errors. Everything else has `errors`, `code` and `message` alone. */
const EXTRA_BY_REASON: Record<string, JsonObject> = {
  authError: { status: 'UNAUTHENTICATED' },
  insufficientPermissions: {
    status: 'PERMISSION_DENIED',
    details: [
      {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT',
        domain: 'googleapis.com',
        metadata: { service: 'calendar-json.googleapis.com' },
      },
    ],
  },
}

/** The body of an error answer, in the shape of the recordings: errors, code, message, then what newer answers add. */
export function errorBody(refusal: Refusal): JsonObject {
  const { domain, reason, message, place } = refusal
  const item: JsonObject = { domain, reason, message }
  if (place) Object.assign(item, { locationType: place.locationType, location: place.location })
  return { error: { errors: [item], code: refusal.status, message, ...refusal.extra } }
}

const calendarDomain = { domain: 'calendar' }
const parameter = (location: string): { place: Place } => ({ place: { location, locationType: 'parameter' } })
const authorizationHeader: { place: Place } = { place: { location: 'Authorization', locationType: 'header' } }

/** Every refusal the simulator knows, by the name of what went wrong. */
export const refuse = {
  invalid: (message = 'Invalid Value', location?: string) =>
    new Refusal(400, 'invalid', message, location === undefined ? {} : parameter(location)),
  badRequest: (message: string) => new Refusal(400, 'badRequest', message),
  required: (message: string) => new Refusal(400, 'required', message),
  parseError: () => new Refusal(400, 'parseError', 'Parse Error'),
  timeRangeEmpty: () =>
    new Refusal(400, 'timeRangeEmpty', 'The specified time range is empty.', {
      ...calendarDomain,
      ...parameter('timeMax'),
    }),
  timeRangeTooLong: () => new Refusal(400, 'timeRangeTooLong', 'The requested time range is too long.', calendarDomain),
  calendarRule: (reason: string, message: string) => new Refusal(400, reason, message, calendarDomain),
  channelIdNotUnique: (id: string) => new Refusal(400, 'channelIdNotUnique', `Channel id ${id} not unique`),
  pushNotSupported: () =>
    new Refusal(400, 'pushNotSupportedForRequestedResource', 'Push notifications are not supported by this resource.'),
  pushRule: (reason: string, message: string) => new Refusal(400, reason, message),
  loginRequired: () => new Refusal(401, 'required', 'Login Required.', authorizationHeader),
  badCredentials: () => new Refusal(401, 'authError', 'Invalid Credentials', authorizationHeader),
  insufficientScopes: () =>
    new Refusal(403, 'insufficientPermissions', 'Request had insufficient authentication scopes.'),
  forbidden: () => new Refusal(403, 'forbidden', 'Forbidden'),
  requiredAccessLevel: (role = 'writer') =>
    new Refusal(403, 'requiredAccessLevel', `You need to have ${role} access to this calendar.`, calendarDomain),
  forbiddenForNonOrganizer: () =>
    new Refusal(
      403,
      'forbiddenForNonOrganizer',
      'Shared properties can only be changed by the organizer of the event.',
      calendarDomain,
    ),
  cannotDeletePrimary: () =>
    new Refusal(403, 'cannotDeletePrimaryCalendar', 'Cannot delete primary calendar.', calendarDomain),
  notFound: () => new Refusal(404, 'notFound', 'Not Found'),
  channelNotFound: (id: string, project: string) =>
    new Refusal(404, 'notFound', `Channel '${id}' not found for project '${project}'`),
  duplicate: () => new Refusal(409, 'duplicate', 'The requested identifier already exists.'),
  deleted: () => new Refusal(410, 'deleted', 'Resource has been deleted'),
  fullSyncRequired: () =>
    new Refusal(410, 'fullSyncRequired', 'Sync token is no longer valid, a full sync is required.', {
      ...calendarDomain,
      ...parameter('syncToken'),
    }),
  updatedMinTooLongAgo: () =>
    new Refusal(410, 'updatedMinTooLongAgo', 'The requested minimum modification time lies too far in the past.', {
      ...calendarDomain,
      ...parameter('updatedMin'),
    }),
  conditionNotMet: () =>
    new Refusal(412, 'conditionNotMet', 'Precondition Failed', {
      place: { location: 'If-Match', locationType: 'header' },
    }),
}
