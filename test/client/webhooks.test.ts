import { createHmac } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import { signatureHeaders } from '../../src/adapters/webhooks/signature.ts'
import { verifyWebhook, WebhookRefused } from '../../src/client/webhooks.ts'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw0q2rP3b5m1A='
const OTHER = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'
const AT = Date.parse('2026-12-01T14:00:00Z')
const body = JSON.stringify({
  type: 'appointment.updated',
  timestamp: '2026-12-01T14:00:00Z',
  id: 'chg_1',
  data: { title: 'Ü 🗓' },
})
const signed = (secrets: readonly string[], at = AT) => signatureHeaders({ url: '', id: 'msg_1', at, body, secrets })

test('what the service signs is accepted and read, by every kind of headers and body', () => {
  const plain = signed([SECRET])
  for (const headers of [plain, new Headers(plain)])
    for (const sent of [body, Buffer.from(body)]) {
      const { id, message } = verifyWebhook({ secret: SECRET, headers, body: sent, now: AT })
      expect([id, message.type, message.data]).toEqual(['msg_1', 'appointment.updated', { title: 'Ü 🗓' }])
    }
})

test('what the reference library signs is accepted, and the other way round', () => {
  const now = new Date()
  const headers = {
    'webhook-id': 'msg_2',
    'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
    'webhook-signature': new Webhook(SECRET).sign('msg_2', now, body),
  }
  expect(verifyWebhook({ secret: SECRET, headers, body }).id).toBe('msg_2')
  expect(new Webhook(SECRET).verify(body, signed([SECRET], now.getTime()))).toMatchObject({ id: 'chg_1' })
})

test('while a secret is replaced, either end may be the first to know', () => {
  expect(verifyWebhook({ secret: OTHER, headers: signed([SECRET, OTHER]), body, now: AT }).id).toBe('msg_1')
  expect(verifyWebhook({ secret: [OTHER, SECRET], headers: signed([SECRET]), body, now: AT }).id).toBe('msg_1')
})

const v1 = (content: string) =>
  createHmac('sha256', Buffer.from(SECRET.slice(6), 'base64'))
    .update(content)
    .digest('base64')
const timestamp = String(AT / 1_000)

describe('refused', () => {
  test.each<[string, Record<string, string | undefined>, string?, number?]>([
    ['another secret', signed([OTHER])],
    ['a body that was changed', signed([SECRET]), body.replace('Ü', 'U')],
    ['another id', { ...signed([SECRET]), 'webhook-id': 'msg_9' }],
    ['another time', { ...signed([SECRET]), 'webhook-timestamp': String(AT / 1_000 + 1) }],
    ['six minutes ago', signed([SECRET]), body, AT + 360_000],
    ['six minutes ahead', signed([SECRET]), body, AT - 360_000],
    ['no signature', { ...signed([SECRET]), 'webhook-signature': undefined }],
    ['an empty signature', { ...signed([SECRET]), 'webhook-signature': 'v1,' }],
    ['another version', { ...signed([SECRET]), 'webhook-signature': `v0,${v1(`msg_1.${timestamp}.${body}`)}` }],
    [
      'a time that is none',
      { ...signed([SECRET]), 'webhook-timestamp': 'NaN', 'webhook-signature': `v1,${v1(`msg_1.NaN.${body}`)}` },
    ],
    ['no id', { ...signed([SECRET]), 'webhook-id': undefined }],
  ])('%s', (_sentence, headers, sent = body, now = AT) => {
    expect(() => verifyWebhook({ secret: SECRET, headers, body: sent, now })).toThrow(WebhookRefused)
  })
})
