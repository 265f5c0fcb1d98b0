import { nextDueAt, runDue, schedule } from './agenda.ts'
import { type ApiContext, handleApi, isApiPath, spoil } from './api.ts'
import { handleControl } from './control.ts'
import { createFaults, type Faults, FRONT_END_ERROR, strikeOAuth } from './faults.ts'
import { json, respond, type SimRequest, type SimResponse, splitUrl } from './http.ts'
import { type AutoConsent, handleOAuth, type OAuthState } from './oauth-api.ts'
import type { OAuthClient } from './oauth.ts'
import { handlePage } from './page.ts'
import type { Post } from './push.ts'
import { createQuotas, NO_QUOTAS, type Quotas, type QuotaSettings } from './quotas.ts'
import { createWorld, seededRandom, type World, type WorldSettings } from './world.ts'

export type SimulatorOptions = Partial<WorldSettings> & {
  /** The clock, epoch ms. Real time unless given; `virtualTime` starts one that only `advance` moves. */
  now?: () => number
  virtualTime?: boolean | number
  seed?: number
  quotas?: Partial<QuotaSettings>
  clients?: OAuthClient[]
  autoConsent?: AutoConsent | true
  post?: Post
}

/** A Google Calendar without a socket: requests in, responses out, and work that falls due by its own clock. */
export type Simulator = {
  world: World
  faults: Faults
  quotas: Quotas
  oauth: OAuthState
  /** Answers at once; `delayMs` and `spoiling` say what the transport is to make of the answer. */
  handle: (request: SimRequest) => SimResponse
  /** The same as `fetch`, delays on the simulator's clock and cut connections included. */
  fetch: typeof fetch
  nextDueAt: () => number | undefined
  runDue: () => Promise<void>
  /** Moves virtual time, stopping at everything that falls due on the way. @throws Error when time is real. */
  advance: (ms: number) => Promise<void>
  isVirtual: boolean
  /** Called whenever new work was put on the agenda by a request: the driver of real time sets its timer by it. */
  onScheduled: (listener: () => void) => void
}

/** Creates a simulator. Everything it does follows from its clock, its seed and the requests. */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  const isVirtual = options.virtualTime !== undefined && options.virtualTime !== false
  const clock = { ms: typeof options.virtualTime === 'number' ? options.virtualTime : Date.now() }
  const now = options.now ?? (isVirtual ? () => clock.ms : Date.now)
  const world = createWorld({ now, random: seededRandom(options.seed ?? 1) }, settingsOf(options))
  const autoConsent = options.autoConsent === true ? {} : (options.autoConsent ?? null)
  const oauth: OAuthState = { clients: options.clients ?? [], autoConsent }
  const faults = createFaults()
  const quotas = createQuotas({ ...NO_QUOTAS, ...options.quotas })
  const context: ApiContext = { world, faults, quotas, post: options.post ?? postByFetch }
  const listeners: (() => void)[] = []

  const advance = async (ms: number): Promise<void> => {
    if (!isVirtual) throw new Error('time is real here: start with virtualTime to move it')
    const until = clock.ms + ms
    for (let due = nextDueAt(world); due !== undefined && due <= until; due = nextDueAt(world)) {
      clock.ms = Math.max(clock.ms, due)
      await runDue(world)
    }
    clock.ms = until
  }
  const simulator: Simulator = {
    world,
    faults,
    quotas,
    oauth,
    isVirtual,
    advance,
    nextDueAt: () => nextDueAt(world),
    runDue: () => runDue(world),
    onScheduled: listener => void listeners.push(listener),
    handle: request => {
      const response = dispatch(simulator, context, request)
      for (const listener of listeners) listener()
      return response
    },
    fetch: (input, init) => fetchFrom(simulator, input, init),
  }
  return simulator
}

function settingsOf(options: SimulatorOptions): Partial<WorldSettings> {
  const { notificationDelayMs, undelete, ruleOrder, expansionDays, project } = options
  return {
    ...(notificationDelayMs === undefined ? {} : { notificationDelayMs }),
    ...(undelete === undefined ? {} : { undelete }),
    ...(ruleOrder === undefined ? {} : { ruleOrder }),
    ...(expansionDays === undefined ? {} : { expansionDays }),
    ...(project === undefined ? {} : { project }),
  }
}

function dispatch(simulator: Simulator, context: ApiContext, request: SimRequest): SimResponse {
  if (isApiPath(request.path)) return handleApi(context, request)
  return (
    handleTroubledOAuth(simulator, request) ??
    handleOAuth(simulator.world, simulator.oauth, request) ??
    handleControl(simulator, context, request) ??
    handlePage(request) ??
    json(404, { error: { code: 404, message: 'Not Found', errors: [{ domain: 'global', reason: 'notFound' }] } })
  )
}

const OAUTH_KINDS: Record<string, string> = { '/token': 'oauth.token', '/revoke': 'oauth.revoke' }

/** The endpoints of OAuth under a fault; undefined where none strikes. An error has their own shape: `{error, error_description}`. */
function handleTroubledOAuth({ world, faults, oauth }: Simulator, request: SimRequest): SimResponse | undefined {
  const kind = request.method === 'POST' ? OAUTH_KINDS[request.path] : undefined
  const effects = kind === undefined ? [] : strikeOAuth(faults, kind, request.path, world.random)
  if (effects.length === 0) return undefined
  for (const effect of effects) {
    if (effect.kind === 'cut' && effect.when === 'before') return { ...json(0, {}), spoiling: { kind: 'cut' } }
    if (effect.kind === 'html')
      return respond(effect.status, FRONT_END_ERROR, { 'content-type': 'text/html; charset=UTF-8' })
    if (effect.kind === 'status')
      return json(effect.status, { error: effect.reason, error_description: effect.message })
  }
  const answer = handleOAuth(world, oauth, request)
  return answer && spoil(answer, effects)
}

/** Posts a notification over the network. Nobody there is status 0: not an answer that Google would retry. */
const postByFetch: Post = async (url, headers) => {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(10_000),
    })
    await response.arrayBuffer()
    return response.status
  } catch {
    return 0 // refused, unreachable or too slow: Google gives up on it too
  }
}

async function fetchFrom(simulator: Simulator, input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init)
  const headers: Record<string, string> = {}
  request.headers.forEach((value, name) => (headers[name.toLowerCase()] = value))
  const body = await request.text()
  const response = simulator.handle({ method: request.method, ...splitUrl(request.url), headers, body })
  const { delayMs, spoiling, status } = response
  await response.wait
  if (delayMs > 0) await pause(simulator, delayMs)
  request.signal.throwIfAborted()
  if (spoiling?.kind === 'cut' || status === 0) throw new TypeError('fetch failed', { cause: new Error('ECONNRESET') })
  const text = spoiling?.kind === 'truncate' ? response.body.slice(0, spoiling.bytes) : response.body
  const hasNoBody = status === 204 || status === 304 || (status >= 300 && text === '')
  return new Response(hasNoBody ? null : text, { status, headers: response.headers })
}

/** Waits on the simulator's own clock. */
const pause = (simulator: Simulator, ms: number): Promise<void> =>
  new Promise(resolve => schedule(simulator.world, simulator.world.now() + ms, resolve))
