import PQueue from 'p-queue'
import type { RemoteFailure } from '../../core/model/failures.ts'
import { allowanceOf, type Allowance } from '../../core/pacing/meter.ts'
import type { Grantee } from '../../ports/google-calendar.ts'
import type { Quota } from '../../ports/quota.ts'
import type { System } from '../../ports/system.ts'

export type Pacing = {
  /** Awaited before each request; `weight` is what Google counts it as, `calendarId` is set for writes. */
  pace(who: Grantee, weight: number, calendarId: string | null): Promise<void>
  /** Told of each refusal: after one for speed, the user or the project goes slower. */
  noteFailure(who: Grantee, failure: RemoteFailure): Promise<void>
}

type Deps = {
  quota: Quota
  system: Pick<System, 'now' | 'sleep'>
  limits: { projectPerMinute: number; userPerMinute: number }
  /** Whose Google project a tenant's requests count against. */
  projectOf: (tenantId: string) => Promise<string>
}

/** Woken later than this after its place, a request takes a new place: many late ones together would pass the quota. */
const LATE_MS = 500
const PLACES_MAX = 10
/** Callers whose places are asked for in one go. */
const BATCH_MAX = 50

/** Two meters, both shared by all instances: first the user's, then the project's. In one process places are given in order of asking. */
export function createPacing({ quota, system, limits, projectOf }: Deps): Pacing {
  const user = lineUp(quota, allowanceOf(limits.userPerMinute))
  const project = lineUp(quota, allowanceOf(limits.projectPerMinute))
  const writers = new Map<string, PQueue>()

  async function waitFor(line: Line, meter: string, weight: number): Promise<void> {
    for (let place = 0; place < PLACES_MAX; place++) {
      const waitMs = await line.reserve(meter, weight)
      if (waitMs <= 0) return
      const due = system.now() + waitMs
      await system.sleep(waitMs)
      if (system.now() - due <= LATE_MS) return
    }
  }

  async function pass(who: Grantee, weight: number): Promise<void> {
    await waitFor(user, userMeter(who), weight)
    await waitFor(project, await projectOf(who.tenantId), weight)
  }

  return {
    async pace(who, weight, calendarId) {
      if (calendarId === null) return pass(who, weight)
      const writer = writers.get(calendarId) ?? new PQueue({ concurrency: 1 })
      writers.set(calendarId, writer)
      await writer.add(() => pass(who, weight))
      if (writer.size === 0 && writer.pending === 0) writers.delete(calendarId)
    },
    async noteFailure(who, failure) {
      if (failure.kind !== 'rate-limited') return
      if (failure.scope === 'user') await quota.slow(userMeter(who), user.allowance)
      else await quota.slow(await projectOf(who.tenantId), project.allowance)
    },
  }
}

function userMeter({ tenantId, connectionId }: Grantee): string {
  return `user ${tenantId}/${connectionId}`
}

type Line = { allowance: Allowance; reserve(meter: string, cost: number): Promise<number> }
type Waiter = { cost: number; placed: PromiseWithResolvers<number> }

/** While one question is on its way to the database, the next askers gather and go together. */
function lineUp(quota: Quota, allowance: Allowance): Line {
  const lines = new Map<string, Waiter[]>()

  async function ask(meter: string, waiting: Waiter[]): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, BATCH_MAX)
      try {
        const waits = await quota.reserve(
          meter,
          allowance,
          batch.map(({ cost }) => cost),
        )
        for (const [index, { placed }] of batch.entries()) placed.resolve(waits[index] ?? 0)
      } catch (error) {
        for (const { placed } of batch) placed.reject(error)
      }
    }
    lines.delete(meter)
  }

  return {
    allowance,
    reserve(meter, cost) {
      const placed = Promise.withResolvers<number>()
      const waiting = lines.get(meter)
      if (waiting !== undefined) waiting.push({ cost, placed })
      else {
        const line = [{ cost, placed }]
        lines.set(meter, line)
        void ask(meter, line)
      }
      return placed.promise
    },
  }
}
