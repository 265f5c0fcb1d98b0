import { isObject } from './wire.ts'

/** Something in a conversation that no rule here knows to be harmless, or knows how to replace. */
export class UnscrubbableError extends Error {
  override readonly name = 'UnscrubbableError'
}

const WORD = /^[A-Za-z][\w.#-]{0,63}$/
const TIME = /^[\dTZ:.+-]{4,40}$/

/**
 * What may stay as it is, by field, and what it must look like to stay. Everything else is replaced: each text by a name of its own, the
 * same each time, so that a title that changes is still seen to change.
 */
const KEPT: Readonly<Record<string, RegExp>> = {
  kind: /^[a-z]+#[A-Za-z]+$/,
  etag: /^"[\w=-]{1,64}"$/,
  status: WORD,
  created: TIME,
  updated: TIME,
  dateTime: TIME,
  date: TIME,
  timeZone: /^[A-Za-z_]{1,20}([/+-][\w+-]{1,20}){0,3}$/,
  recurrence: /^(RRULE|EXRULE|RDATE|EXDATE)[A-Za-z0-9;:=,+/_-]{1,900}$/,
  transparency: WORD,
  visibility: WORD,
  eventType: WORD,
  responseStatus: WORD,
  colorId: /^\d{1,3}$/,
  accessRole: WORD,
  reason: WORD,
  domain: WORD,
  locationType: WORD,
  lockstepRevision: /^\d{1,9}$/,
  expiration: /^\d{10,16}$/,
  type: WORD,
}
const KEPT_QUERY = new Set([
  'singleEvents',
  'maxResults',
  'prettyPrint',
  'showDeleted',
  'showHidden',
  'sendUpdates',
  'timeMin',
  'conferenceDataVersion',
  'supportsAttachments',
])
const TOKENS = new Set(['syncToken', 'pageToken', 'nextSyncToken', 'nextPageToken', 'token'])
const EVENT_IDS = new Set(['id', 'recurringEventId', 'eventId'])
/** What Google says of a refusal decides what it means; its sentences name nobody when they hold words alone. */
const SENTENCE = /^[A-Za-z][A-Za-z ,.'-]{0,160}$/
const SUFFIX = /((?:_R\d{8}(?:T\d{6})?)?(?:_\d{8}(?:T\d{6}Z)?)?)$/
const SECRET = /ya29\.|1\/\/0|GOCSPX|AIza|eyJ[\w-]{10}|bearer /i
const HARMLESS_ADDRESS = /@(example\.com|google\.com)$/

export type Scrubber = { path(pathAndQuery: string): string; body(body: unknown): unknown }

/** A name for each original, numbered by kind; the same original has the same name. */
function createAliases(): (kind: string, original: string, shape: (n: number) => string) => string {
  const names = new Map<string, string>()
  const counts = new Map<string, number>()
  return (kind, original, shape) => {
    const key = `${kind} ${original}`
    const known = names.get(key)
    if (known !== undefined) return known
    const n = (counts.get(kind) ?? 0) + 1
    counts.set(kind, n)
    names.set(key, shape(n))
    return shape(n)
  }
}

/** Replaces what is secret or personal, the same by the same for as long as it lives. @throws UnscrubbableError rather than letting it by. */
export function createScrubber(): Scrubber {
  const alias = createAliases()
  const text = (original: string) => (original === '' ? '' : alias('text', original, n => `text ${n}`))
  const address = (original: string) => alias('address', original, n => `person-${n}@example.com`)
  const eventId = (original: string): string => {
    const suffix = SUFFIX.exec(original)?.[0] ?? ''
    const base = original.slice(0, original.length - suffix.length)
    return alias('event', base, n => `event${String(n).padStart(5, '0')}`) + suffix
  }
  const uid = (original: string): string => {
    const own = /^([a-v0-9_RTZ]+)@google\.com$/.exec(original)?.[1]
    return own === undefined ? alias('uid', original, n => `uid-${n}@example.com`) : `${eventId(own)}@google.com`
  }

  function leaf(field: string, value: string, isError: boolean, isCalendar: boolean): string {
    if (TOKENS.has(field)) return alias('token', value, n => `token-${n}`)
    if (field === 'iCalUID') return uid(value)
    if (EVENT_IDS.has(field)) return isCalendar ? address(value) : eventId(value)
    const kept = KEPT[field]
    if (kept !== undefined) {
      if (kept.test(value)) return value
      throw new UnscrubbableError(`the field ${field} holds what nobody expected there`)
    }
    if (isError && (field === 'message' || field === 'location')) return SENTENCE.test(value) ? value : text(value)
    return value.includes('@') && !value.includes(' ') ? address(value) : text(value)
  }

  function walk(value: unknown, field: string, isError: boolean, isCalendar: boolean): unknown {
    if (typeof value === 'string') return leaf(field, value, isError, isCalendar)
    if (Array.isArray(value)) return value.map(each => walk(each, field, isError, isCalendar))
    if (!isObject(value)) return value
    const isOfCalendar = typeof value['kind'] === 'string' ? /calendar(ListEntry)?$/.test(value['kind']) : false
    return Object.fromEntries(
      Object.entries(value).map(([name, part]) => [
        nameOf(field, name),
        walk(part, name, isError || name === 'error', isOfCalendar),
      ]),
    )
  }

  /** Other programs' property names may say anything. */
  const nameOf = (field: string, name: string): string =>
    (field === 'private' || field === 'shared') && !name.startsWith('lockstep')
      ? alias('property', name, n => `property-${n}`)
      : name

  return {
    path(pathAndQuery) {
      const url = new URL(pathAndQuery, 'https://www.googleapis.com')
      const segments = url.pathname.split('/').map(decodeURIComponent)
      const clean = segments.map((segment, place) => {
        if (segments[place - 1] === 'calendars') return address(segment)
        return segments[place - 1] === 'events' && segment !== 'watch' ? eventId(segment) : segment
      })
      for (const [name, value] of [...url.searchParams])
        if (!KEPT_QUERY.has(name))
          url.searchParams.set(name, TOKENS.has(name) ? leaf(name, value, false, false) : text(value))
      return mustBeClean(`${clean.map(encodeURIComponent).join('/')}${url.search}`)
    },
    body(body) {
      const clean = walk(body, '', false, false)
      mustBeClean(JSON.stringify(clean ?? null))
      return clean
    },
  }
}

/** The last look, by what secrets and addresses look like, at whatever the rules let by. */
function mustBeClean(output: string): string {
  if (SECRET.test(output)) throw new UnscrubbableError('something that looks like a secret was left')
  for (const [found] of output.replaceAll('%40', '@').matchAll(/[\w.+#-]+@[\w.-]+/g))
    if (!HARMLESS_ADDRESS.test(found)) throw new UnscrubbableError('an address was left')
  return output
}
