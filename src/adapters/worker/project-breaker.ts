import { fail, type RemoteFailure, type Result } from '../../core/model/failures.ts'
import type { Instant } from '../../core/model/time.ts'
import type { Grantee, GoogleCalendar } from '../../ports/google-calendar.ts'
import type { Log } from '../../ports/log.ts'
import type { System } from '../../ports/system.ts'

type Reply = Result<unknown, RemoteFailure>
type Call = (who: Grantee, ...rest: unknown[]) => Promise<Reply>
type Broken = { failure: RemoteFailure; until: Instant; inARow: number }

const PROBE_BASE_MS = 60_000
const PROBE_MAX_MS = 30 * 60_000

/**
 * The same calendar, but what is wrong with the whole Google project is found out once: from then on nobody asks Google, each call is answered
 * as the first one was, and one call at growing intervals tries whether the operator has mended it. One alarm, however many calendars.
 * @param projectOf whose Google project a tenant's requests are made for.
 */
export function breakingCalendar(
  google: GoogleCalendar,
  deps: { system: Pick<System, 'now'>; log: Log; projectOf: (tenantId: string) => Promise<string> },
): GoogleCalendar {
  const broken = new Map<string, Broken>()
  return new Proxy(google, {
    get(target, method, receiver) {
      const call = Reflect.get(target, method, receiver) as Call // every member of the port is such a function
      if (method === 'watch') return call.bind(target) // what is wrong there is the address of our own, not the project
      return async (...args: Parameters<Call>): Promise<Reply> => {
        const project = await deps.projectOf(args[0].tenantId)
        const known = broken.get(project)
        if (known !== undefined && known.until > deps.system.now()) return fail(known.failure)
        if (known !== undefined) broken.set(project, { ...known, until: deps.system.now() + PROBE_BASE_MS })
        const reply = await call.apply(target, args)
        note(deps, broken, project, reply)
        return reply
      }
    },
  })
}

function note(
  { system, log }: { system: Pick<System, 'now'>; log: Log },
  broken: Map<string, Broken>,
  project: string,
  reply: Reply,
): void {
  const known = broken.get(project)
  if (reply.ok || !isProjects(reply.error)) {
    // A refusal that names something else shows that Google answers this project again.
    if (known !== undefined && (reply.ok || reply.error.kind !== 'unavailable')) {
      broken.delete(project)
      log.info('the Google project answers again')
    }
    return
  }
  const inARow = (known?.inARow ?? 0) + 1
  const until = system.now() + Math.min(PROBE_MAX_MS, PROBE_BASE_MS * 2 ** (inARow - 1))
  broken.set(project, { failure: reply.error, until, inARow })
  if (known !== undefined) return
  const reason = reply.error.kind === 'project-broken' ? reply.error.reason : 'the day’s requests are used up'
  log.error('Google refuses the whole project: an operator must act', { kind: reply.error.kind, reason })
}

const isProjects = ({ kind }: RemoteFailure): boolean => kind === 'project-broken' || kind === 'daily-limit'
