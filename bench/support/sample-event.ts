const START = Date.UTC(2026, 10, 23, 14)
const HALF_HOUR_MS = 1_800_000
const SPREAD = 8_000
const TITLES = ['Follow-up', 'First visit', 'Team meeting', 'Lunch', 'Phone call', 'Supervision', 'School run']

/** An ordinary event, as people and other applications make them; about 1.2 kB as Google lists it. Every twentieth repeats weekly. */
export function sampleEvent(index: number) {
  const startAt = START + (index % SPREAD) * HALF_HOUR_MS
  const zone = 'America/New_York'
  return {
    summary: `${TITLES[index % TITLES.length]} ${index}`,
    description: `Please bring the forms that were sent to you. Reference ${index}. `.repeat(4),
    location: `Room ${index % 12}, 20 Water Street, New York`,
    start: { dateTime: new Date(startAt).toISOString(), timeZone: zone },
    end: { dateTime: new Date(startAt + HALF_HOUR_MS).toISOString(), timeZone: zone },
    ...(index % 20 === 0 ? { recurrence: ['RRULE:FREQ=WEEKLY;COUNT=8'] } : {}),
  }
}
