import { loadIcs } from '../simulator/testing.ts'
import type { ClinicMember } from './sample.ts'

export const YOUR_EMAIL = 'you@harbourlane.example'

/** One more person, with nothing but what their file holds. */
export function yourself(text: string): ClinicMember {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone
  return {
    userId: 'you',
    name: 'You',
    profession: 'Your own calendar',
    email: YOUR_EMAIL,
    timeZone: loadIcs(text, here).timeZone ?? here,
    target: 'primary',
    shows: 'Your own file',
    presentation: { title: 'full', description: true, location: true, visibility: 'default' },
    workingDays: [],
    opensAt: 0,
    closesAt: 0,
    lunchAt: 0,
    appointments: [],
    events: [],
  }
}
