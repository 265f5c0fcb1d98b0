import type { Json } from './service.ts'

const DAY_MS = 86_400_000

/** A half-hour appointment of tomorrow or later, as a platform sends it. */
export function aBooking(place: number, more: Json = {}): Json {
  const at = (minutes: number) => new Date(Date.now() + DAY_MS + place * 1_800_000 + minutes * 60_000).toISOString()
  const time = (minutes: number) => ({ dateTime: at(minutes), timeZone: 'America/New_York' })
  return {
    userId: 'dr-lee',
    kind: 'appointment',
    status: 'confirmed',
    title: `Visit ${place}`,
    start: time(0),
    end: time(30),
    ...more,
  }
}
