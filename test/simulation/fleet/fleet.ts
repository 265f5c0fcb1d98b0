import type { JobWithMetadata } from 'pg-boss'
import type { JobData } from '../../../src/adapters/worker/queues.ts'
import type { WebhookSender } from '../../../src/ports/webhook-sender.ts'
import { createSimulator, type Simulator } from '../../../src/simulator/testing.ts'
import type { Deps } from '../../../src/usecases/deps.ts'
import { NOW } from '../../support/builders.ts'
import { notify, seeded } from '../../support/engine.ts'
import { createMemoryStore } from '../../support/memory-store.ts'
import type { Court } from './checks.ts'
import { createInstance, errand, LOST, type Instance, type World } from './instance.ts'
import { createJudge, type Judge } from './judge.ts'
import { createQueue, HEARTBEAT_MS } from './queue.ts'
import type { FleetStory } from './story.ts'
import { createTrace, type Trace } from './trace.ts'
import { createTurns, digestAtOnce, quiet } from './turns.ts'

/** How often the schedule comes by here; in service it is oftener. */
const TICK_MS = 300_000
const RUNS_AT_ONCE = 3
/** Bounded: a fleet that never comes to rest is a failure, not a hang. */
const TURNS_MAX = 60_000
const STARTS_MAX = 3_000

/** One to three instances over one store and one Google, in one process, each step of each of them by chance. */
export type Fleet = {
  world: World
  simulator: Simulator
  clock: { now: number }
  judge: Judge
  trace: Trace
  instances: Instance[]
  /** A request of the platform: anybody may come between its awaits, and if its instance dies it is made again. */
  request<T>(tenantId: string | null, make: (deps: Deps) => Promise<T>): Promise<T>
  /** Works off what is due now. @param turnsMax leaves the rest where it stands. */
  work(turnsMax?: number): Promise<void>
  advance(ms: number): Promise<void>
  crash(instance: number): void
  stall(instance: number): void
  wakeAll(): void
  /** A message from Google, or from somebody who says so. */
  post(headers: Record<string, string>): Promise<number>
}

export function createFleet(story: FleetStory, court: Court, sender: WebhookSender): Fleet {
  digestAtOnce()
  const { knobs, seed } = story
  const random = seeded(seed + 5)
  const clock = { now: NOW }
  const trace = createTrace()
  const queue = createQueue(() => clock.now)
  const instances: Instance[] = []
  const stalledSince = new Map<number, number>()
  const simulator = createSimulator({
    now: () => clock.now,
    seed,
    notificationDelayMs: 0,
    autoConsent: true,
    ruleOrder: knobs.rewritesRules ? 'rewritten' : 'kept',
    post: (_url, headers) => fleet.post(headers),
  })
  const crash = (number: number): void => {
    world.isDisturbed = true
    const life = (instances[number]?.life ?? 0) + 1
    world.turns.forget(number)
    queue.release(number)
    wake(number)
    instances[number] = createInstance(world, number, life)
  }
  const turns = createTurns(random, knobs.grain, {
    death: crash,
    turn: instance => trace.note(String(instance)),
    isAlive: (instance, life) => instances[instance]?.life === life,
  })
  const judge = createJudge({ court, trace, simulator, clock, isDisturbed: () => world.isDisturbed })
  let ids = 0
  const nowOf = (instance: number | undefined): number => clock.now + (world.skewMs[instance ?? -1] ?? 0)
  const world: World = {
    store: createMemoryStore(
      wakeUps => queue.wake(wakeUps, nowOf(errand.getStore()?.instance)),
      undefined,
      judge.onCommit,
    ),
    simulator,
    queue,
    turns,
    knobs,
    clock,
    skewMs: Array.from({ length: knobs.instances }, () => 0),
    newId: () => ++ids,
    random,
    onCall: judge.onCall,
    onToken: judge.onToken,
    onLog: judge.onLog,
    isDisturbed: false,
    databaseFails: { next: 0, told: 0 },
    sender,
  }
  for (let number = 0; number < knobs.instances; number += 1) instances.push(createInstance(world, number, 1))

  const awake = (): Instance[] => instances.filter(each => !turns.isStalled(each.number))
  const anyOf = <T>(choices: readonly T[]): T | undefined => choices[Math.floor(random() * choices.length)]
  const wake = (number: number): void => {
    turns.wake(number)
    stalledSince.delete(number)
  }

  /** @returns how many were started. */
  const startDue = (): number => {
    let started = 0
    for (const key of queue.due()) {
      const instance = anyOf(awake().filter(each => queue.runningOn(each.number) < RUNS_AT_ONCE))
      if (instance === undefined) return started
      const job = queue.start(key, instance.number)
      if (job === null) continue
      started += 1
      const { kind, tenantId } = job.wakeUp
      const data: JobData = { wakeUp: job.wakeUp, crashes: job.crashes }
      const run = { id: job.key, data, signal: new AbortController().signal }
      void errand.run({ kind, tenantId, instance: instance.number, beganAt: judge.tick() }, async () => {
        await instance.perform(run as unknown as JobWithMetadata<JobData>).catch(onBroken) // what the runner reads of it
        queue.end(job)
      })
    }
    return started
  }
  const onBroken = (error: unknown): void => {
    const message = error instanceof Error ? error.message : String(error)
    if (message !== LOST) court.accuse('X', error instanceof Error ? (error.stack ?? message) : message)
  }

  let nextTick = clock.now + TICK_MS
  const tick = (): void => {
    nextTick += TICK_MS
    const instance = anyOf(awake())
    for (const task of instance?.tasks ?? [])
      void errand.run({ kind: task.name, tenantId: null, instance: instance?.number ?? 0, beganAt: judge.tick() }, () =>
        task.run(new AbortController().signal).catch(onBroken),
      )
  }
  /** Who gives no sign of life for so long is taken for dead. */
  const missDead = (): void => {
    for (const [number, since] of stalledSince)
      if (clock.now - since >= HEARTBEAT_MS) {
        queue.release(number)
        stalledSince.set(number, Infinity)
      }
  }
  const nextInstant = (): number => {
    const beats = [...stalledSince.values()].map(since => since + HEARTBEAT_MS)
    const all = [queue.nextAt(), simulator.nextDueAt() ?? Infinity, nextTick, ...beats]
    return Math.min(...all.filter(at => at > clock.now))
  }
  const leap = (to: number): void => {
    clock.now = Math.max(clock.now, to)
    missDead()
    if (clock.now >= nextTick) tick()
  }

  const work = async (turnsMax = TURNS_MAX): Promise<void> => {
    let starts = 0
    for (let turn = 0; turn < turnsMax; turn += 1) {
      void simulator.runDue()
      const started = startDue()
      starts += started
      const isMoving = started > 0 || (await turns.next())
      if (started > 0) await quiet()
      // Whoever is left waits for an answer, for time, or in a process that stands still.
      if (!isMoving && (simulator.nextDueAt() ?? Infinity) > clock.now) return
      if (starts > STARTS_MAX) break
    }
    if (turnsMax < TURNS_MAX && starts <= STARTS_MAX) return
    court.accuse('L2', `the engine did not come to rest: ${queue.keys().join(', ')}`)
    throw new Error('the engine did not come to rest')
  }

  const request = async <T>(tenantId: string | null, make: (deps: Deps) => Promise<T>): Promise<T> => {
    for (let attempt = 0; attempt < 12; attempt += 1) {
      const instance = anyOf(awake()) ?? instances[0]
      if (instance === undefined) throw new Error('nobody is there')
      wake(instance.number)
      const outcome = await follow(
        instance,
        errand.run({ kind: 'request', tenantId, instance: instance.number, beganAt: judge.tick() }, () =>
          make(instance.deps),
        ),
      )
      if (outcome === 'died') continue
      if ('value' in outcome) return outcome.value
      if (!(outcome.error instanceof Error) || outcome.error.message !== LOST) throw outcome.error
    }
    throw new Error('a request was never answered')
  }
  const follow = async <T>(
    instance: Instance,
    promise: Promise<T>,
  ): Promise<'died' | { value: T } | { error: unknown }> => {
    let outcome: { value: T } | { error: unknown } | null = null
    promise.then(
      value => (outcome = { value }),
      (error: unknown) => (outcome = { error }),
    )
    for (let turn = 0; turn < TURNS_MAX; turn += 1) {
      await quiet()
      if (outcome !== null) return outcome
      if (instances[instance.number]?.life !== instance.life) return 'died'
      void simulator.runDue()
      startDue()
      if (await turns.next()) continue
      wake(instance.number)
      if (outcome === null) leap(Math.min(nextInstant(), clock.now + 1_000))
    }
    throw new Error('a request hangs')
  }

  const fleet: Fleet = {
    world,
    simulator,
    clock,
    judge,
    trace,
    instances,
    request,
    work,
    advance: async ms => {
      const until = clock.now + ms
      for (;;) {
        await work()
        const next = nextInstant()
        if (next > until) break
        leap(next)
      }
      leap(until)
      await work()
    },
    crash,
    stall: number => {
      if (instances[number] === undefined || turns.isStalled(number)) return
      world.isDisturbed = true
      turns.stall(number)
      stalledSince.set(number, clock.now)
    },
    wakeAll: () => instances.forEach(each => wake(each.number)),
    post: async headers => {
      const instance = anyOf(awake())
      if (instance === undefined) return 0
      return errand
        .run({ kind: 'push', tenantId: null, instance: instance.number, beganAt: judge.tick() }, () =>
          notify(instance, headers),
        )
        .catch(() => 503)
    },
  }
  return fleet
}
