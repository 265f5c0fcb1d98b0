import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import { compose, type Service } from './compose.ts'
import { readConfig, type Environment } from './config.ts'

export type LockstepOptions = {
  /** The settings of `.env.example`, by name. `HOST` and `PORT` mean nothing here: the host application listens. */
  settings: Environment
  /** False: this process answers only, and others work. Default: true. */
  worker?: boolean
}

const GRACE_MS = 20_000
const HANG_UP_MS = 100

/**
 * The whole service inside a Fastify application: `await app.register(lockstep, { prefix: '/sync', settings })`. Everything under the prefix is its own,
 * with its own limits and errors; `PUBLIC_URL` ends with the prefix. It closes with the application.
 * It is ready when its database is, which takes longer than Fastify's own ten seconds where an embedded one is made: give `pluginTimeout`.
 * @throws Error that names every setting that is missing or wrong.
 */
export const lockstep: FastifyPluginAsync<LockstepOptions> = async (host, { settings, worker = true }) => {
  const service = await compose(readConfig(settings))
  await service.app.ready()
  await service.begin({ isWorking: worker })
  closeWith(host, service)
  passOn(host, service)
}

/**
 * Streams and long polls end before the host waits for its connections, the rest when nobody asks any more. Fastify hangs up on idle
 * connections once; one whose last answer was just ending then would be waited for as long as it is kept alive.
 */
function closeWith(host: FastifyInstance, service: Service): void {
  let hangUp: NodeJS.Timeout | undefined
  host.addHook('preClose', async () => {
    service.drain()
    await service.app.close()
    hangUp = setInterval(() => {
      host.server.closeIdleConnections()
    }, HANG_UP_MS)
  })
  host.addHook('onClose', async () => {
    clearInterval(hangUp)
    await service.stop({ graceMs: GRACE_MS })
  })
}

/** Requests as they came, bodies unread: the service reads and judges them itself. */
function passOn(host: FastifyInstance, { app }: Service): void {
  host.removeAllContentTypeParsers()
  host.addContentTypeParser('*', (_request, _payload, done) => {
    done(null)
  })
  const { prefix } = host
  const pathOf = (url: string): string => (url.startsWith('/') ? url : `/${url}`)
  host.all('/*', { logLevel: 'silent' }, (request, reply) => {
    reply.hijack()
    request.raw.url = pathOf(request.url.slice(prefix.length))
    app.routing(request.raw, reply.raw)
  })
}
