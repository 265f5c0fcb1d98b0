import { channel } from 'node:diagnostics_channel'
import { appendFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import { afterAll, afterEach, expect } from 'vitest'
import { looked, noteLeaving, takeLeaks, watchedFigures } from './watched.ts'

/** Every answer of every server that a test starts, over a socket or not. */
channel('fastify.initialization').subscribe(message => {
  const { fastify } = message as { fastify: FastifyInstance }
  fastify.addHook('onSend', async (_request, reply, payload) => {
    const type = String(reply.getHeader('content-type') ?? '')
    if (typeof payload !== 'string') return payload
    if (type.startsWith('application/problem+json')) noteLeaving('problem', payload)
    else if (payload.includes('# TYPE lockstep_')) noteLeaving('metric', payload)
    else if (isOperatorsPage(type, payload)) noteLeaving('page', payload)
    return payload
  })
})

/** A page of the console as the operator sees it, who sees ids, times, kinds and states. */
const isOperatorsPage = (type: string, text: string): boolean =>
  type.startsWith('text/html') && /class="role"[^>]*>Operator</.test(text)

afterEach(() => {
  expect(takeLeaks(), 'planted words that left').toEqual([])
})

afterAll(async () => {
  const figures = await watchedFigures()
  if (figures !== null) noteLeaving('metric', figures)
  expect(takeLeaks(), 'planted words that left').toEqual([])
  const file = process.env['CANARY_FILE']
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(looked)}\n`)
})
