import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import nock from 'nock'
import { succeed } from '../../../src/core/model/failures.ts'
import type { RemoteFailure, Result } from '../../../src/core/model/failures.ts'
import type { Grantee } from '../../../src/ports/google-calendar.ts'
import type { AccessTokens } from '../../../src/ports/google-oauth.ts'

export const FIXTURES = fileURLToPath(new URL('../../../fixtures/google/', import.meta.url))
export const WHO: Grantee = { tenantId: 'tenant-1', connectionId: 'connection-1' }
export const NOW = Date.parse('2026-11-20T12:00:00Z')

export type FixtureName = string

/** Every fixture as `<method>/<case>`. */
export const fixtureNames = (): FixtureName[] =>
  readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.json'))
    .map(file => file.replace(/\.json$/, ''))
    .sort()

/** Puts a recorded conversation in Google's place. Answers the requests that nobody has made yet. */
export function play(name: FixtureName): { left: () => string[] } {
  const scopes = nock.define(definitionsOf(name))
  return { left: () => scopes.flatMap(scope => scope.pendingMocks()) }
}

export const definitionsOf = (name: FixtureName): nock.Definition[] =>
  JSON.parse(readFileSync(`${FIXTURES}${name}.json`, 'utf8')) as nock.Definition[]

/** Access tokens `access-1`, `access-2`, … : a new one whenever one was rejected. */
export function memoryTokens(): AccessTokens & { asked: (string | undefined)[] } {
  let count = 1
  const asked: (string | undefined)[] = []
  return {
    asked,
    accessToken: (_who, rejected) => {
      asked.push(rejected)
      if (rejected === `access-${count}`) count++
      return Promise.resolve(succeed(`access-${count}`))
    },
  }
}

/** The value of a success; a failure fails the test with its kind. */
export function valueOf<T>(result: Result<T, RemoteFailure>): T {
  if (!result.ok) throw new Error(`failed: ${JSON.stringify(result.error)}`)
  return result.value
}
