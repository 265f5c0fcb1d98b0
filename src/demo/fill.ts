import type { Google } from './google.ts'
import type { Platform } from './platform.ts'
import type { Clinic, ClinicMember } from './sample.ts'

/** Everybody's Google account with what they keep there, and the team meeting with its moved and its cancelled occurrence. */
export async function fillGoogle(google: Google, clinic: Clinic): Promise<void> {
  for (const { email, name, timeZone } of clinic.members)
    await google.control('POST', 'accounts', { email, name, timeZone })
  for (const { email, events } of clinic.members) await seed(google, email, events)
  const { organizer, event, moved, cancelled } = clinic.meeting
  await google.insert(organizer, organizer, event) // as an invitation, which seeding is not
  await google.patch(organizer, organizer, `${event.id}_${moved.originalStart}`, { start: moved.start, end: moved.end })
  await google.remove(organizer, organizer, `${event.id}_${cancelled.originalStart}`)
}

async function seed(google: Google, email: string, events: unknown[]): Promise<void> {
  type Seeded = { refused: { summary: string | null; message: string }[] }
  const { refused } = await google.control<Seeded>('POST', `calendars/${encodeURIComponent(email)}/events`, { events })
  if (refused.length > 0) throw new Error(`the simulator refused ${JSON.stringify(refused[0])}`)
}

type Loaded = { inserted: number; problems: { summary: string | null; reason: string }[] }

/** A file of the person's own into their calendar. What cannot be taken is named; the rest goes on. */
export function loadCalendar(google: Google, email: string, text: string): Promise<Loaded> {
  return google.control<Loaded>('POST', `calendars/${encodeURIComponent(email)}/ics`, text, {
    'content-type': 'text/calendar',
  })
}

/** What the clinic's software has booked, through the API. */
export async function fillPlatform(platform: Platform, members: readonly ClinicMember[]): Promise<number> {
  let booked = 0
  for (const { appointments } of members) {
    if (appointments.length === 0) continue
    const { items } = await platform.batch(appointments)
    const refused = items.find(each => each.status >= 300)
    if (refused !== undefined) throw new Error(`the service refused ${JSON.stringify(refused)}`)
    booked += items.length
  }
  return booked
}
