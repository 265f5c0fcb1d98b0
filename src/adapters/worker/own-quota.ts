import { newMeter, reserve, slow, type Allowance, type Meter } from '../../core/pacing/meter.ts'
import type { Quota } from '../../ports/quota.ts'
import type { System } from '../../ports/system.ts'

/** Meters in memory, for the process that has its database to itself. */
export function ownQuota(system: Pick<System, 'now'>): Quota {
  const meters = new Map<string, Meter>()
  const meterOf = (name: string, allowance: Allowance) => meters.get(name) ?? newMeter(allowance, system.now())
  return {
    reserve(name, allowance, costs) {
      const reserved = reserve(meterOf(name, allowance), allowance, system.now(), costs)
      meters.set(name, reserved.meter)
      return Promise.resolve(reserved.waitsMs)
    },
    slow(name, allowance) {
      meters.set(name, slow(meterOf(name, allowance), allowance, system.now()))
      return Promise.resolve()
    },
  }
}
