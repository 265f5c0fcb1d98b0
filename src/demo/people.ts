import type { Practitioner, Visit } from './sample.ts'

export const CLINIC_NAME = 'Harbour Lane Clinic'

/** Three people, two sides of the Atlantic, three ways of showing an appointment to Google. All of them are made up. */
export const PRACTITIONERS: readonly Practitioner[] = [
  {
    userId: 'dr-lee',
    name: 'Dr. Hana Lee',
    profession: 'Family physician',
    email: 'hana.lee@harbourlane.example',
    timeZone: 'America/New_York',
    target: 'primary',
    shows: 'Her own calendar, full titles',
    presentation: { title: 'full', description: true, location: true, visibility: 'default' },
    workingDays: [1, 2, 3, 4, 5],
    opensAt: 9 * 60,
    closesAt: 17 * 60,
    lunchAt: 12 * 60 + 30,
  },
  {
    userId: 'dr-okafor',
    name: 'Dr. Chidi Okafor',
    profession: 'Psychiatrist',
    email: 'chidi.okafor@harbourlane.example',
    timeZone: 'Europe/London',
    target: 'clinic',
    shows: 'A calendar of its own, no names',
    presentation: { title: 'kind', description: false, location: false, visibility: 'private' },
    workingDays: [1, 2, 4, 5],
    opensAt: 9 * 60 + 30,
    closesAt: 18 * 60,
    lunchAt: 13 * 60,
  },
  {
    userId: 'm-reyes',
    name: 'Martín Reyes',
    profession: 'Physiotherapist',
    email: 'martin.reyes@harbourlane.example',
    timeZone: 'America/New_York',
    target: 'clinic',
    shows: 'Kind, initials and room only',
    presentation: { title: '{{kind}} {{initials}}', description: false, location: true, visibility: 'default' },
    workingDays: [1, 2, 3, 4, 6],
    opensAt: 8 * 60,
    closesAt: 16 * 60,
    lunchAt: 12 * 60,
  },
]

/** What each of them is visited for; `weight` says how often. */
export const VISITS: Readonly<Record<string, readonly Visit[]>> = {
  'dr-lee': [
    { title: 'Follow-up', minutes: 30, weight: 5, rooms: ['Room 2', 'Room 3'], note: 'Review of the last results.' },
    { title: 'New patient', minutes: 60, weight: 2, rooms: ['Room 2'], note: 'First visit: history and examination.' },
    { title: 'Annual check-up', minutes: 45, weight: 2, rooms: ['Room 3'], note: null },
    { title: 'Vaccination', minutes: 15, weight: 2, rooms: ['Treatment room'], note: null },
    { title: 'Phone call', minutes: 15, weight: 2, rooms: [null], note: 'By phone.' },
    { title: 'Blood pressure', minutes: 20, weight: 1, rooms: ['Treatment room'], note: null },
  ],
  'dr-okafor': [
    { title: 'Therapy session', minutes: 50, weight: 6, rooms: ['Video', 'Harley Street 40'], note: null },
    { title: 'Medication review', minutes: 25, weight: 3, rooms: ['Video'], note: 'Bring the current list.' },
    { title: 'Assessment', minutes: 90, weight: 1, rooms: ['Harley Street 40'], note: null },
    { title: 'Family session', minutes: 75, weight: 1, rooms: ['Harley Street 40'], note: null },
  ],
  'm-reyes': [
    { title: 'Physiotherapy', minutes: 40, weight: 5, rooms: ['Gym', 'Room 5'], note: null },
    { title: 'Knee rehab', minutes: 40, weight: 3, rooms: ['Gym'], note: 'Six weeks after surgery.' },
    { title: 'Back pain, first visit', minutes: 60, weight: 1, rooms: ['Room 5'], note: null },
    { title: 'Dry needling', minutes: 30, weight: 1, rooms: ['Room 5'], note: null },
    { title: 'Home visit', minutes: 60, weight: 1, rooms: ['At the patient’s'], note: null },
  ],
}

/** What they keep in their own calendars; `day` counts from Monday, times are minutes after midnight there. */
export const PRIVATE_EVENTS: Readonly<Record<string, readonly PrivateEvent[]>> = {
  'dr-lee': [
    { title: 'School pick-up', day: 4, at: 16 * 60, minutes: 45, isPrivate: true, everyWeeks: 1 },
    { title: 'Piano lesson', day: 1, at: 18 * 60, minutes: 60, isPrivate: false, everyWeeks: 2 },
    { title: 'Parents’ evening', day: 2, at: 18 * 60 + 30, minutes: 90, isPrivate: true, everyWeeks: 4 },
    { title: 'Dentist', day: 3, at: 11 * 60, minutes: 60, isPrivate: true, everyWeeks: 5 },
  ],
  'dr-okafor': [
    { title: 'Squash with Tom', day: 3, at: 7 * 60 + 30, minutes: 60, isPrivate: false, everyWeeks: 1 },
    { title: 'Peer supervision', day: 1, at: 16 * 60, minutes: 90, isPrivate: false, everyWeeks: 2 },
    { title: 'Boiler engineer', day: 0, at: 10 * 60 + 30, minutes: 60, isPrivate: true, everyWeeks: 5 },
  ],
  'm-reyes': [
    { title: 'Swimming', day: 2, at: 17 * 60, minutes: 60, isPrivate: false, everyWeeks: 1 },
    { title: 'Landlord', day: 0, at: 14 * 60, minutes: 30, isPrivate: true, everyWeeks: 3 },
    { title: 'Call home', day: 5, at: 16 * 60 + 30, minutes: 30, isPrivate: true, everyWeeks: 1 },
  ],
}
type PrivateEvent = {
  title: string
  day: number
  at: number
  minutes: number
  isPrivate: boolean
  everyWeeks: number
}

/** Whole days off: `week` counts from the current one, `day` from Monday. */
export const LEAVE: Readonly<Record<string, readonly { title: string; week: number; day: number; days: number }[]>> = {
  'dr-lee': [
    { title: 'Annual leave', week: 2, day: 0, days: 5 },
    { title: 'Medical congress, Boston', week: -3, day: 3, days: 2 },
  ],
  'dr-okafor': [
    { title: 'Annual leave', week: -4, day: 3, days: 2 },
    { title: 'Moving house', week: 1, day: 4, days: 1 },
  ],
  'm-reyes': [
    { title: 'Course: manual therapy', week: 1, day: 3, days: 3 },
    { title: 'Annual leave', week: 4, day: 0, days: 6 },
  ],
}

export const FIRST_NAMES = [
  'Jane',
  'Omar',
  'Lucía',
  'Peter',
  'Aiko',
  'Fatima',
  'Tomasz',
  'Grace',
  'Noah',
  'Ingrid',
  'Samuel',
  'Priya',
  'Yusuf',
  'Clara',
  'Mateo',
  'Ruth',
]
export const LAST_NAMES = [
  'Roe',
  'Haddad',
  'Fernández',
  'Novak',
  'Tanaka',
  'Rahman',
  'Kowalski',
  'Adeyemi',
  'Brooks',
  'Lindqvist',
  'Mensah',
  'Nair',
  'Demir',
  'Weiss',
  'Ortega',
  'Hollis',
]
