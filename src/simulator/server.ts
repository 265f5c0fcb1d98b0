import fastify, { type FastifyInstance, type FastifyReply } from 'fastify'

import { json, type SimResponse, splitUrl } from './http.ts'
import { createSimulator, type Simulator, type SimulatorOptions } from './simulator.ts'

export type ServerOptions = SimulatorOptions & { host?: string; port?: number }

/** A simulator listening on a port. `url` is its base: `${url}/calendar/v3`, `${url}/token`, and the page at `${url}/`. */
export type RunningSimulator = Simulator & { url: string; close: () => Promise<void> }

const BODY_BYTES_MAX = 64 * 1024 * 1024
const TIMER_MS_MAX = 2_000_000_000

/** Starts a simulator on the loopback, port 0 meaning any free one. */
export async function startSimulator(options: ServerOptions = {}): Promise<RunningSimulator> {
  const simulator = createSimulator(options)
  const app = fastify({ bodyLimit: BODY_BYTES_MAX, forceCloseConnections: true, exposeHeadRoutes: false })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
  route(app, simulator)
  const driver = driveAgenda(simulator)
  const url = await app.listen({ host: options.host ?? '127.0.0.1', port: options.port ?? 0 })
  const close = async (): Promise<void> => {
    driver.stop()
    await app.close()
  }
  return { ...simulator, url, close }
}

function route(app: FastifyInstance, simulator: Simulator): void {
  app.all('/*', async (request, reply) => {
    const body = typeof request.body === 'string' ? request.body : ''
    const headers = flat(request.headers)
    const response = simulator.handle({ method: request.method, ...splitUrl(request.url), headers, body })
    await response.wait
    if (response.delayMs > 0) await new Promise(resolve => setTimeout(resolve, response.delayMs))
    return send(reply, response)
  })
  app.setErrorHandler((error, _request, reply) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    const failure = json(500, {
      error: { code: 500, message: 'The simulator failed', errors: [{ domain: 'global', reason: 'internalError' }] },
    })
    return send(reply, failure)
  })
}

const flat = (headers: Record<string, string | string[] | undefined>): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  )

function send(reply: FastifyReply, response: SimResponse): FastifyReply {
  const { status, headers, body, spoiling } = response
  if (spoiling === null)
    return reply
      .code(status)
      .headers(headers)
      .send(status === 204 || status === 304 ? undefined : body)
  reply.hijack()
  if (spoiling.kind === 'cut') {
    reply.raw.destroy()
    return reply
  }
  const text = Buffer.from(body)
  reply.raw.writeHead(status, { ...headers, 'content-length': String(text.length) })
  reply.raw.write(text.subarray(0, spoiling.bytes), () => reply.raw.destroy())
  return reply
}

/** Runs what falls due: by a timer in real time; in virtual time only what is due already, since `advance` does the rest. */
function driveAgenda(simulator: Simulator): { stop: () => void } {
  let timer: NodeJS.Timeout | undefined
  let isStopped = false
  const arm = (): void => {
    clearTimeout(timer)
    const due = simulator.nextDueAt()
    if (due === undefined || isStopped) return
    const waitMs = due - simulator.world.now()
    if (simulator.isVirtual && waitMs > 0) return
    timer = setTimeout(() => void run(), Math.min(Math.max(0, waitMs), TIMER_MS_MAX))
    timer.unref()
  }
  const run = async (): Promise<void> => {
    const running = simulator.runDue()
    arm()
    await running
    arm()
  }
  simulator.onScheduled(arm)
  return {
    stop: () => {
      isStopped = true
      clearTimeout(timer)
    },
  }
}
