import fc from 'fast-check'
import { type ApiDocument, resolved, type Schema } from './api-document.ts'

/** Values that a schema of the API's description allows, with a taste for the ones that mean something to this service. */
export function valuesOf(document: ApiDocument, given: Schema, name = ''): fc.Arbitrary<unknown> {
  const schema = resolved(document, given)
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as unknown[]))
  if ('const' in schema) return fc.constant(schema['const'])
  const choices = (schema['anyOf'] ?? schema['oneOf']) as Schema[] | undefined
  if (choices !== undefined) return fc.oneof(...choices.map(each => valuesOf(document, each, name)))
  if (Array.isArray(schema['type']))
    return fc.oneof(...(schema['type'] as string[]).map(type => valuesOf(document, { ...schema, type }, name)))
  switch (schema['type']) {
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'integer':
    case 'number':
      return numbersOf(schema)
    case 'array':
      return fc.array(valuesOf(document, (schema['items'] ?? {}) as Schema, name), {
        minLength: Number(schema['minItems'] ?? 0),
        maxLength: Math.min(Number(schema['maxItems'] ?? 3), 3),
      })
    case 'object':
      return objectsOf(document, schema)
    case 'string':
      return textsOf(schema, name)
    default:
      return fc.jsonValue({ maxDepth: 2 })
  }
}

function numbersOf(schema: Schema): fc.Arbitrary<unknown> {
  const min = Number(schema['minimum'] ?? -5)
  const max = Math.min(Number(schema['maximum'] ?? 1_000), min + 1_000)
  const whole = fc.integer({ min: Math.ceil(min), max: Math.floor(max) })
  return schema['type'] === 'integer' ? whole : fc.oneof(whole, fc.constantFrom(min, max))
}

function objectsOf(document: ApiDocument, schema: Schema): fc.Arbitrary<unknown> {
  const properties = (schema['properties'] ?? {}) as Record<string, Schema>
  const members = Object.entries(properties).map(([name, each]) => [name, valuesOf(document, each, name)] as const)
  const requiredKeys = (schema['required'] ?? []) as string[]
  const known = fc.record(Object.fromEntries(members), { requiredKeys })
  if (schema['additionalProperties'] !== true) return known
  return fc
    .tuple(known, fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }))
    .map(([a, b]) => ({ ...b, ...(a as object) }))
}

/** Texts by the name of their member: half of them mean what the name says, the others are any text. */
const MEANINGFUL: Readonly<Record<string, readonly string[]>> = {
  userId: ['dr-lee', 'dr-chan', 'nobody'],
  dateTime: ['2026-12-01T09:00:00-05:00', '2026-12-01T09:30:00-05:00', '2027-01-01T00:00:00Z', '2026-12-01T10:00'],
  date: ['2026-12-01', '2026-12-02'],
  timeZone: ['America/New_York', 'UTC', 'Europe/Berlin'],
  recurrence: ['RRULE:FREQ=WEEKLY;COUNT=4', 'EXDATE;TZID=America/New_York:20261208T090000'],
  recurringId: ['series', 'single'],
  from: ['2026-12-01', '2026-11-01T00:00:00Z'],
  to: ['2026-12-08', '2027-01-01T00:00:00+02:00'],
  start: ['2026-12-01T09:00:00-05:00', '2026-12-01T12:00:00Z'],
  end: ['2026-12-01T15:00:00-05:00', '2026-12-01T23:00:00Z'],
  url: ['https://hooks.example.com/a', 'http://10.0.0.1/', 'https://[::1]/'],
  since: ['2026-11-01T00:00:00Z'],
  after: ['c0', 'c3'],
  calendarId: ['unknown@group.calendar.google.com'],
  reason: ['cancelled', 'no_show'],
  logoUrl: ['https://example.com/logo.svg'],
  updatedAt: ['2026-11-28T15:20:07.512Z'],
  expand: ['instances'],
}

function textsOf(schema: Schema, name: string): fc.Arbitrary<string> {
  if (schema['format'] === 'date-time') return fc.constantFrom('2026-12-01T14:00:00Z', '2026-12-01T14:00:00.123+02:00')
  const [minLength, maxLength] = [Number(schema['minLength'] ?? 0), Math.min(Number(schema['maxLength'] ?? 30), 30)]
  const any =
    typeof schema['pattern'] === 'string'
      ? fc.stringMatching(new RegExp(schema['pattern'])).filter(text => text.length <= maxLength)
      : fc.string({ minLength, maxLength, unit: 'grapheme' })
  const meant = MEANINGFUL[name]
  return meant === undefined
    ? any
    : fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...meant) }, { weight: 1, arbitrary: any })
}

/** A body as the schema allows, with one thing wrong somewhere in it; now and then it may be right after all. */
export function spoiled(right: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const wrong = fc.constantFrom<unknown>(
    null,
    true,
    -1,
    1.5,
    2 ** 53,
    '',
    'x'.repeat(9_000),
    '\u0000',
    '\ud800',
    [],
    [[]],
    {},
    { a: 1 },
  )
  const how = fc.record({ pick: fc.nat(), wrong, kind: fc.constantFrom('replace', 'remove', 'add', 'whole') })
  return fc.tuple(right, how).map(([value, { pick, wrong, kind }]) => {
    if (kind === 'whole' || typeof value !== 'object' || value === null) return wrong
    if (kind === 'add') return { ...value, unheardOf: wrong }
    const copy = structuredClone(value) as Record<string, unknown>
    const places = placesIn(copy)
    const place = places[pick % Math.max(1, places.length)]
    if (place === undefined) return wrong
    if (kind === 'remove') Reflect.deleteProperty(place.holder, place.key)
    else Reflect.set(place.holder, place.key, wrong)
    return copy
  })
}

function placesIn(root: object): { holder: object; key: string }[] {
  return Object.entries(root).flatMap(([key, value]) => [
    { holder: root, key },
    ...(typeof value === 'object' && value !== null ? placesIn(value as object) : []),
  ])
}
