import { unreachable } from '../../../core/model/failures.ts'
import { receiveNotification } from '../../../usecases/sync/receive-notification.ts'
import type { App, ServerDeps } from '../app.ts'

/** Google sends none; a stranger's is read no further than this. */
const NOTIFICATION_BYTES_MAX = 1_024

/**
 * Google posts here. Everything is in the headers: a body is dropped unread. 204 once the notification is durable; 404 for a forged,
 * unknown or retired channel alike; 503 so that Google sends it again.
 */
export async function googleNotificationRoutes(app: App, deps: ServerDeps): Promise<void> {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: NOTIFICATION_BYTES_MAX }, (_request, _body, done) => {
    done(null, null)
  })
  app.post(
    '/webhooks/google',
    {
      config: { access: 'open' },
      bodyLimit: NOTIFICATION_BYTES_MAX,
      schema: { tags: ['operations'], summary: 'What Google posts on a watch channel' },
    },
    async (request, reply) => {
      const reception = await receiveNotification(deps, {
        channelId: headerText(request.headers['x-goog-channel-id']),
        token: headerText(request.headers['x-goog-channel-token']),
        resourceId: headerText(request.headers['x-goog-resource-id']),
        state: headerText(request.headers['x-goog-resource-state']),
      })
      switch (reception) {
        case 'accepted':
          return reply.status(204).send()
        case 'unknown':
          return reply.status(404).send()
        case 'unavailable':
          return reply.status(503).send()
        default:
          return unreachable(reception)
      }
    },
  )
}

const HEADER_LENGTH_MAX = 512

function headerText(value: string | string[] | undefined): string {
  return typeof value === 'string' && value.length <= HEADER_LENGTH_MAX ? value : ''
}
