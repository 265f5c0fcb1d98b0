import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Instant } from '../../core/model/time.ts'
import type { RememberedReply } from '../../ports/store/operations.ts'
import type { Store, Tx } from '../../ports/store/store.ts'
import type { Deps } from '../../usecases/deps.ts'
import { invalidRequest, PROBLEMS } from './errors.ts'
import { type Problem, sendProblem } from './problem.ts'

/** What a POST answers: a body with its status, or a problem. */
export type Answer =
  { status: number; body: unknown; headers?: Readonly<Record<string, string>> } | { problem: Problem }

export type OnceDeps = Pick<Deps, 'store' | 'system' | 'vault'>

/**
 * Runs a POST whose effect is one transaction. With an `Idempotency-Key` the answer is stored in that same transaction, so a repeat
 * gets it word for word whatever crashed in between; a repeat that comes at the same moment waits for the tenant's lock.
 * @param work must make its only transaction through the `store` it is given and return what the transaction returned.
 */
export async function answerOnceInTransaction<T>(
  call: { deps: OnceDeps; request: FastifyRequest; reply: FastifyReply; tenantId: string },
  work: (store: Store) => Promise<T>,
  answerOf: (outcome: T) => Answer,
): Promise<FastifyReply> {
  const { deps, request, reply, tenantId } = call
  const once = readKey(request)
  if (once === null) return send(reply, answerOf(await work(deps.store)))
  if ('problem' in once) return sendProblem(reply, once.problem)
  const known = recall(await deps.store.rememberedReply(tenantId, once.key), once, deps)
  if (known !== null) return replay(reply, known)
  try {
    const outcome = await work(rememberingStore(deps, once, answerOf))
    return await send(reply, answerOf(outcome))
  } catch (thrown) {
    if (thrown instanceof CameBefore) return replay(reply, thrown.answer)
    throw thrown
  }
}

/**
 * Runs a POST whose work spans several transactions or calls the network. The key is reserved before and the answer stored after;
 * a repeat meanwhile gets 409, and the same if the process died, until the reservation runs out.
 * Answers are sealed at rest, since some carry secrets that are shown once.
 */
export async function answerOnce(
  call: { deps: OnceDeps; request: FastifyRequest; reply: FastifyReply; tenantId: string },
  work: () => Promise<Answer>,
): Promise<FastifyReply> {
  const { deps, request, reply, tenantId } = call
  const once = readKey(request)
  if (once === null) return send(reply, await work())
  if ('problem' in once) return sendProblem(reply, once.problem)
  const known = await deps.store.transaction(tenantId, async tx => {
    const before = recall(await tx.rememberedReply(tenantId, once.key), once, deps)
    if (before === null)
      await tx.rememberReply({ ...once, tenantId, status: RESERVED, body: null, createdAt: deps.system.now() })
    return before
  })
  if (known !== null) return replay(reply, known)
  let answer: Answer | null = null
  try {
    answer = await work()
  } finally {
    const isFinal = answer !== null && statusOf(answer) < 500
    const row = isFinal && answer !== null ? remembered(answer, once, tenantId, deps) : released(once, tenantId)
    await deps.store.transaction(tenantId, tx => tx.rememberReply(row))
  }
  return send(reply, answer)
}

/** A reservation older than this belongs to a process that died. */
const RESERVATION_MS = 60_000
const RESERVED = 0
const KEY_PATTERN = /^[\x21-\x7e]{1,255}$/

type Once = { key: string; requestHash: string }

class CameBefore extends Error {
  readonly answer: Answer
  constructor(answer: Answer) {
    super('this request came before')
    this.answer = answer
  }
}

function readKey(request: FastifyRequest): Once | null | { problem: Problem } {
  const key = request.headers['idempotency-key']
  if (key === undefined) return null
  if (typeof key !== 'string' || !KEY_PATTERN.test(key)) {
    const message = 'must be 1 to 255 visible ASCII characters'
    return { problem: invalidRequest([{ path: 'Idempotency-Key', message }]) }
  }
  const content = `${request.method} ${request.url}\n${JSON.stringify(request.body ?? null)}`
  return { key, requestHash: createHash('sha256').update(content).digest('base64url') }
}

/** The answer that a repeat gets; null: this request is the first. */
function recall(
  row: RememberedReply | null,
  once: Once,
  deps: { vault: Deps['vault']; system: { now(): Instant } },
): Answer | null {
  if (row === null) return null
  const isAbandoned = row.status === RESERVED && row.createdAt + RESERVATION_MS <= deps.system.now()
  if (isAbandoned) return null
  if (row.requestHash !== once.requestHash) return { problem: PROBLEMS.idempotencyMismatch }
  if (row.status === RESERVED) return { problem: PROBLEMS.idempotencyInProgress }
  const sealed: unknown = row.body
  if (typeof sealed !== 'string') throw new Error('a remembered answer is not readable')
  const answer: Answer = JSON.parse(deps.vault.open(sealed, sealContext(row.tenantId, row.key)))
  return answer
}

function remembered(answer: Answer, once: Once, tenantId: string, deps: OnceDeps): RememberedReply {
  const body = deps.vault.seal(JSON.stringify(answer), sealContext(tenantId, once.key))
  return { ...once, tenantId, status: statusOf(answer), body, createdAt: deps.system.now() }
}

const released = (once: Once, tenantId: string): RememberedReply => ({
  ...once,
  tenantId,
  status: RESERVED,
  body: null,
  createdAt: 0,
})

const sealContext = (tenantId: string, key: string): string => `remembered-reply/${tenantId}/${key}`

/** The store, except that each transaction looks for the key first and leaves its answer behind. */
function rememberingStore<T>(deps: OnceDeps, once: Once, answerOf: (outcome: T) => Answer): Store {
  const transaction: Store['transaction'] = (tenantId, work) =>
    deps.store.transaction(tenantId, async (tx: Tx) => {
      const before = recall(await tx.rememberedReply(tenantId, once.key), once, deps)
      if (before !== null) throw new CameBefore(before)
      const outcome = await work(tx)
      // The type of what a use case's only transaction returns is the type that the use case returns.
      const answer = answerOf(outcome as unknown as T)
      // An operator can ask for a tenant that there is none of: nothing can be kept under it, and nothing was done.
      const isHomeless = statusOf(answer) === 404 && (await tx.tenant(tenantId)) === null
      if (statusOf(answer) < 500 && !isHomeless) await tx.rememberReply(remembered(answer, once, tenantId, deps))
      return outcome
    })
  return new Proxy(deps.store, {
    get(target, name) {
      if (name === 'transaction') return transaction
      const member: unknown = Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

const statusOf = (answer: Answer): number => ('problem' in answer ? answer.problem.status : answer.status)

function replay(reply: FastifyReply, answer: Answer): Promise<FastifyReply> {
  return send(reply.header('idempotent-replayed', 'true'), answer)
}

async function send(reply: FastifyReply, answer: Answer): Promise<FastifyReply> {
  if ('problem' in answer) return sendProblem(reply, answer.problem)
  return reply
    .status(answer.status)
    .headers(answer.headers ?? {})
    .send(answer.body)
}
