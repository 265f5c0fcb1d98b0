import { calendar } from 'googleapis/build/src/apis/calendar/index.js'
import type { calendar_v3, MethodOptions } from 'googleapis/build/src/apis/calendar/index.js'
import { fail, succeed } from '../../core/model/failures.ts'
import type { RemoteFailure, Result } from '../../core/model/failures.ts'
import type { Instant } from '../../core/model/time.ts'
import type { Grantee, Reply } from '../../ports/google-calendar.ts'
import type { AccessTokens } from '../../ports/google-oauth.ts'
import { failureOfAnswer, failureOfSilence, failureOfUnreadable } from './failures.ts'
import type { Answer, Call, GoogleMethod, OAuthCall } from './failures.ts'
import { isObject, textOf } from './wire.ts'

export type ObservedCall = { method: GoogleMethod | OAuthCall; outcome: 'ok' | RemoteFailure['kind']; ms: number }

export type ClientOptions = {
  tokens: AccessTokens
  now: () => Instant
  /** Where Google is: requests go to `${rootUrl}/calendar/v3/…`. Another root is a simulator or a proxy. */
  rootUrl?: string
  timeoutMs?: number
  /** What requests are made with; the platform's own unless given. A simulated world hands in its own. */
  fetch?: typeof fetch
  /** The client library; a simulated world may hand in one that spares the wire. */
  api?: calendar_v3.Calendar
  /** Told of each request that was made, a repeated one included. */
  observe?: (call: ObservedCall) => void
  /** Awaited before each request; `weight` is what Google counts it as. `calendarId` is set for writes to a calendar's events. */
  pace?: (who: Grantee, weight: number, calendarId: string | null) => Promise<void>
}

/** One call of the engine. `read` answers undefined where the body is not what was promised. */
export type GoogleCall<T> = Call & {
  who: Grantee
  weight?: number
  /** Set for writes, which Google wants in series per calendar. */
  writesTo?: string
  /** Calendar and event ids that become part of the path. */
  ids?: readonly string[]
  ifMatch?: string | null
  send: (api: calendar_v3.Calendar, options: MethodOptions) => Promise<{ data: unknown }>
  read: (body: unknown) => T | undefined
}

export type GoogleClient = { call<T>(call: GoogleCall<T>): Reply<T> }

/** Why a request brought nothing: Google's refusal, or the code of what broke before one came. */
export type Unanswered = Answer | { code: string | null }

const GOOGLE_ROOT_URL = 'https://www.googleapis.com/'
export const REQUEST_TIMEOUT_MS = 30_000

/**
 * What every request shares. The library's own retries are off: a hidden repeat turns a DELETE that worked into a false 410. Redirects are
 * refused, for a bearer token follows nobody. Proxy variables of the environment apply, but never to loopback.
 */
export const REQUEST_HABITS = {
  retry: false,
  redirect: 'manual',
  noProxy: ['127.0.0.1', 'localhost', '[::1]', '.localhost'],
} as const

/**
 * Every request to the Calendar API leaves through here: a token from the port, a pace, a time limit, one answer. After a 401 the port is
 * asked once for a newer token and the request is made once more; nothing else is ever repeated here.
 */
export function googleClient(options: ClientOptions): GoogleClient {
  // Without it the library would read another universe's host from the environment.
  const api = options.api ?? calendar({ version: 'v3', universeDomain: 'googleapis.com' })

  async function call<T>(call: GoogleCall<T>): Reply<T> {
    if (!(call.ids ?? []).every(isAddressable)) return fail({ kind: 'not-found' })
    const token = await options.tokens.accessToken(call.who)
    if (!token.ok) return token
    const first = await attempt(call, token.value)
    if (first.ok || first.error.kind !== 'access-rejected') return first
    const newer = await options.tokens.accessToken(call.who, token.value)
    if (!newer.ok) return newer
    if (newer.value === token.value) return first
    const second = await attempt(call, newer.value)
    if (second.ok || second.error.kind !== 'access-rejected') return second
    const verdict = await options.tokens.accessToken(call.who, newer.value) // told of it, so that it can count
    return verdict.ok ? second : verdict
  }

  async function attempt<T>(call: GoogleCall<T>, token: string): Reply<T> {
    await options.pace?.(call.who, call.weight ?? 1, call.writesTo ?? null)
    const startedAt = options.now()
    const reply = await request(call, token)
    const outcome = reply.ok ? 'ok' : reply.error.kind
    options.observe?.({ method: call.method, outcome, ms: options.now() - startedAt })
    return reply
  }

  async function request<T>(call: GoogleCall<T>, token: string): Reply<T> {
    const answer = await settle(() => call.send(api, requestOptions(options, call.ifMatch ?? null, token)))
    if (answer.ok) {
      const value = call.read(answer.value.data)
      return value === undefined ? fail(failureOfUnreadable(call)) : succeed(value)
    }
    return fail(
      'code' in answer.error
        ? failureOfSilence(call, answer.error.code)
        : failureOfAnswer(call, answer.error, options.now()),
    )
  }

  return { call }
}

/** The root is given with each request because the constructor's form would lose a path in it. */
function requestOptions(options: ClientOptions, ifMatch: string | null, token: string): MethodOptions {
  return {
    ...REQUEST_HABITS,
    noProxy: [...REQUEST_HABITS.noProxy],
    rootUrl: options.rootUrl ?? GOOGLE_ROOT_URL,
    timeout: options.timeoutMs ?? REQUEST_TIMEOUT_MS,
    ...(options.fetch === undefined ? {} : { fetchImplementation: options.fetch }),
    headers: { Authorization: `Bearer ${token}`, ...(ifMatch === null ? {} : { 'If-Match': ifMatch }) },
  }
}

/** An id that can stand in a path. The library throws on the others; to Google they name nothing. */
const isAddressable = (id: string): boolean => id !== '' && id !== '.' && id !== '..' && id.isWellFormed()

/**
 * Makes a request and tells a refusal (an answer) from a silence (a code). The library's error holds token and body, so it is read here and
 * goes no further.
 * @throws whatever is neither: a bug, not an outcome.
 */
export async function settle<T>(make: () => Promise<T>): Promise<Result<T, Unanswered>> {
  try {
    return succeed(await make())
  } catch (error) {
    if (!isRequestError(error)) throw error
    const { response } = error
    if (!isObject(response) || typeof response['status'] !== 'number') return fail({ code: codeOf(error) })
    const retryAfter = headerOf(response['headers'], 'retry-after')
    return fail({ status: response['status'], body: response['data'], retryAfter })
  }
}

/** node-fetch brings a Headers class of its own, so that the global one does not recognise its instances. */
function headerOf(headers: unknown, name: string): string | null {
  if (!isObject(headers) || typeof headers['get'] !== 'function') return null
  const value: unknown = headers['get'](name)
  return typeof value === 'string' ? value : null
}

/** gaxios names its request in `config`; a TypeError of our own has none. */
const isRequestError = (error: unknown): error is Error & { config: unknown; response?: unknown; code?: unknown } =>
  error instanceof Error && 'config' in error

function codeOf(error: Error & { code?: unknown }): string | null {
  if (typeof error.code === 'string') return error.code
  return isObject(error.cause) ? textOf(error.cause, 'code') : null
}
