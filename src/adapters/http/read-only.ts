import type { App, ServerDeps } from './app.ts'
import { problemOf } from './errors.ts'
import { sendProblem } from './problem.ts'

/** Reading stays allowed, but not where reading leads to a grant or a write in Google. */
const LEADS_ON = /^\/(oauth|connect)\//
const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Over a database that belongs to another installation nothing is changed, here or in Google. */
export function refuseWhileReadOnly(app: App, { readOnly = () => null }: Pick<ServerDeps, 'readOnly'>): void {
  app.addHook('onRequest', async (request, reply) => {
    const detail = readOnly()
    if (detail === null || (READS.has(request.method) && !LEADS_ON.test(request.url))) return
    return sendProblem(reply, problemOf({ kind: 'unavailable', detail }))
  })
}
