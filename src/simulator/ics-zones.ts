import ICAL from 'ical.js'

import { isZone, offsetMinutes } from './times.ts'

/** Windows names that Outlook and Exchange write as TZID. Source: the CLDR table of Windows zones, its "001" rows. */
const WINDOWS_ZONES: Record<string, string> = {
  'AUS Eastern Standard Time': 'Australia/Sydney',
  'Alaskan Standard Time': 'America/Anchorage',
  'Arab Standard Time': 'Asia/Riyadh',
  'Arabian Standard Time': 'Asia/Dubai',
  'Argentina Standard Time': 'America/Argentina/Buenos_Aires',
  'Atlantic Standard Time': 'America/Halifax',
  'Canada Central Standard Time': 'America/Regina',
  'Cen. Australia Standard Time': 'Australia/Adelaide',
  'Central America Standard Time': 'America/Guatemala',
  'Central Europe Standard Time': 'Europe/Budapest',
  'Central European Standard Time': 'Europe/Warsaw',
  'Central Standard Time': 'America/Chicago',
  'Central Standard Time (Mexico)': 'America/Mexico_City',
  'China Standard Time': 'Asia/Shanghai',
  'E. Africa Standard Time': 'Africa/Nairobi',
  'E. Australia Standard Time': 'Australia/Brisbane',
  'E. Europe Standard Time': 'Europe/Chisinau',
  'E. South America Standard Time': 'America/Sao_Paulo',
  'Eastern Standard Time': 'America/New_York',
  'Egypt Standard Time': 'Africa/Cairo',
  'FLE Standard Time': 'Europe/Kyiv',
  'GMT Standard Time': 'Europe/London',
  'GTB Standard Time': 'Europe/Bucharest',
  'Greenwich Standard Time': 'Atlantic/Reykjavik',
  'Hawaiian Standard Time': 'Pacific/Honolulu',
  'India Standard Time': 'Asia/Kolkata',
  'Israel Standard Time': 'Asia/Jerusalem',
  'Korea Standard Time': 'Asia/Seoul',
  'Mountain Standard Time': 'America/Denver',
  'Nepal Standard Time': 'Asia/Kathmandu',
  'New Zealand Standard Time': 'Pacific/Auckland',
  'Newfoundland Standard Time': 'America/St_Johns',
  'Pacific SA Standard Time': 'America/Santiago',
  'Pacific Standard Time': 'America/Los_Angeles',
  'Pakistan Standard Time': 'Asia/Karachi',
  'Romance Standard Time': 'Europe/Paris',
  'Russian Standard Time': 'Europe/Moscow',
  'SA Pacific Standard Time': 'America/Bogota',
  'SE Asia Standard Time': 'Asia/Bangkok',
  'Singapore Standard Time': 'Asia/Singapore',
  'South Africa Standard Time': 'Africa/Johannesburg',
  'Taipei Standard Time': 'Asia/Taipei',
  'Tokyo Standard Time': 'Asia/Tokyo',
  'Turkey Standard Time': 'Europe/Istanbul',
  'US Eastern Standard Time': 'America/Indiana/Indianapolis',
  'US Mountain Standard Time': 'America/Phoenix',
  UTC: 'UTC',
  'W. Australia Standard Time': 'Australia/Perth',
  'W. Central Africa Standard Time': 'Africa/Lagos',
  'W. Europe Standard Time': 'Europe/Berlin',
}

/** Tried first when only the offsets are known, since many zones share them. */
const LIKELY_ZONES = [
  'UTC',
  'Europe/London',
  'Europe/Berlin',
  'Europe/Athens',
  'Europe/Istanbul',
  'Europe/Moscow',
  'America/New_York',
  'America/Chicago',
  'America/Denver',
  'America/Phoenix',
  'America/Los_Angeles',
  'America/Sao_Paulo',
  'Asia/Kolkata',
  'Asia/Shanghai',
  'Asia/Tokyo',
  'Australia/Sydney',
  'Australia/Brisbane',
  'Pacific/Auckland',
]
/** Days on which a zone and its impostors differ: both halves of two years. */
const PROBES = ['2024-01-15', '2024-03-20', '2024-07-15', '2024-10-29', '2026-01-15', '2026-07-15']

/** The zone of the tz database that a TZID means; undefined when neither its name nor its definition tells. */
export type ZoneResolver = (tzid: string) => string | undefined

/** A resolver that knows the file's own VTIMEZONE definitions (as text blocks). */
export function zoneResolver(definitions: string[]): ZoneResolver {
  const byId = new Map<string, ICAL.Component>()
  for (const text of definitions) {
    const component = readDefinition(text)
    const tzid = component?.getFirstPropertyValue('tzid')
    if (component && typeof tzid === 'string') byId.set(tzid, component)
  }
  const known = new Map<string, string | undefined>()
  return tzid => {
    if (!known.has(tzid)) known.set(tzid, zoneByName(tzid) ?? zoneByDefinition(byId.get(tzid)))
    return known.get(tzid)
  }
}

function readDefinition(text: string): ICAL.Component | undefined {
  try {
    return new ICAL.Component(ICAL.parse(text))
  } catch {
    return undefined // a broken definition leaves its TZID to be known by name, or the event to be reported
  }
}

/** `Europe/Berlin`, `/mozilla.org/20050126_1/Europe/Berlin`, `"W. Europe Standard Time"`, `(UTC+01:00) Europe/Berlin`. */
function zoneByName(tzid: string): string | undefined {
  const name = tzid.replaceAll('"', '').trim()
  const windows = WINDOWS_ZONES[name]
  if (windows !== undefined) return windows
  const parts = name.split('/')
  for (const length of [parts.length, 3, 2]) {
    const tail = parts.slice(-length).join('/')
    if (tail.includes('/') ? isZone(tail) : /^(UTC|GMT)$/i.test(tail)) return tail
  }
  return undefined
}

function zoneByDefinition(component: ICAL.Component | undefined): string | undefined {
  if (!component) return undefined
  const location = component.getFirstPropertyValue('x-lic-location')
  if (typeof location === 'string' && isZone(location)) return location
  const defined = new ICAL.Timezone(component)
  const offsets = PROBES.map(day => defined.utcOffset(ICAL.Time.fromString(`${day}T12:00:00`, null)) / 60)
  const isSame = (zone: string): boolean =>
    PROBES.every((day, i) => offsetMinutes(zone, Date.parse(`${day}T12:00:00Z`)) === offsets[i])
  return LIKELY_ZONES.find(isSame) ?? Intl.supportedValuesOf('timeZone').find(isSame)
}
