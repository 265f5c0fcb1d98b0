import * as the from './examples.ts'
import { FROM_GOOGLE, type ProblemSlug } from './problem-types.ts'

/** What the description says of an operation beyond its route's schema. */
export type OperationNotes = {
  /** `operationId`: the name that clients are generated with. */
  id: string
  /** More than the summary; not needed where the summary says it all. */
  about?: string
  /** Problems of its own; those that all routes like it have are added (`commonProblems`). */
  problems?: readonly ProblemSlug[]
  body?: unknown
  /** By status: an example of the answer. */
  answers?: Readonly<Record<number, unknown>>
  /** By status: answers that are no JSON, or none that the route's schema tells of. */
  others?: Readonly<Record<number, { description: string; mediaType?: string; example?: string }>>
}

const WRITE: readonly ProblemSlug[] = [
  'google-owned',
  'slot-taken',
  'status-move',
  'occurrence-taken',
  'series-called-off',
]
const ASYNC = 'The work goes on in a run: ask `GET /v1/runs/{id}` how far it is, or listen to its events.'
const DRY_RUN =
  'With `dryRun: true` nothing happens, and the answer is the plan: each write to Google and each change here.'

/** By method and path, each route that the API describes; one that is missing here keeps the server from starting. */
export const OPERATIONS: Readonly<Record<string, OperationNotes>> = {
  'PUT /v1/appointments/{id}': {
    id: 'putAppointment',
    about:
      'Answers 201 where it is new (or was cancelled or archived before: it is booked anew under the same id), else 200. Members left out ' +
      'take their defaults. An exception of a series is an appointment of its own with `recurringId` and `originalStart`.',
    problems: WRITE,
    body: the.BOOKING,
    answers: { 200: the.APPOINTMENT, 201: { ...the.APPOINTMENT, version: 1 } },
  },
  'PATCH /v1/appointments/{id}': {
    id: 'patchAppointment',
    problems: ['not-found', ...WRITE],
    body: { location: 'Room 5' },
    answers: { 200: { ...the.APPOINTMENT, location: 'Room 5', version: 4 } },
  },
  'DELETE /v1/appointments/{id}': {
    id: 'archiveAppointment',
    problems: ['not-found', 'google-owned'],
    answers: { 200: { ...the.APPOINTMENT, archived: true, version: 4 } },
  },
  'GET /v1/appointments/{id}': {
    id: 'getAppointment',
    about: 'An archived one is 404 without `?archived=true`.',
    problems: ['not-found'],
    answers: { 200: the.APPOINTMENT },
  },
  'GET /v1/appointments': {
    id: 'listAppointments',
    about:
      'Without `expand`, series come as series and their exceptions as items with `recurringId`; with `expand=instances` each occurrence is an item.',
    answers: { 200: { items: [the.APPOINTMENT] } },
  },
  'GET /v1/appointments/{id}/history': {
    id: 'getAppointmentHistory',
    problems: ['not-found'],
    answers: { 200: the.HISTORY },
  },
  'POST /v1/appointments/{id}/cancel': {
    id: 'cancelAppointment',
    problems: ['not-found', 'google-owned', 'status-move', 'series-called-off'],
    body: { reason: 'no_show' },
    answers: { 200: { ...the.APPOINTMENT, status: 'no_show', version: 4 } },
  },
  'POST /v1/appointments/{id}/split': {
    id: 'splitAppointment',
    problems: ['not-found', ...WRITE, 'not-a-series', 'series-split-before', 'series-not-splittable'],
    body: the.SPLIT_BODY,
    answers: { 200: the.SPLIT },
  },
  'POST /v1/appointments/batch': {
    id: 'putAppointments',
    about:
      'Each item is answered as its own PUT would be, with its status and either its version or its problem, in the order they came.',
    body: the.BATCH_BODY,
    answers: { 200: the.BATCH },
  },
  'POST /v1/reconcile': { id: 'reconcile', body: the.RECONCILE_BODY, answers: { 200: the.RECONCILED } },
  'GET /v1/users/{userId}/availability': {
    id: 'getAvailability',
    about: 'Busy time from appointments and from the calendars of the user’s connections. Never a title.',
    problems: ['unavailable'],
    answers: { 200: the.AVAILABILITY },
  },
  'POST /v1/users/{userId}/availability/check': {
    id: 'checkAvailability',
    problems: ['unavailable'],
    body: the.SLOTS,
    answers: { 200: the.CHECKED_SLOTS },
  },
  'POST /v1/users/{userId}/connect-links': {
    id: 'createConnectLink',
    about:
      'Send the browser to `url`, the hosted page, or to `googleUrl` where the platform draws its own. Afterwards the browser comes back to ' +
      '`returnUrl?connectionId=…&status=…`. The same Google account mends the connection that it has; another becomes a further one.',
    problems: ['forbidden', 'syncing-off'],
    body: { role: 'practitioner', returnUrl: 'https://riverside.example.com/settings/calendar' },
    answers: { 201: the.CONNECT_LINK },
  },
  'GET /v1/users/{userId}/connections': { id: 'listConnections', answers: { 200: { items: [the.CONNECTION] } } },
  'GET /v1/users/{userId}/export': {
    id: 'exportUser',
    about:
      'Sent as it is read. An answer that breaks off is not valid JSON: ask again. Tokens and secrets are no part of it.',
    answers: {
      200: {
        userId: 'dr-lee',
        exportedAt: '2026-11-30T08:10:00.000Z',
        connections: [the.CONNECTION],
        feedSince: null,
        appointments: [{ appointment: the.APPOINTMENT, history: the.HISTORY }],
      },
    },
  },
  'GET /v1/connections/{id}': { id: 'getConnection', problems: ['not-found'], answers: { 200: the.CONNECTION } },
  'PATCH /v1/connections/{id}': {
    id: 'patchConnection',
    about: 'Also while it is `pending`.',
    problems: ['not-found', 'disconnected', 'feed-active', 'target-exists', 'wrong-status', 'scope-missing'],
    body: the.CONNECTION_CHANGES,
    answers: { 200: the.CONNECTION },
  },
  'DELETE /v1/connections/{id}': {
    id: 'disconnect',
    about: `\`googleEvents=remove\` takes our events out of Google as well. ${DRY_RUN}`,
    problems: ['not-found', ...FROM_GOOGLE],
    answers: { 200: { ...the.CONNECTION, status: 'disconnected', statusReason: 'requested' } },
  },
  'POST /v1/connections/{id}/pause': {
    id: 'pauseConnection',
    problems: ['not-found', 'wrong-status'],
    answers: { 200: { ...the.CONNECTION, status: 'paused' } },
  },
  'POST /v1/connections/{id}/resume': {
    id: 'resumeConnection',
    problems: ['not-found', 'wrong-status', 'choice-needed', 'syncing-off'],
    body: { deletions: 'restore' },
    answers: { 200: the.CONNECTION },
  },
  'GET /v1/connections/{id}/plan': {
    id: 'getHeldPlan',
    problems: ['not-found', 'wrong-status'],
    answers: { 200: the.PLAN },
  },
  'POST /v1/connections/{id}/check': { id: 'checkConnection', problems: ['not-found'], answers: { 200: the.CHECKS } },
  'POST /v1/connections/{id}/sync': {
    id: 'syncConnection',
    about: ASYNC,
    problems: ['not-found', 'wrong-status'],
    answers: { 202: the.STARTED_RUN },
  },
  'POST /v1/connections/{id}/push-existing': {
    id: 'pushExisting',
    about: `${ASYNC} ${DRY_RUN}`,
    problems: ['not-found', 'wrong-status', 'no-target', ...FROM_GOOGLE],
    body: { dryRun: true },
    answers: { 200: the.PLAN, 202: the.STARTED_RUN },
  },
  'POST /v1/connections/{id}/reset': {
    id: 'resetConnection',
    about: `${ASYNC} ${DRY_RUN}`,
    problems: ['not-found', 'wrong-status', ...FROM_GOOGLE],
    body: { googleEvents: 'keep', dryRun: true },
    answers: { 200: the.PLAN, 202: the.STARTED_RUN },
  },
  'GET /v1/connections/{id}/calendars': {
    id: 'listCalendars',
    about: 'Asked of Google now.',
    problems: ['not-found', 'disconnected', ...FROM_GOOGLE],
    answers: { 200: the.CALENDARS },
  },
  'PUT /v1/connections/{id}/calendars': {
    id: 'chooseCalendars',
    about: `A target needs the role \`writer\` or \`owner\`; a source or conflict calendar may be read-only. ${ASYNC} ${DRY_RUN}`,
    problems: ['not-found', 'disconnected', 'wrong-status', 'target-exists', 'feed-active', ...FROM_GOOGLE],
    body: the.CALENDAR_CHOICE,
    answers: { 200: the.PLAN, 202: the.STARTED_RUN },
  },
  'GET /v1/runs/{id}': { id: 'getRun', problems: ['not-found'], answers: { 200: the.RUN } },
  'POST /v1/runs/{id}/cancel': {
    id: 'cancelRun',
    problems: ['not-found', 'run-finished'],
    answers: { 200: { ...the.RUN, state: 'cancelled' } },
  },
  'GET /v1/runs/{id}/events': {
    id: 'streamRun',
    about: 'One event `run` per change, its data as `GET /v1/runs/{id}` answers; ends with the run.',
    problems: ['not-found'],
    others: {
      200: {
        description: 'Server-sent events',
        mediaType: 'text/event-stream',
        example: `id: 0\nevent: run\ndata: ${JSON.stringify(the.RUN)}\n\n`,
      },
    },
  },
  'GET /v1/duplicates': { id: 'listDuplicates', answers: { 200: { items: [the.DUPLICATE] } } },
  'POST /v1/duplicates/{id}/resolve': {
    id: 'resolveDuplicate',
    problems: [
      'not-found',
      'duplicate-resolved',
      'duplicate-gone',
      'still-being-written',
      'wrong-status',
      ...FROM_GOOGLE,
    ],
    body: { action: 'link' },
    answers: { 200: { ...the.DUPLICATE, state: 'linked', settledAt: '2026-12-01T14:00:00.000Z' } },
  },
  'GET /v1/proposals': { id: 'listProposals', answers: { 200: { items: [the.PROPOSAL] } } },
  'POST /v1/proposals/{id}/accept': {
    id: 'acceptProposal',
    problems: ['not-found', 'proposal-settled'],
    answers: { 200: { ...the.PROPOSAL, state: 'accepted', settledAt: '2026-12-01T14:00:00.000Z' } },
  },
  'POST /v1/proposals/{id}/reject': {
    id: 'rejectProposal',
    problems: ['not-found', 'proposal-settled'],
    answers: { 200: { ...the.PROPOSAL, state: 'rejected', settledAt: '2026-12-01T14:00:00.000Z' } },
  },
  'GET /v1/changes': {
    id: 'listChanges',
    about:
      'At least once, none skipped; without `after` from the beginning. `data` is the whole resource after the change. As a stream the ids of ' +
      'the events are cursors: a reader that comes back with `Last-Event-ID`, as `EventSource` does, goes on where it was. A stream ends ' +
      'after a quarter of an hour, to be taken up again.',
    answers: { 200: the.CHANGES },
    others: {
      200: {
        description: 'Changes',
        mediaType: 'text/event-stream',
        example: `id: c842\nevent: appointment.updated\ndata: ${JSON.stringify(the.CHANGES.items[0])}\n\n`,
      },
    },
  },
  'POST /v1/webhook-endpoints': {
    id: 'createWebhookEndpoint',
    about: 'A literal private or loopback address is refused now; what a name leads to is judged at each connection.',
    problems: ['too-many-endpoints'],
    body: the.NEW_ENDPOINT,
    answers: { 201: the.SHOWN_SECRET },
  },
  'GET /v1/webhook-endpoints': { id: 'listWebhookEndpoints', answers: { 200: { items: [the.ENDPOINT] } } },
  'GET /v1/webhook-endpoints/{id}': {
    id: 'getWebhookEndpoint',
    problems: ['not-found'],
    answers: { 200: the.ENDPOINT },
  },
  'PATCH /v1/webhook-endpoints/{id}': {
    id: 'patchWebhookEndpoint',
    problems: ['not-found'],
    body: { status: 'enabled' },
    answers: { 200: the.ENDPOINT },
  },
  'DELETE /v1/webhook-endpoints/{id}': { id: 'deleteWebhookEndpoint', problems: ['not-found'] },
  'POST /v1/webhook-endpoints/{id}/rotate-secret': {
    id: 'rotateWebhookSecret',
    problems: ['not-found'],
    answers: { 200: { ...the.SHOWN_SECRET, oldSecretUntil: '2026-12-02T14:00:00.000Z' } },
  },
  'GET /v1/webhook-endpoints/{id}/deliveries': {
    id: 'listDeliveries',
    problems: ['not-found'],
    answers: { 200: { items: [the.DELIVERY], cursor: null } },
  },
  'POST /v1/webhook-endpoints/{id}/deliveries/{deliveryId}/retry': {
    id: 'retryDelivery',
    problems: ['not-found', 'endpoint-disabled'],
    answers: { 202: the.DELIVERY },
  },
  'POST /v1/webhook-endpoints/{id}/replay': {
    id: 'replayDeliveries',
    problems: ['not-found', 'endpoint-disabled'],
    body: { since: '2026-12-01T00:00:00Z' },
    answers: { 202: { changes: 42 } },
  },
  'POST /v1/webhook-endpoints/{id}/test': {
    id: 'testWebhookEndpoint',
    problems: ['not-found'],
    answers: { 200: { arrived: false, status: 503, error: 'answered' } },
  },
  'POST /v1/users/{userId}/feed': { id: 'createFeed', problems: ['two-way-active'] },
  'DELETE /v1/users/{userId}/feed': { id: 'retireFeed', problems: ['not-found'] },
  'GET /feeds/{file}': {
    id: 'readFeed',
    about: 'Masked as Google is; `If-None-Match` is heeded.',
    problems: ['not-found'],
    others: {
      200: {
        description: 'The calendar',
        mediaType: 'text/calendar',
        example: 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n',
      },
      304: { description: 'As `If-None-Match` knows it' },
    },
  },
  'POST /v1/tenants': { id: 'createTenant', body: the.NEW_TENANT, answers: { 201: the.MADE_TENANT } },
  'GET /v1/tenants/{id}': { id: 'getTenant', problems: ['not-found'], answers: { 200: the.TENANT } },
  'PATCH /v1/tenants/{id}': {
    id: 'patchTenant',
    problems: ['not-found'],
    body: { settings: { branding: { productName: 'Riverside' } } },
    answers: { 200: the.TENANT },
  },
  'DELETE /v1/tenants/{id}': { id: 'eraseTenant', problems: ['not-found'] },
  'POST /v1/tenants/{id}/keys': {
    id: 'createKey',
    about:
      'Keys live side by side, so that one can be changed without a pause. A key does only what its scopes allow (else 403), and none makes ' +
      'keys: that takes the admin token.',
    problems: ['not-found'],
    body: { scopes: ['read', 'write'], expiresAt: '2027-12-01T00:00:00Z' },
    answers: { 201: the.MADE_KEY },
  },
  'DELETE /v1/tenants/{id}/keys/{keyId}': { id: 'revokeKey', problems: ['not-found'] },
  'GET /oauth/google/callback': {
    id: 'finishConsent',
    others: {
      302: { description: 'On to `returnUrl?connectionId=…&status=…`, or to the hosted page' },
      303: { description: 'On to the hosted page' },
      400: {
        description: 'This consent was used before, is too old, or began in another browser',
        mediaType: 'text/html',
      },
      200: { description: 'What came of it, where there is no way to lead on to', mediaType: 'text/html' },
    },
  },
  'POST /webhooks/google': {
    id: 'receiveNotification',
    about: 'Google posts here. What counts is in the `X-Goog-…` headers; a body is not read.',
    others: {
      204: { description: 'The notification is durable' },
      404: { description: 'A forged, unknown or retired channel; nothing was written' },
      503: { description: 'Not durable: send it again' },
    },
  },
  'GET /health/live': { id: 'isAlive', answers: { 200: { status: 'ok' } } },
  'GET /health/ready': { id: 'isReady', problems: ['unavailable'], answers: { 200: { status: 'ok' } } },
  'GET /metrics': {
    id: 'readMetrics',
    others: { 200: { description: 'Prometheus’ text format', mediaType: 'text/plain' } },
  },
  'GET /openapi.json': {
    id: 'readDescription',
    others: { 200: { description: 'This document', mediaType: 'application/json' } },
  },
}
