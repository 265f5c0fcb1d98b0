import { Validator } from '@seriousme/openapi-schema-validator'
import { beforeAll, describe, expect, test } from 'vitest'
import { PROBLEM_TYPES } from '../../../src/adapters/http/openapi/problem-types.ts'
import { createMemoryStore } from '../../support/memory-store.ts'
import { type ApiDocument, judgeOf, operationsOf, type Described, type Media } from '../../support/api-document.ts'
import { anApp } from './an-app.ts'

let document: ApiDocument
let operations: Described[]
const registered: string[] = []

beforeAll(async () => {
  const { app } = await anApp({ store: createMemoryStore() })
  document = (await app.inject({ url: '/openapi.json' })).json()
  operations = operationsOf(document)
  const parts: string[] = []
  for (const line of app.printRoutes({ commonPrefix: false }).split('\n')) {
    const [, indent = '', part = '', methods] = /^([│ ]*)[├└]── (\S*)(?: \((.+)\))?$/.exec(line) ?? []
    parts.splice(indent.length / 4, Infinity, part)
    for (const method of methods?.split(', ') ?? []) registered.push(`${method} ${parts.join('')}`)
  }
})

test('the description is valid OpenAPI 3.1', async () => {
  const validator = new Validator()
  const result = await validator.validate(structuredClone(document) as never)
  expect(result.errors ?? []).toEqual([])
  expect([result.valid, validator.version]).toEqual([true, '3.1'])
})

/** `docs` are the pages of the API, the others people's pages with forms of their own. */
const PAGES = /^\/(?:docs|connect|console)(?:\/|$)|^\/console/

test('every route that is no page is described', () => {
  expect(registered.length).toBeGreaterThan(60)
  const described = new Set(operations.map(({ name }) => name))
  const wanted = registered
    .filter(each => !each.startsWith('HEAD') && !PAGES.test(each.split(' ')[1] ?? ''))
    .map(each => each.replaceAll(/:(\w+)/g, '{$1}'))
  expect(wanted.filter(each => !described.has(each))).toEqual([])
})

/** `contract` names: what integrations are built on. */
const PROMISED = `
POST /v1/tenants · GET /v1/tenants/{id} · PATCH /v1/tenants/{id} · DELETE /v1/tenants/{id}
POST /v1/tenants/{id}/keys · DELETE /v1/tenants/{id}/keys/{keyId}
POST /v1/users/{userId}/connect-links · GET /v1/users/{userId}/connections
GET /v1/connections/{id} · PATCH /v1/connections/{id} · DELETE /v1/connections/{id}
POST /v1/connections/{id}/check · POST /v1/connections/{id}/sync · POST /v1/connections/{id}/pause · POST /v1/connections/{id}/resume
POST /v1/connections/{id}/push-existing · POST /v1/connections/{id}/reset
GET /v1/connections/{id}/calendars · PUT /v1/connections/{id}/calendars · GET /v1/runs/{id} · GET /v1/runs/{id}/events
PUT /v1/appointments/{id} · PATCH /v1/appointments/{id} · GET /v1/appointments/{id} · DELETE /v1/appointments/{id}
POST /v1/appointments/{id}/cancel · POST /v1/appointments/batch · GET /v1/appointments · GET /v1/appointments/{id}/history
GET /v1/users/{userId}/availability · POST /v1/users/{userId}/availability/check
GET /v1/duplicates · POST /v1/duplicates/{id}/resolve
GET /v1/proposals · POST /v1/proposals/{id}/accept · POST /v1/proposals/{id}/reject · GET /v1/changes
POST /v1/webhook-endpoints · GET /v1/webhook-endpoints · GET /v1/webhook-endpoints/{id} · PATCH /v1/webhook-endpoints/{id}
DELETE /v1/webhook-endpoints/{id} · GET /v1/webhook-endpoints/{id}/deliveries · POST /v1/webhook-endpoints/{id}/test
POST /v1/webhook-endpoints/{id}/deliveries/{deliveryId}/retry
POST /v1/users/{userId}/feed · DELETE /v1/users/{userId}/feed · GET /feeds/{file}
POST /v1/reconcile · POST /webhooks/google · GET /oauth/google/callback
GET /openapi.json · GET /health/live · GET /health/ready · GET /metrics`

test('every promised route is described', () => {
  const described = operations.map(({ name }) => name)
  expect(
    PROMISED.trim()
      .split(/[·\n]/)
      .map(each => each.trim())
      .filter(each => !described.includes(each)),
  ).toEqual([])
})

test('every operation has a name of its own, a summary, and says who may call it', () => {
  expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length)
  for (const { name, operation } of operations) {
    expect(operation.summary, name).not.toBe('')
    if (name.includes(' /v1/')) expect(operation.security, name).not.toEqual([])
    else expect(operation.security, name).toEqual([])
  }
})

test('every answer is told: what it holds, the problems it can be by their slugs, and its headers', () => {
  for (const { name, operation } of operations.filter(each => each.name.includes(' /v1/'))) {
    const statuses = Object.keys(operation.responses)
    expect(
      statuses.some(status => status.startsWith('2')),
      name,
    ).toBe(true)
    for (const status of ['400', '401', '500', '503']) expect(statuses, name).toContain(status)
    for (const [status, { description, content, headers }] of Object.entries(operation.responses)) {
      expect(description, `${name} ${status}`).not.toBe('Default Response')
      expect(headers, `${name} ${status}`).toHaveProperty('x-request-id')
      if (status !== '204') expect(Object.keys(content ?? {}), `${name} ${status}`).not.toEqual([])
    }
  }
})

test('each problem type stands somewhere, under its own status', () => {
  const told = new Map<string, Set<number>>()
  for (const { operation } of operations)
    for (const [status, { content }] of Object.entries(operation.responses))
      for (const slug of Object.keys(content?.['application/problem+json']?.examples ?? {}))
        told.set(slug, (told.get(slug) ?? new Set()).add(Number(status)))
  const known = Object.entries(PROBLEM_TYPES).filter(([slug]) => slug !== 'method-not-allowed') // that of a path, not an operation
  for (const [slug, { status }] of known) expect([slug, [...(told.get(slug) ?? [])]]).toEqual([slug, [status]])
  expect(JSON.stringify(document.components.schemas['Problem'])).toContain('`google-owned` | 423')
})

describe('examples', () => {
  const media = (): [string, Media][] =>
    operations.flatMap(({ name, operation }) => [
      ...Object.values(operation.requestBody?.content ?? {}).map((each): [string, Media] => [`${name} body`, each]),
      ...Object.entries(operation.responses).flatMap(([status, { content }]) =>
        Object.entries(content ?? {}).map(([type, each]): [string, Media] => [`${name} ${status} ${type}`, each]),
      ),
    ])
  const examplesOf = ({ example, examples }: Media): unknown[] => [
    ...(example === undefined ? [] : [example]),
    ...Object.values(examples ?? {}).map(each => each.value),
  ]

  test('are what their schemas say', () => {
    const judge = judgeOf(document)
    let seen = 0
    for (const [where, each] of media())
      for (const example of examplesOf(each)) {
        expect(judge.faults(each.schema, example), where).toBe('')
        seen += 1
      }
    expect(seen).toBeGreaterThan(400)
  })

  test('stand with every body and every JSON answer', () => {
    const without = media().filter(([where, each]) => /json|body/.test(where) && examplesOf(each).length === 0)
    // `{}` and nothing at all are what these take.
    const bodiless = without.filter(([where]) => !/ body$/.test(where))
    expect(bodiless.map(([where]) => where).filter(where => !where.startsWith('GET /openapi.json'))).toEqual([])
    for (const [where, each] of without.filter(([where]) => / body$/.test(where)))
      expect([where, JSON.stringify(each.schema)]).toEqual([where, expect.not.stringContaining('"properties":{"')])
  })
})
