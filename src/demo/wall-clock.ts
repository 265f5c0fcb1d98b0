import { DateTime } from 'luxon'

export type Time = { dateTime: string; timeZone: string } | { date: string }

/** `YYYY-MM-DD`. */
export const day = (moment: DateTime): string => moment.toFormat('yyyy-MM-dd')

/** Minutes after midnight of a day, on the wall clock of a zone. */
export function timeAt(date: string, minutes: number, timeZone: string): { dateTime: string; timeZone: string } {
  const clock = { hour: Math.floor(minutes / 60), minute: minutes % 60 }
  const moment = DateTime.fromISO(date, { zone: timeZone }).set(clock)
  return { dateTime: moment.toISO({ suppressMilliseconds: true }) ?? '', timeZone }
}

export function spanAt(date: string, at: number, minutes: number, timeZone: string): { start: Time; end: Time } {
  return { start: timeAt(date, at, timeZone), end: timeAt(date, at + minutes, timeZone) }
}
