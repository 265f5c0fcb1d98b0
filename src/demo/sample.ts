import type { Time } from './wall-clock.ts'

/** An appointment as `POST /v1/appointments/batch` takes it. */
export type SampleAppointment = {
  id: string
  userId: string
  kind: 'appointment' | 'meeting' | 'task' | 'event' | 'block'
  status: 'tentative' | 'confirmed' | 'completed' | 'cancelled' | 'no_show'
  title: string
  description: string | null
  location: string | null
  start: Time
  end: Time
  recurrence: string[] | null
  recurringId: string | null
  originalStart: Time | null
}

/** An event as Google's `events.insert` takes it. */
export type SampleEvent = {
  id: string
  summary: string
  start: Time
  end: Time
  description?: string
  location?: string
  visibility?: 'private'
  transparency?: 'transparent'
  recurrence?: string[]
  attendees?: { email: string; displayName: string; responseStatus: string }[]
}

export type Practitioner = {
  userId: string
  name: string
  profession: string
  email: string
  timeZone: string
  /** Where appointments go: into the person's own calendar, or into one made for the clinic. */
  target: 'primary' | 'clinic'
  shows: string
  presentation: Record<string, unknown>
  /** ISO weekdays, 1 is Monday. */
  workingDays: readonly number[]
  /** Minutes after midnight. */
  opensAt: number
  closesAt: number
  lunchAt: number
}

export type Visit = {
  title: string
  minutes: number
  weight: number
  rooms: readonly (string | null)[]
  note: string | null
}

export type ClinicMember = Practitioner & { appointments: SampleAppointment[]; events: SampleEvent[] }

/** A recurring meeting made in Google, with one occurrence moved and one called off; `originalStart` as in Google's instance ids. */
export type Meeting = {
  organizer: string
  event: SampleEvent
  moved: { originalStart: string; start: Time; end: Time }
  cancelled: { originalStart: string }
}

export type Clinic = {
  name: string
  members: ClinicMember[]
  meeting: Meeting
  /** Mondays of the first and the last week that hold something, `YYYY-MM-DD`. */
  weeks: { from: string; to: string }
  /** The days on which clocks change somewhere in the clinic within the sample, earliest first. */
  clockChanges: { date: string; timeZone: string; title: string }[]
}

/** A stretch of one day that is taken, minutes after midnight. */
export type Taken = { from: number; to: number }

/** A practitioner's days off and other engagements, by day (`YYYY-MM-DD`). */
export type Diary = { isOff: (date: string) => boolean; takenOn: (date: string) => Taken[] }
