import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { newPostgres } from '../support/databases.ts'
import { seeded } from '../support/engine.ts'
import { newServiceProcess, until, type Json } from '../support/service-process.ts'

const SEED = Number(process.env['SEED'] ?? 20_261_130)
const CHANGES = Number(process.env['CHANGES'] ?? 240)
const APPOINTMENTS = 20
const KILL_EVERY = 4

test(
  `${CHANGES} changes arrive in order through kill -9, and each keyed POST is done once (seed ${SEED})`,
  { timeout: 120_000 + CHANGES * 100 },
  async () => {
    const { url: databaseUrl, drop } = await newPostgres()
    const random = seeded(SEED)
    const platform = await listen(random)
    const service = await newServiceProcess({ DATABASE_URL: databaseUrl ?? '', WEBHOOK_ALLOW_PRIVATE: 'true' })
    try {
      await service.start()
      const made = await service.api('POST', '/v1/webhook-endpoints', { url: platform.url })
      platform.verifyWith(String(made.body['secret']))
      const rounds = CHANGES / APPOINTMENTS
      let kills = 0
      for (let round = 1; round <= rounds; round += 1) {
        const items = Array.from({ length: APPOINTMENTS }, (_, index) => booking(`apt_${index}`, round))
        const asking = ask(service, { items }, `round-${round}`)
        if (round % KILL_EVERY !== 0) {
          expect((await asking)?.status).toBe(200)
          continue
        }
        await new Promise(resolve => setTimeout(resolve, random() * 60))
        const making = make(service, round)
        await Promise.all([service.kill(), asking, making])
        kills += 1
        await service.start()
        await until(async () => (await ask(service, { items }, `round-${round}`))?.status === 200)
        await until(async () => (await make(service, round))?.status === 201)
      }
      await until(() => platform.firsts().length >= CHANGES)
      expect(kills).toBeGreaterThanOrEqual(Math.floor(rounds / KILL_EVERY))
      expect(platform.refused).toEqual([])
      const endpoints = (await service.api('GET', '/v1/webhook-endpoints')).body['items'] as Json[]
      expect(endpoints).toHaveLength(1 + kills)
      const versions = new Map<string, number[]>()
      for (const { id, version } of platform.firsts()) versions.set(id, [...(versions.get(id) ?? []), version])
      const inOrder = Array.from({ length: rounds }, (_, index) => index + 1)
      expect([...versions.values()]).toEqual(Array.from({ length: APPOINTMENTS }, () => inOrder))
    } finally {
      await service.stop()
      await platform.close()
      await drop()
    }
  },
)

const booking = (id: string, round: number): Json => ({
  id,
  userId: 'dr-lee',
  title: `Round ${round}`,
  start: { dateTime: '2026-12-01T09:00:00Z', timeZone: 'UTC' },
  end: { dateTime: '2026-12-01T09:30:00Z', timeZone: 'UTC' },
})

/** Null: the process died before it answered, or is not there. */
async function ask(
  service: Awaited<ReturnType<typeof newServiceProcess>>,
  body: Json,
  key: string,
): Promise<{ status: number } | null> {
  return service.api('POST', '/v1/appointments/batch', body, { 'idempotency-key': key }).catch(() => null)
}

/** An endpoint that hears of nothing; without the key a repetition would make another one. */
async function make(
  service: Awaited<ReturnType<typeof newServiceProcess>>,
  round: number,
): Promise<{ status: number } | null> {
  const body = { url: 'http://127.0.0.1:9/', types: ['run.finished'] }
  return service
    .api('POST', '/v1/webhook-endpoints', body, { 'idempotency-key': `endpoint-${round}` })
    .catch(() => null)
}

/** Refuses, leads astray or hangs up on some first attempts, and takes every second one: retries are minutes apart from then on. */
async function listen(random: () => number) {
  const accepted: { message: string; id: string; version: number }[] = []
  const attempted = new Set<string>()
  const refused: string[] = []
  let webhook: Webhook | null = null
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const message = String(request.headers['webhook-id'])
      const isFirst = !attempted.has(message)
      attempted.add(message)
      const fate = isFirst ? random() : 1
      if (fate < 0.02) return void request.socket.destroy()
      if (fate < 0.04) return void response.writeHead(500).end()
      if (fate < 0.06) return void response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end()
      const text = Buffer.concat(chunks).toString()
      try {
        webhook?.verify(text, request.headers as Record<string, string>)
      } catch (error) {
        refused.push(String(error))
      }
      const { data } = JSON.parse(text) as { data: { id: string; version: number } }
      accepted.push({ message, id: data.id, version: data.version })
      response.writeHead(204).end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    refused,
    verifyWith: (secret: string) => void (webhook = new Webhook(secret)),
    /** Of each message its first acceptance, in the order in which they came. */
    firsts: () =>
      accepted.filter((each, index) => accepted.findIndex(other => other.message === each.message) === index),
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
