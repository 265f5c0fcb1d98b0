import { closeConnection } from '../../usecases/connections/close-connection.ts'
import type { Deps } from '../../usecases/deps.ts'
import { expireProposals } from '../../usecases/proposals/expire-proposals.ts'
import { compareCalendar } from '../../usecases/sync/compare-calendar.ts'
import { flushConnection } from '../../usecases/sync/flush-connection.ts'
import { pickSamples } from '../../usecases/sync/pick-samples.ts'
import { prepareConnection } from '../../usecases/sync/prepare-connection.ts'
import { pullCalendar } from '../../usecases/sync/pull-calendar.ts'
import { refreshCalendars } from '../../usecases/sync/refresh-calendars.ts'
import { settleMissing } from '../../usecases/sync/settle-missing.ts'
import { renewChannels } from '../../usecases/sync/watch-calendars.ts'
import { deliverChanges } from '../../usecases/webhooks/deliver-changes.ts'
import type { JobHandlers } from './running.ts'
import { scheduledTasks, type ScheduledTask } from './schedule.ts'

/** Which wake-up runs which use case. */
export function handlersOf(deps: Deps): JobHandlers {
  return {
    pull: wakeUp => pullCalendar(deps, wakeUp),
    flush: wakeUp => flushConnection(deps, wakeUp),
    prepare: wakeUp => prepareConnection(deps, wakeUp),
    'settle-missing': wakeUp => settleMissing(deps, wakeUp),
    'refresh-calendars': wakeUp => refreshCalendars(deps, wakeUp),
    'close-connection': wakeUp => closeConnection(deps, wakeUp),
    compare: wakeUp => compareCalendar(deps, wakeUp),
    deliver: (wakeUp, signal) => deliverChanges(deps, wakeUp, signal),
  }
}

/** What runs by the clock. @param sampleShare of the calendars compared with Google each day. */
export function tasksOf(deps: Deps, sampleShare: number): ScheduledTask[] {
  return scheduledTasks({
    ...deps,
    pollIntervalMs: deps.settings.pollIntervalMs,
    renewChannels: limit => renewChannels(deps, limit),
    expireProposals: limit => expireProposals(deps, limit),
    pickSamples: stretchMs => pickSamples(deps, sampleShare, stretchMs),
  })
}
