import { Type } from 'typebox'
import { readChanges } from '../../../usecases/changes/read-changes.ts'
import type { App } from '../app.ts'
import { openEventStream, type EventStream } from '../event-stream.ts'
import { maySee, type ConsoleDeps } from './enter.ts'
import { readVisit } from './session.ts'

const open = { access: 'open' } as const
const schema = {
  hide: true,
  querystring: Type.Object({ tenant: Type.Optional(Type.String({ maxLength: 200 })) }),
} as const

const LOOK_MS = 15_000
const ALL_TENANTS_MS = 10_000
/** A stream ends after this and is taken up again by its reader, so that an ended session does not look on for ever. */
const STREAM_MS_MAX = 5 * 60_000
const CHANGES_MAX = 500

/** Says that something changed, never what: the page fetches itself again, with its own rights. */
export function liveRoute(app: App, deps: ConsoleDeps): void {
  const closing = new AbortController()
  app.addHook('preClose', async () => closing.abort())
  app.get('/console/live', { config: open, schema }, async (request, reply) => {
    const visit = await readVisit(deps, request)
    const { tenant = null } = request.query
    const isAllowed = visit !== null && (tenant === null ? visit.viewer.kind === 'admin' : maySee(visit, tenant))
    if (!isAllowed) return reply.status(401).send()
    const left = new AbortController()
    reply.raw.once('close', () => left.abort())
    const signal = AbortSignal.any([left.signal, closing.signal])
    const stream = openEventStream(reply)
    try {
      await (tenant === null ? tick(deps, stream, signal) : follow(deps, stream, tenant, signal))
    } catch (error) {
      deps.log.error('console stream broke off', { requestId: request.id, error })
    } finally {
      stream.end()
    }
    return reply
  })
}

async function follow(deps: ConsoleDeps, stream: EventStream, tenantId: string, signal: AbortSignal): Promise<void> {
  const until = deps.system.now() + STREAM_MS_MAX
  let after = await deps.store.journalHead(tenantId)
  await stream.comment('listening', signal)
  while (!signal.aborted && deps.system.now() < until) {
    const found = await readChanges(deps, { tenantId, after, limit: CHANGES_MAX, waitMs: LOOK_MS, signal })
    after = found.next
    if (found.rows.length === 0) await stream.comment('still here', signal)
    else await stream.send({ id: String(after), event: 'change', data: String(found.rows.length) }, signal)
  }
}

/** Across tenants there is no one feed: the page looks again every few seconds. */
async function tick(deps: ConsoleDeps, stream: EventStream, signal: AbortSignal): Promise<void> {
  const until = deps.system.now() + STREAM_MS_MAX
  await stream.comment('listening', signal)
  while (!signal.aborted && deps.system.now() < until) {
    await deps.system.sleep(ALL_TENANTS_MS, signal)
    if (!signal.aborted) await stream.send({ id: String(deps.system.now()), event: 'change', data: 'tick' }, signal)
  }
}
