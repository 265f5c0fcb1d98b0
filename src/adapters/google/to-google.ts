import { isDeepStrictEqual } from 'node:util'
import { RAW_WITHHELD } from '../../core/model/link.ts'
import { FIELDS } from '../../core/model/projection.ts'
import type { Field, Projection } from '../../core/model/projection.ts'
import { formatDateTime } from '../../core/model/time.ts'
import { isVeiled } from '../../core/sync/veil.ts'
import type { Instant, Span } from '../../core/model/time.ts'
import type { EventWrite } from '../../ports/google-calendar.ts'
import { MARKER_KEY, MARKER_REVISION, readContent } from './from-google.ts'
import { isObject, objectOf, storableText } from './wire.ts'
import type { WireObject } from './wire.ts'

export type Change = {
  method: 'update' | 'patch'
  body: WireObject
  params: { conferenceDataVersion?: 1; supportsAttachments?: true }
}

/**
 * Google's own, sent by nobody: it sets them again, and a `sequence` lower than the stored one is refused. `recurringEventId`,
 * `originalStartTime` and `eventType` are read-only as well but say which event this is, so an update repeats them.
 */
const READ_ONLY: readonly string[] = [
  'kind',
  'etag',
  'id',
  'htmlLink',
  'created',
  'updated',
  'creator',
  'organizer',
  'iCalUID',
  'sequence',
  'hangoutLink',
  'endTimeUnspecified',
  'locked',
  'privateCopy',
]

/** How each field that we own is written; null clears. Everything else on an event is the user's and is never named here. */
const WRITE: Record<Field, (content: Projection) => WireObject> = {
  time: ({ time }) => writeTime(time),
  recurrence: ({ recurrence }) => ({ recurrence: recurrence.length === 0 ? null : [...recurrence] }),
  title: ({ title }) => ({ summary: textOrNull(title) }),
  description: ({ description }) => ({ description: textOrNull(description) }),
  location: ({ location }) => ({ location: textOrNull(location) }),
  busy: ({ busy }) => ({ transparency: busy ? 'opaque' : 'transparent' }),
  status: ({ status }) => ({ status }),
  colour: ({ colour }) => ({ colorId: colour }),
}

/** The body of a new event under an id of ours. Its visibility is set here and never again. */
export function insertBody(eventId: string, { content, marker, visibility }: EventWrite): WireObject {
  return withoutNulls({
    id: eventId,
    ...writeFields(FIELDS, content),
    ...(visibility === 'default' ? {} : { visibility }),
    extendedProperties: { private: writeMarker(marker) },
  })
}

/**
 * The change that makes `raw`, Google's representation as last returned, show `content`. A field that already reads so is repeated as Google
 * has it. An update replaces everything, so guests, reminders, conference, attachments and other programs' properties are repeated too;
 * where Google left guests out of `raw`, or `raw` is withheld since it holds words that are masked here, repeating is impossible, and a patch
 * names our fields alone (3 units instead of 1).
 * Sources: Calendar API reference "Events: update" (what is omitted is reset; conference data and attachments count only when their
 * parameter says so) and "Events: patch" (null clears; between a day and a time the other form must be cleared).
 */
export function changeBody(write: EventWrite, raw: unknown): Change {
  if (!isObject(raw)) return { method: 'update', body: withoutFields(insertBody('', write), ['id']), params: {} }
  if (isDeepStrictEqual(raw, RAW_WITHHELD)) return patchOf(write, FIELDS)
  const fields = differing(write.content, raw)
  if (raw['attendeesOmitted'] === true) return patchOf(write, fields)
  const properties = objectOf(raw, 'extendedProperties')
  const body = {
    ...withoutFields(raw, READ_ONLY),
    ...writeFields(fields, write.content),
    extendedProperties: {
      ...properties,
      private: { ...objectOf(properties, 'private'), ...writeMarker(write.marker) },
    },
  }
  return {
    method: 'update',
    body: withoutNulls(body),
    params: {
      ...(isObject(raw['conferenceData']) ? { conferenceDataVersion: 1 } : {}),
      ...(Array.isArray(raw['attachments']) ? { supportsAttachments: true } : {}),
    },
  }
}

/** Names these fields of ours alone, and leaves everything else on the event as it is. */
function patchOf({ content, marker }: EventWrite, fields: readonly Field[]): Change {
  const body = { ...writeFields(fields, content), extendedProperties: { private: writeMarker(marker) } }
  return { method: 'patch', body, params: {} }
}

function differing(content: Projection, raw: WireObject): readonly Field[] {
  const present = readContent(raw, content.time.kind === 'timed' ? content.time.startZone : 'UTC')
  if (!present.ok || raw['status'] === 'cancelled') return FIELDS
  return FIELDS.filter(field => !isDeepStrictEqual(content[field], present.value[field]))
}

/** What is hidden here is a person's in Google, and never written. */
const writeFields = (fields: readonly Field[], content: Projection): WireObject =>
  Object.assign({}, ...fields.filter(field => !isHidden(content[field])).map(field => WRITE[field](content)))

const isHidden = (value: Projection[Field]): boolean => typeof value === 'string' && isVeiled(value)

function writeTime(time: Span): WireObject {
  if (time.kind === 'all-day') return { start: writeDay(time.startDate), end: writeDay(time.endDate) }
  return { start: writePoint(time.startAt, time.startZone), end: writePoint(time.endAt, time.endZone) }
}

const writeDay = (date: string): WireObject => ({ date, dateTime: null, timeZone: null })
const writePoint = (at: Instant, timeZone: string): WireObject => ({
  dateTime: formatDateTime(at, timeZone),
  timeZone,
  date: null,
})

const writeMarker = ({ key, revision }: EventWrite['marker']): WireObject => ({
  [MARKER_KEY]: key,
  [MARKER_REVISION]: String(revision),
})

const textOrNull = (text: string): string | null => (text === '' ? null : storableText(text))

const withoutFields = (object: WireObject, fields: readonly string[]): WireObject =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !fields.includes(name)))

/** Cleared fields left out, as an insert and an update want it: at the top and in `start` and `end`. */
function withoutNulls(body: WireObject): WireObject {
  return Object.fromEntries(
    Object.entries(body)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, isTime(name) && isObject(value) ? withoutNulls(value) : value]),
  )
}

const isTime = (name: string): boolean => name === 'start' || name === 'end'
