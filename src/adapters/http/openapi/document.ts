import type { Scope } from '../../../core/model/key-scopes.ts'
import type { Access } from '../auth.ts'
import { ProblemSchema } from '../schemas.ts'
import { OPERATIONS, type OperationNotes } from './operations.ts'
import { PROBLEM_TYPES, type ProblemSlug } from './problem-types.ts'

/** What the description has to know of a route besides its schema. */
export type DescribedRoute = {
  access: Access
  scope: Scope | null
  isVersioned: boolean
  hasBody: boolean
  isBodyOptional: boolean
}

type Json = Record<string, unknown>
type Operation = {
  operationId?: string
  description?: string
  parameters?: Json[]
  requestBody?: Json
  responses: Json
  security?: Json[]
}
type Document = { paths: Record<string, Record<string, Operation>>; components: Json }

/**
 * Adds to the document that the route schemas make what is the same for all routes (who may call, the headers heeded and sent, the
 * problems), what `OPERATIONS` notes of each, and takes schemas that have a title out into the components.
 * @throws Error for an operation without notes: nothing goes undescribed.
 */
export function completeDocument(document: Document, routes: ReadonlyMap<string, DescribedRoute>): Document {
  for (const [path, operations] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(operations)) {
      const name = `${method.toUpperCase()} ${path}`
      const notes = OPERATIONS[name]
      const route = routes.get(name)
      if (notes === undefined || route === undefined) throw new Error(`${name} is not described in OPERATIONS`)
      completeOperation(operation, method, notes, route)
    }
  const schemas: Json = { Problem: problemSchema() }
  const paths = withReferences(document.paths, schemas) as Document['paths'] // a copy of the same shape
  return { ...document, paths, components: { ...document.components, schemas: sorted(schemas), headers: HEADERS } }
}

/** By method and path, as `OPERATIONS` writes them. */
export const nameOf = (method: string, url: string): string => `${method} ${url.replaceAll(/:(\w+)/g, '{$1}')}`

function completeOperation(operation: Operation, method: string, notes: OperationNotes, route: DescribedRoute): void {
  const isKeyed = method === 'post' && route.access !== 'open'
  operation.operationId = notes.id
  const about = [operation.description, notes.about].filter(text => text !== undefined).join(' ')
  if (about !== '') operation.description = about
  const scopes = route.scope === null ? [] : [route.scope]
  operation.security = SCHEMES[route.access].map(scheme => ({ [scheme]: scheme === 'apiKey' ? scopes : [] }))
  const parameters = [
    ...(operation.parameters ?? []),
    ...(isKeyed ? [IDEMPOTENCY_KEY] : []),
    ...(route.isVersioned && method !== 'get' ? [IF_MATCH] : []),
    ...(notes.others?.[200]?.mediaType === 'text/event-stream' && notes.id === 'listChanges' ? [LAST_EVENT_ID] : []),
  ]
  if (parameters.length > 0) operation.parameters = parameters
  if (notes.body !== undefined) addExample(operation.requestBody, notes.body)
  if (operation.requestBody !== undefined) operation.requestBody['required'] = !route.isBodyOptional
  addAnswers(operation, notes)
  const slugs = new Set([...commonProblems(route, isKeyed, method), ...(notes.problems ?? [])])
  if (route.access === 'open' && notes.problems === undefined) return
  for (const [status, of] of byStatus(slugs)) operation.responses[status] ??= problemResponse(of)
  const sent = { ...ALWAYS, ...(route.isVersioned ? TAGGED : {}), ...(isKeyed ? REPLAYED : {}) }
  for (const [status, answer] of Object.entries(operation.responses))
    Object.assign(answer as Json, { headers: Number(status) < 400 ? sent : ALWAYS })
}

function addAnswers(operation: Operation, { answers = {}, others = {} }: OperationNotes): void {
  const isMadeUp = (operation.responses['200'] as Json | undefined)?.['description'] === 'Default Response'
  const isTold = 'content' in ((operation.responses['200'] ?? {}) as Json) || 200 in answers || 200 in others
  if (isMadeUp && !isTold) delete operation.responses['200']
  for (const [status, example] of Object.entries(answers)) addExample(operation.responses[status], example)
  for (const [status, { description, mediaType, example }] of Object.entries(others)) {
    const schema = mediaType === 'application/json' ? { type: 'object' } : { type: 'string' }
    const content =
      mediaType === undefined ? {} : { [mediaType]: { schema, ...(example === undefined ? {} : { example }) } }
    const known = (operation.responses[status] ?? {}) as Json
    const isNamed = 'content' in known
    operation.responses[status] = {
      description: isNamed ? known['description'] : description,
      ...(mediaType === undefined ? {} : { content: { ...(isNamed ? (known['content'] as Json) : {}), ...content } }),
    }
  }
  for (const [status, answer] of Object.entries(operation.responses)) {
    const said = answer as Json
    if (said['description'] === 'Default Response') said['description'] = STATUS_WORDS[status] ?? 'Done'
  }
}

const STATUS_WORDS: Readonly<Record<string, string>> = { 200: 'Done', 201: 'Made', 202: 'Begun', 204: 'Done; no body' }

function addExample(holder: unknown, example: unknown): void {
  const content = ((holder ?? {}) as Json)['content'] as Json | undefined
  const json = content?.['application/json'] as Json | undefined
  if (json !== undefined) json['example'] = example
}

/** What any route of its kind may answer. */
function commonProblems(
  { access, isVersioned, hasBody }: DescribedRoute,
  isKeyed: boolean,
  method: string,
): ProblemSlug[] {
  const always: ProblemSlug[] = ['invalid-request', 'bad-request', 'internal', 'unavailable']
  return [
    ...always,
    ...(access === 'open' ? [] : (['unauthorized', 'rate-limited'] as const)),
    ...(access === 'tenant' ? (['forbidden'] as const) : []),
    ...(hasBody || method === 'delete' ? (['invalid-json', 'too-large', 'unsupported-media-type'] as const) : []),
    ...(isKeyed ? (['invalid-json', 'too-large', 'unsupported-media-type'] as const) : []),
    ...(isKeyed ? (['idempotency-in-progress', 'idempotency-mismatch'] as const) : []),
    ...(isVersioned && method !== 'get' ? (['stale-version'] as const) : []),
  ]
}

function byStatus(slugs: ReadonlySet<ProblemSlug>): Map<string, ProblemSlug[]> {
  const ordered = [...slugs].sort((a, b) => PROBLEM_TYPES[a].status - PROBLEM_TYPES[b].status || (a < b ? -1 : 1))
  return Map.groupBy(ordered, slug => String(PROBLEM_TYPES[slug].status))
}

function problemResponse(slugs: readonly ProblemSlug[]): Json {
  const members = Object.assign({}, ...slugs.map(slug => PROBLEM_TYPES[slug].members ?? {})) as Json
  const own = { type: 'object', properties: { type: { type: 'string', enum: slugs }, ...members } }
  const examples = slugs.map(slug => [slug, { summary: PROBLEM_TYPES[slug].meaning, value: exampleOf(slug) }] as const)
  const schema = { allOf: [{ $ref: '#/components/schemas/Problem' }, own] }
  return {
    description: slugs.map(slug => `\`${slug}\`: ${PROBLEM_TYPES[slug].meaning}`).join('\n\n'),
    content: { 'application/problem+json': { schema, examples: Object.fromEntries(examples) } },
  }
}

function exampleOf(slug: ProblemSlug): Json {
  const { status, meaning } = PROBLEM_TYPES[slug]
  const title = slug.charAt(0).toUpperCase() + slug.slice(1).replaceAll('-', ' ')
  const errors =
    slug === 'invalid-request' ? { errors: [{ path: 'start.timeZone', message: 'is not an IANA zone' }] } : {}
  return { type: slug, title, status, detail: meaning, requestId: '0195f0c2-7c1e-7000-8000-3f1c7a5b9d21', ...errors }
}

function problemSchema(): Json {
  const rows = Object.entries(PROBLEM_TYPES).map(
    ([slug, { status, meaning }]) => `| \`${slug}\` | ${status} | ${meaning} |`,
  )
  const description = `RFC 9457 problem document; some types carry further members.\n\n| type | status | meaning |\n| --- | --- | --- |\n${rows.join('\n')}`
  return { ...plain(ProblemSchema), description }
}

/** Every schema with a title becomes a component of that name, once. @throws Error when two of one name differ. */
function withReferences(value: unknown, schemas: Json, isInside = false): unknown {
  if (Array.isArray(value)) return value.map(each => withReferences(each, schemas))
  if (typeof value !== 'object' || value === null) return value
  const { title, ...rest } = value as Json
  const isSchema = typeof title === 'string' && ('type' in rest || 'anyOf' in rest || 'properties' in rest)
  const copy = Object.fromEntries(
    Object.entries(rest).map(([name, each]) => [name, VERBATIM.has(name) ? each : withReferences(each, schemas)]),
  )
  if (!isSchema || isInside) return title === undefined ? copy : { title, ...copy }
  // The plugin moves the examples of a whole answer beside its schema; those of a part stay in it.
  const { examples, ...bare } = copy
  const { examples: before, ...known } = (schemas[title] ?? bare) as Json
  if (JSON.stringify(known) !== JSON.stringify(bare)) throw new Error(`two schemas are called ${title}`)
  const shown = before ?? examples
  schemas[title] = shown === undefined ? bare : { ...bare, examples: shown }
  return { $ref: `#/components/schemas/${title}` }
}

/** Examples are values, whatever members they have. */
const VERBATIM: ReadonlySet<string> = new Set(['example', 'examples', 'default', 'enum'])

const sorted = (schemas: Json): Json => Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)))
const plain = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json

const SCHEMES: Readonly<Record<Access, readonly string[]>> = {
  open: [],
  tenant: ['apiKey'],
  admin: ['adminToken'],
  either: ['apiKey', 'adminToken'],
}

const text = { type: 'string' }
const IDEMPOTENCY_KEY: Json = {
  name: 'idempotency-key',
  in: 'header',
  required: false,
  description: 'the same key and request get the same answer; with another request: 422',
  schema: { ...text, minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
}
const IF_MATCH: Json = {
  name: 'if-match',
  in: 'header',
  required: false,
  description: 'the ETag that was read; 412 if it is not the present one any more',
  schema: text,
  example: '"3"',
}
const LAST_EVENT_ID: Json = {
  name: 'last-event-id',
  in: 'header',
  required: false,
  description: 'for a stream, instead of `after`: the id of the last event that was read',
  schema: text,
  example: 'c842',
}

const reference = (name: string) => ({ $ref: `#/components/headers/${name}` })
const ALWAYS = { 'x-request-id': reference('RequestId') }
const TAGGED = { etag: reference('ETag') }
const REPLAYED = { 'idempotent-replayed': reference('IdempotentReplayed') }
const HEADERS: Json = {
  RequestId: { description: 'names the request in our log', schema: text },
  ETag: { description: 'the version, for `If-Match`', schema: text, example: '"3"' },
  IdempotentReplayed: {
    description: '`true` where the answer is that of the first request with this key',
    schema: text,
  },
}
