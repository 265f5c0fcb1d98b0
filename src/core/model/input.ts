/** What is wrong with an input, and where: `start.timeZone`, `recurrence[0]`. */
export type InputProblem = { path: string; message: string }

export type Fields = Readonly<Record<string, unknown>>

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A member's own value only: nothing that an object inherits is ever read. */
export function own(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined
}

/** Text that every database and every reader can hold: no NUL, no half of a surrogate pair. */
export function isSoundText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

/** Members that are not among `known`, as problems. */
export function unknownMembers(fields: Fields, known: ReadonlySet<string>, path: string): InputProblem[] {
  return Object.keys(fields)
    .filter(name => !known.has(name))
    .slice(0, UNKNOWN_MAX)
    .map(name => ({ path: join(path, shown(name)), message: 'is not known here' }))
}

const UNKNOWN_MAX = 20
const SHOWN_LENGTH_MAX = 80
const shown = (name: string): string => name.toWellFormed().replaceAll('\0', '\ufffd').slice(0, SHOWN_LENGTH_MAX)

const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)

/** Why `text` may not stand in a field of so many UTF-16 units; null: it may. */
export function textFault(text: unknown, lengthMax: number, isRequired: boolean): string | null {
  if (typeof text !== 'string') return isRequired ? 'must be text' : 'must be text or null'
  if (isRequired && text === '') return 'must not be empty'
  if (text.length > lengthMax) return `must not be longer than ${lengthMax} characters`
  return isSoundText(text) ? null : 'must not contain NUL or half of a surrogate pair'
}

/** Why `id` cannot be an identifier; null: it can. */
export function idFault(id: unknown): string | null {
  const fault = textFault(id, ID_LENGTH_MAX, true)
  if (fault !== null || typeof id !== 'string') return fault
  return /\p{Cc}/u.test(id) ? 'must not contain control characters' : null
}

const ID_LENGTH_MAX = 255

/** Why this cannot be kept as JSON and read back the same; null: it can. Walks without recursion, so depth is no danger. */
export function jsonFault(root: unknown, limits: { depthMax: number; lengthMax: number }): string | null {
  const waiting: { value: unknown; depth: number }[] = [{ value: root, depth: 1 }]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, depth } = next
    if (typeof value === 'string' && !isSoundText(value)) return 'must not contain NUL or half of a surrogate pair'
    if (typeof value === 'number' && !Number.isFinite(value)) return 'holds a number that is too large'
    if (typeof value !== 'object' || value === null) continue
    if (depth > limits.depthMax) return `must not be nested deeper than ${limits.depthMax} levels`
    if (!Object.keys(value).every(isSoundText)) return 'must not contain NUL or half of a surrogate pair'
    for (const member of Object.values(value)) waiting.push({ value: member, depth: depth + 1 })
  }
  const { length } = JSON.stringify(root)
  return length > limits.lengthMax ? `must not be longer than ${limits.lengthMax} characters as JSON` : null
}

/** JSON with the members of every object in order, so that equal contents are equal texts. For bounded depths. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    isFields(member) ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1))) : member,
  )
}
