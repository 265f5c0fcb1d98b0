import type { FastifySchemaCompiler } from 'fastify'
import type { FastifySchemaValidationError } from 'fastify/types/schema.js'
import { Type, type TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { isSoundText } from '../../core/model/input.ts'

/**
 * Checks a request against its schema and changes nothing in it: unknown members are refused by name, wrong types are refused, and
 * so is text that a database cannot hold. Only the query and the path, which are text by nature, are read as the numbers and
 * booleans they stand for.
 */
export const strictValidation: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = Compile(schema)
  const isLeftOutAllowed = httpPart === 'body' && Type.IsOptional(schema)
  return (value: unknown) => {
    if (isLeftOutAllowed && value === null) return { value }
    const read = httpPart === 'body' ? value : check.Convert(value)
    const faults = check.Check(read) ? unsoundParts(read, BODY_DEPTH_MAX) : issues(check.Errors(read))
    return faults.length === 0 ? { value: read } : { error: faults }
  }
}

/** For bodies that the core checks itself, to name every problem at once; the schema then only documents. */
export const bodyCheckedByCore: FastifySchemaCompiler<TSchema> = part => {
  if (part.httpPart !== 'body') return strictValidation(part)
  return (value: unknown) => {
    const faults = unsoundParts(value, CORE_DEPTH_MAX).filter(fault => fault.keyword === 'depth')
    return faults.length === 0 ? { value } : { error: faults }
  }
}

const BODY_DEPTH_MAX = 32
/** What recursion in JSON.stringify bears easily; the core has its own, lower limits. */
const CORE_DEPTH_MAX = 500

/** Text with NUL or half of a surrogate pair, and nesting beyond `depthMax`. Walks without recursion. */
function unsoundParts(root: unknown, depthMax: number): FastifySchemaValidationError[] {
  const found: FastifySchemaValidationError[] = []
  const waiting = [{ value: root, path: '', depth: 0 }]
  for (let next = waiting.pop(); next !== undefined && found.length < ISSUES_MAX; next = waiting.pop()) {
    const { value, path, depth } = next
    if (depth > depthMax) return [fault('depth', '', `must not be nested deeper than ${depthMax} levels`)]
    if (typeof value === 'string' && !isSoundText(value))
      found.push(fault('text', path, 'must not contain NUL or half of a surrogate pair'))
    if (typeof value !== 'object' || value === null) continue
    for (const [name, member] of Object.entries(value)) {
      if (!isSoundText(name)) found.push(fault('text', path, 'has a member whose name cannot be kept'))
      waiting.push({ value: member, path: `${path}/${name}`, depth: depth + 1 })
    }
  }
  return found
}

const fault = (keyword: string, instancePath: string, message: string): FastifySchemaValidationError => ({
  keyword,
  instancePath,
  message,
  schemaPath: '',
  params: {},
})

/** One line per fault, in the words of a person: a refused member by its own path, a union by what it takes. */
function issues(found: readonly FastifySchemaValidationError[]): FastifySchemaValidationError[] {
  const told = new Map<string, FastifySchemaValidationError>()
  for (const issue of found) {
    if (issue.keyword === 'anyOf' || issue.keyword === 'additionalProperties') continue
    for (const each of spelledOut(issue)) {
      const known = told.get(each.instancePath)
      told.set(each.instancePath, known === undefined ? each : either(known, each))
    }
  }
  return [...told.values()].slice(0, ISSUES_MAX)
}

const ISSUES_MAX = 50

function spelledOut(issue: FastifySchemaValidationError): FastifySchemaValidationError[] {
  const { keyword, params, instancePath } = issue
  if (keyword === 'boolean') return [{ ...issue, message: 'is not known here' }]
  if (keyword === 'const') return [{ ...issue, message: `must be ${JSON.stringify(params['allowedValue'])}` }]
  if (keyword === 'required' && Array.isArray(params['requiredProperties']))
    return params['requiredProperties'].map(name => ({
      ...issue,
      instancePath: `${instancePath}/${String(name)}`,
      message: 'is required',
    }))
  return [issue]
}

function either(one: FastifySchemaValidationError, other: FastifySchemaValidationError): FastifySchemaValidationError {
  const message = `${one.message ?? ''} or ${(other.message ?? '').replace(/^must be /, '')}`
  return { ...one, message }
}
