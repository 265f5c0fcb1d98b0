import type { FastifySchema, FastifySchemaCompiler } from 'fastify'
import type { FastifySchemaValidationError } from 'fastify/types/schema.js'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'

/**
 * Checks a request against its schema and changes nothing in it: unknown members are refused by name, wrong types are refused.
 * Only the query and the path, which are text by nature, are read as the numbers and booleans they stand for.
 */
export const strictValidation: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = Compile(schema)
  return (value: unknown) => {
    const read = httpPart === 'body' ? value : check.Convert(value)
    return check.Check(read) ? { value: read } : { error: issues(check.Errors(read)) }
  }
}

/** For bodies that the core checks itself, to name every problem at once; the schema then only documents. */
export const bodyCheckedByCore: FastifySchemaCompiler<TSchema> = part =>
  part.httpPart === 'body' ? (value: unknown) => ({ value }) : strictValidation(part)

export type RouteSchema = FastifySchema

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
