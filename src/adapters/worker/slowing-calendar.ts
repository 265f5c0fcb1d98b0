import type { RemoteFailure, Result } from '../../core/model/failures.ts'
import type { Grantee, GoogleCalendar } from '../../ports/google-calendar.ts'
import type { Log } from '../../ports/log.ts'
import type { Pacing } from './pacing.ts'

type Call = (who: Grantee, ...rest: unknown[]) => Promise<Result<unknown, RemoteFailure>>

/** The same calendar, whose refusals the pacing hears of. */
export function slowingCalendar(google: GoogleCalendar, pacing: Pick<Pacing, 'noteFailure'>, log: Log): GoogleCalendar {
  return new Proxy(google, {
    get(target, method, receiver) {
      const call = Reflect.get(target, method, receiver) as Call // every member of the port is such a function
      return async (...args: Parameters<Call>) => {
        const reply = await call.apply(target, args)
        if (!reply.ok) {
          await pacing.noteFailure(args[0], reply.error).catch((error: unknown) => {
            log.warn('refusal not noted', { kind: reply.error.kind, error })
          })
        }
        return reply
      }
    },
  })
}
