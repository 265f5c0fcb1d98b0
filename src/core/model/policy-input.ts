import { TEMPLATE_PLACEHOLDERS } from '../sync/projection.ts'
import { fail, succeed, type Result } from './failures.ts'
import type { Policies, PolicyOverrides, Presentation, SyncWindow } from './policies.ts'

export type InputProblem = { path: string; message: string }

/** Policies as given at one level: `null` takes a level's own word back, so that the level above counts again. */
type PolicyChanges = { policies: { [K in keyof Policies]?: Policies[K] | null }; window: SyncWindow | null }

const TITLE_LENGTH_MAX = 200
const DAYS_MAX = 3_650
const COLOUR_KEYS = Array.from({ length: 11 }, (_, index) => String(index + 1))
const KINDS = ['appointment', 'meeting', 'task', 'event', 'block'] as const
const STATUSES = ['tentative', 'confirmed', 'completed', 'cancelled', 'no_show'] as const

/** Collects what is wrong; a reader answers null where it found a problem. */
type Problems = InputProblem[]
type Fields = Record<string, unknown>

/**
 * Reads policies strictly: an unknown name or value is a problem, never ignored.
 * @param base what objects given in part (`presentation`, `include`, `deletionGuard`) are completed from.
 */
export function readPolicies(input: unknown, base: Policies, path: string): Result<PolicyChanges, Problems> {
  const problems: Problems = []
  const fields = readFields(input, [...READER_NAMES, 'window'], path, problems)
  const changes: PolicyChanges = { policies: {}, window: null }
  for (const [name, value] of Object.entries(fields)) {
    const at = `${path}.${name}`
    if (name === 'window') {
      const window = readWindow(value, at)
      if (window.ok) changes.window = window.value
      else problems.push(...window.error)
    } else if (isPolicyName(name)) readInto(changes.policies, name, value, base, at, problems)
  }
  return problems.length > 0 ? fail(problems) : succeed(changes)
}

/** The level's own word after the changes. */
export function changedPolicies(own: PolicyOverrides, changes: PolicyChanges['policies']): PolicyOverrides {
  const kept = Object.entries({ ...own, ...changes }).filter(([, value]) => value !== null && value !== undefined)
  return Object.fromEntries(kept)
}

export function readWindow(input: unknown, path: string): Result<SyncWindow, Problems> {
  const problems: Problems = []
  const fields = readFields(input, ['daysBack', 'daysAhead'], path, problems)
  const daysBack = readInteger(fields['daysBack'], 0, DAYS_MAX, `${path}.daysBack`, problems)
  const daysAhead = readInteger(fields['daysAhead'], 1, DAYS_MAX, `${path}.daysAhead`, problems)
  return problems.length > 0 || daysBack === null || daysAhead === null
    ? fail(problems)
    : succeed({ daysBack, daysAhead })
}

type Reader<T> = (value: unknown, base: T, path: string, problems: Problems) => T | null

const READERS: { [K in keyof Policies]: Reader<Policies[K]> } = {
  googleEdits: oneOf(['accept', 'propose', 'revert']),
  googleDeletes: oneOf(['cancel', 'propose', 'restore']),
  concurrentEdits: oneOf(['platform', 'google', 'latest']),
  cancelled: oneOf(['delete', 'mark']),
  imported: oneOf(['full', 'busy']),
  duplicates: oneOf(['link', 'flag']),
  presentation: readPresentation,
  include: readInclude,
  deletionGuard: readGuard,
}
const READER_NAMES = Object.keys(READERS)

function isPolicyName(name: string): name is keyof Policies {
  return Object.hasOwn(READERS, name)
}

function readInto<K extends keyof Policies>(
  into: PolicyChanges['policies'],
  name: K,
  value: unknown,
  base: Policies,
  path: string,
  problems: Problems,
): void {
  if (value === null) into[name] = null
  else {
    const read = READERS[name](value, base[name], path, problems)
    if (read !== null) into[name] = read
  }
}

function oneOf<const T extends string>(values: readonly T[]): Reader<T> {
  return (value, _base, path, problems) => {
    const found = values.find(each => each === value)
    if (found !== undefined) return found
    problems.push({ path, message: `must be one of ${values.join(', ')}` })
    return null
  }
}

function readPresentation(input: unknown, base: Presentation, path: string, problems: Problems): Presentation | null {
  const before = problems.length
  const names = ['title', 'description', 'location', 'visibility', 'colour']
  const fields = readFields(input, names, path, problems)
  const given = (name: string): boolean => fields[name] !== undefined
  const title = given('title') ? readTitle(fields['title'], `${path}.title`, problems) : base.title
  const description = given('description')
    ? readBoolean(fields['description'], `${path}.description`, problems)
    : base.description
  const location = given('location') ? readBoolean(fields['location'], `${path}.location`, problems) : base.location
  const readVisibility = oneOf(['default', 'private', 'public'])
  const visibility = given('visibility')
    ? readVisibility(fields['visibility'], base.visibility, `${path}.visibility`, problems)
    : base.visibility
  const colour = given('colour') ? readColour(fields['colour'], `${path}.colour`, problems) : base.colour
  if (title === null || description === null || location === null || visibility === null) return null
  return problems.length > before ? null : { title, description, location, visibility, colour }
}

function readTitle(value: unknown, path: string, problems: Problems): string | null {
  if (value === 'full' || value === 'kind' || value === 'busy') return value
  if (typeof value !== 'string' || !value.includes('{{') || value.length > TITLE_LENGTH_MAX) {
    problems.push({
      path,
      message: `must be full, kind, busy or a template of at most ${TITLE_LENGTH_MAX} characters such as "{{kind}} {{initials}}"`,
    })
    return null
  }
  const placeholders = [...value.matchAll(/\{\{\s*(\w*)\s*\}\}/gu)].map(([, name]) => name ?? '')
  const rest = value.replace(/\{\{\s*\w*\s*\}\}/gu, '')
  const unknown = placeholders.find(name => !TEMPLATE_PLACEHOLDERS.some(known => known === name))
  if (unknown === undefined && !rest.includes('{{') && !rest.includes('}}')) return value
  problems.push({ path, message: `may use only ${TEMPLATE_PLACEHOLDERS.map(name => `{{${name}}}`).join(', ')}` })
  return null
}

function readInclude(
  input: unknown,
  base: Policies['include'],
  path: string,
  problems: Problems,
): Policies['include'] | null {
  const fields = readFields(input, ['kinds', 'statuses'], path, problems)
  const kinds = fields['kinds'] === undefined ? base.kinds : readList(fields['kinds'], KINDS, `${path}.kinds`, problems)
  const statuses =
    fields['statuses'] === undefined
      ? base.statuses
      : readList(fields['statuses'], STATUSES, `${path}.statuses`, problems)
  return kinds === null || statuses === null ? null : { kinds, statuses }
}

function readGuard(
  input: unknown,
  base: Policies['deletionGuard'],
  path: string,
  problems: Problems,
): Policies['deletionGuard'] | null {
  const fields = readFields(input, ['count', 'share'], path, problems)
  const count =
    fields['count'] === undefined ? base.count : readInteger(fields['count'], 0, 1_000_000, `${path}.count`, problems)
  const share = fields['share'] === undefined ? base.share : readShare(fields['share'], `${path}.share`, problems)
  return count === null || share === null ? null : { count, share }
}

function readFields(input: unknown, names: readonly string[], path: string, problems: Problems): Fields {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    problems.push({ path, message: 'must be an object' })
    return {}
  }
  const fields: Fields = Object.fromEntries(Object.entries(input))
  for (const name of Object.keys(fields))
    if (!names.includes(name)) problems.push({ path: `${path}.${name}`, message: 'is not known' })
  return fields
}

function readList<const T extends string>(
  value: unknown,
  values: readonly T[],
  path: string,
  problems: Problems,
): T[] | null {
  const isKnown = (each: unknown): each is T => values.some(known => known === each)
  if (Array.isArray(value) && value.every(isKnown)) return [...new Set(value)]
  problems.push({ path, message: `must be a list of ${values.join(', ')}` })
  return null
}

function readInteger(value: unknown, min: number, max: number, path: string, problems: Problems): number | null {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value
  problems.push({ path, message: `must be a whole number from ${min} to ${max}` })
  return null
}

function readShare(value: unknown, path: string, problems: Problems): number | null {
  if (typeof value === 'number' && value >= 0 && value <= 1) return value
  problems.push({ path, message: 'must be a number from 0 to 1' })
  return null
}

function readBoolean(value: unknown, path: string, problems: Problems): boolean | null {
  if (typeof value === 'boolean') return value
  problems.push({ path, message: 'must be true or false' })
  return null
}

function readColour(value: unknown, path: string, problems: Problems): string | null {
  if (value === null) return null
  if (typeof value === 'string' && COLOUR_KEYS.includes(value)) return value
  problems.push({ path, message: 'must be one of Google’s colour keys "1" to "11", or null' })
  return null
}
