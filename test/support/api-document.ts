import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'

export type Schema = { [name: string]: unknown }
export type Parameter = { name: string; in: 'path' | 'query' | 'header'; required?: boolean; schema: Schema }
export type Media = { schema: Schema; example?: unknown; examples?: Record<string, { value: unknown }> }
export type Operation = {
  operationId: string
  summary: string
  description?: string
  security: Record<string, string[]>[]
  parameters?: Parameter[]
  requestBody?: { content: Record<string, Media>; required?: boolean }
  responses: Record<string, { description: string; content?: Record<string, Media>; headers?: Record<string, unknown> }>
}
export type ApiDocument = {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}

export type Described = { method: string; path: string; name: string; operation: Operation }

export function operationsOf(document: ApiDocument): Described[] {
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([key, operation]) => {
      const method = key.toUpperCase()
      return { method, path, name: `${method} ${path}`, operation }
    }),
  )
}

/** Judges values by schemas of the document, references and all. */
export function judgeOf(document: ApiDocument) {
  const ajv = new Ajv2020({ strict: false, allErrors: false })
  addFormats.default(ajv)
  ajv.addSchema({ $id: 'api', ...document })
  const compiled = new Map<string, ValidateFunction>()
  const within = (schema: Schema): ValidateFunction => {
    const text = JSON.stringify(schema).replaceAll('"#/components/', '"api#/components/')
    const known = compiled.get(text) ?? ajv.compile(JSON.parse(text) as Schema)
    compiled.set(text, known)
    return known
  }
  return {
    isValid: (schema: Schema, value: unknown): boolean => within(schema)(value),
    /** What is wrong; empty: nothing. */
    faults: (schema: Schema, value: unknown): string => {
      const validate = within(schema)
      return validate(value) ? '' : ajv.errorsText(validate.errors)
    },
  }
}

export function resolved(document: ApiDocument, schema: Schema): Schema {
  const name = typeof schema['$ref'] === 'string' ? schema['$ref'].split('/').at(-1) : undefined
  return name === undefined ? schema : resolved(document, document.components.schemas[name] ?? {})
}
