import { fail, succeed, type Result } from '../../../src/core/model/failures.ts'
import type { JournalEntry } from '../../../src/core/model/journal.ts'
import type { WakeUp } from '../../../src/ports/jobs.ts'
import type { SendFailure, SignedMessage, WebhookSender } from '../../../src/ports/webhook-sender.ts'
import { deliverChanges } from '../../../src/usecases/webhooks/deliver-changes.ts'
import { registerEndpoint } from '../../../src/usecases/webhooks/register-endpoint.ts'
import { NOW } from '../../support/builders.ts'
import { createMemoryStore } from '../../support/memory-store.ts'

export const TENANT = 'clinic'
export type Answer = Result<{ status: number }, SendFailure>
export const ARRIVED: Answer = succeed({ status: 200 })
export const answered = (status: number, retryAfterMs = 0): Answer => fail({ kind: 'answered', status, retryAfterMs })

export type Sent = SignedMessage & { seq: number; data: { id?: string; version?: number } }

/** A tenant whose endpoints answer by script; the clock is moved by hand. */
export async function webhookWorld() {
  const clock = { now: NOW }
  const chance = { next: (): number => 0 }
  const wakes: WakeUp[] = []
  const sent: Sent[] = []
  const lines: string[] = []
  const script = {
    answer: (message: Sent): Answer | Promise<Answer> => (message.body === '' ? answered(400) : ARRIVED),
  }
  const store = createMemoryStore(more => void wakes.push(...more))
  const webhooks: WebhookSender = {
    faultOf: url => (url.startsWith('https://') ? null : 'must be an https address'),
    send: async message => {
      const body = JSON.parse(message.body) as { data: Sent['data'] }
      const noted = { ...message, data: body.data, seq: Number(message.id.split('_').at(-1)) }
      sent.push(noted)
      return script.answer(noted)
    },
  }
  let ids = 0
  const note = (line: string): void => void lines.push(line)
  const deps = {
    store,
    webhooks,
    system: {
      now: () => clock.now,
      random: () => chance.next(),
      newId: () => `${++ids}`,
      newSecret: (bytes: number) => Buffer.alloc(bytes, ++ids).toString('base64url'),
      sleep: () => Promise.resolve(),
    },
    vault: {
      seal: (plain: string, context: string) => `${context}\n${plain}`,
      open: (sealed: string, context: string) => {
        if (!sealed.startsWith(`${context}\n`)) throw new Error('sealed for another place')
        return sealed.slice(context.length + 1)
      },
      isStale: () => false,
    },
    jobs: { wake: async (more: readonly WakeUp[]) => void wakes.push(...more) },
    log: { debug: note, info: note, warn: note, error: note },
  }
  await store.transaction(TENANT, tx =>
    tx.saveTenant({
      id: TENANT,
      name: 'Clinic',
      settings: {
        branding: { productName: null, logoUrl: null, colour: null },
        connectRoles: null,
        oauthClient: null,
        policies: {},
      },
      createdAt: NOW,
    }),
  )
  const versions = new Map<string, number>()
  const entry = (appointmentId: string, over: Partial<JournalEntry> = {}): JournalEntry => {
    const version = (versions.get(appointmentId) ?? 0) + 1
    versions.set(appointmentId, version)
    return {
      at: clock.now,
      appointmentId,
      connectionId: null,
      side: 'platform',
      action: 'changed',
      rule: 'put',
      reason: 'The platform said so.',
      before: null,
      after: null,
      change: { type: 'appointment.updated', data: { id: appointmentId, version } },
      ...over,
    }
  }
  return {
    clock,
    chance,
    wakes,
    sent,
    lines,
    script,
    store,
    deps,
    entry,
    /** One change of each of these appointments, in this order. */
    change: (...appointmentIds: string[]) =>
      store.transaction(TENANT, tx => tx.apply(TENANT, { journal: appointmentIds.map(id => entry(id)) })),
    async endpoint(over: Partial<Parameters<typeof registerEndpoint>[1]> = {}) {
      const url = 'https://hooks.example.com/'
      const made = await registerEndpoint(deps, { tenantId: TENANT, url, description: null, types: null, ...over })
      if (!made.ok) throw new Error(JSON.stringify(made.error))
      return made.value
    },
    deliver: (endpointId: string, signal?: AbortSignal) =>
      deliverChanges(deps, { tenantId: TENANT, endpointId }, signal),
    /** Runs the endpoint, moving the clock to wherever it asks for, until it has nothing more to do or `untilMs` from now. */
    async settle(endpointId: string, untilMs = Infinity) {
      const end = clock.now + untilMs
      for (let run = 0; run < 5_000; run += 1) {
        const outcome = await deliverChanges(deps, { tenantId: TENANT, endpointId })
        if (outcome.kind === 'done' || outcome.at > end) return outcome
        clock.now = Math.max(clock.now, outcome.at)
      }
      throw new Error('the endpoint did not come to rest')
    },
    stored: async (endpointId: string) => {
      const endpoint = await store.webhookEndpoint(TENANT, endpointId)
      if (endpoint === null) throw new Error('there is no such endpoint')
      return endpoint
    },
    deliveries: (endpointId: string) =>
      store.deliveries(TENANT, endpointId, { state: null, beforeSeq: null, limit: 1_000 }),
  }
}
