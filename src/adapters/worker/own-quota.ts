import { newMeter, reading, reserve, slow, type Allowance, type Meter } from '../../core/pacing/meter.ts'
import type { MeterReading, MeterReads, Quota } from '../../ports/quota.ts'
import type { System } from '../../ports/system.ts'

/** Meters in memory, for the process that has its database to itself. */
export function ownQuota(system: Pick<System, 'now'>): Quota & MeterReads {
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
    readMeters(limit) {
      const readings = [...meters].map(([meter, value]) => ({ meter, ...reading(value, system.now()) }))
      return Promise.resolve(readings.sort(projectsFirst).slice(0, limit))
    },
  }
}

const isUser = ({ meter }: MeterReading): boolean => meter.startsWith('user ')
const projectsFirst = (a: MeterReading, b: MeterReading): number =>
  Number(isUser(a)) - Number(isUser(b)) || b.use - a.use
