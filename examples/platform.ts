// A small scheduling platform in one file: it has a page of its own, Lockstep inside it under /sync, and a practitioner with a Google
// Calendar. It books, moves, cancels, hears of what happens in Google by webhook and by feed, and shows both sides.
//
//   node --conditions=lockstep-source examples/platform.ts     in the tree; elsewhere without the condition
//
// Google is the simulator here, the database an embedded one that is thrown away.
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Fastify from 'fastify'
import { type Change, createLockstep, LockstepError } from 'lockstep/client'
import { lockstep } from 'lockstep/fastify'
import { addAccount, startSimulator } from 'lockstep/testing'
import { verifyWebhook, WebhookRefused } from 'lockstep/webhooks'

const USER = 'dr-lee'
const EMAIL = 'lee@example.com'
const ZONE = 'Europe/Berlin'
const PORT = Number(process.env['PORT'] ?? 8077)
const ORIGIN = `http://127.0.0.1:${PORT}`
const ADMIN_TOKEN = randomBytes(32).toString('base64url')

const google = await startSimulator({ autoConsent: { account: EMAIL } })
addAccount(google.world, { email: EMAIL, timeZone: ZONE })
const folder = await mkdtemp(join(tmpdir(), 'lockstep-example-'))

// ── The platform's own application ────────────────────────────────────────────────────────────────────────────────────
const app = Fastify({ pluginTimeout: 120_000 }) // an embedded database takes its time to be made
/** By id, what the platform knows of each appointment; kept in its own database in earnest. */
const diary = new Map<string, { title: string; start: string; status: string; version: number }>()
const heard = new Set<string>()
const told: string[] = []
let webhookSecret = ''

app.register(async hooks => {
  // The signature is over the bytes as they came.
  hooks.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  hooks.post('/hooks', async (request, reply) => {
    try {
      const { id, message } = verifyWebhook({
        secret: webhookSecret,
        headers: request.headers,
        body: request.body as Buffer,
      })
      if (!heard.has(id)) told.push(message.type) // at least once: a repetition has the same id
      heard.add(id)
      return await reply.status(204).send()
    } catch (error) {
      if (error instanceof WebhookRefused) return reply.status(400).send()
      throw error
    }
  })
})
app.register(lockstep, {
  prefix: '/sync',
  settings: {
    PUBLIC_URL: `${ORIGIN}/sync`,
    DATA_DIR: folder,
    SECRET_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    ADMIN_TOKEN,
    GOOGLE_CLIENT_ID: 'client',
    GOOGLE_CLIENT_SECRET: 'only-for-the-simulator',
    GOOGLE_API_URL: google.url,
    GOOGLE_AUTH_URL: `${google.url}/o/oauth2/v2/auth`,
    GOOGLE_TOKEN_URL: `${google.url}/token`,
    GOOGLE_REVOKE_URL: `${google.url}/revoke`,
    WEBHOOK_ALLOW_PRIVATE: `127.0.0.1:${PORT}`,
    LOG_LEVEL: 'error',
  },
})
await app.listen({ port: PORT, host: '127.0.0.1' })
console.log(`The platform listens on ${ORIGIN}, Lockstep under /sync`)

const operator = createLockstep({ baseUrl: `${ORIGIN}/sync`, apiKey: ADMIN_TOKEN })
const { apiKey } = await operator.createTenant({ body: { name: 'Riverside Clinics' } })
const api = createLockstep({ baseUrl: `${ORIGIN}/sync`, apiKey })

// ── Listening: one loop keeps the diary true, whoever changed what ───────────────────────────────────────────────────
const ending = new AbortController()
const waiting = new Set<() => void>()
const listening = (async () => {
  for await (const change of api.changes({ signal: ending.signal })) {
    keep(change)
    for (const look of waiting) look()
  }
})()

function keep({ type, data }: Change): void {
  if (!type.startsWith('appointment.')) return
  const { id, title, start, status, version } = data as {
    id: string
    title: string | null
    start: { dateTime?: string }
    status: string
    version: number
  }
  diary.set(id, { title: title ?? '', start: start.dateTime ?? '', status, version })
}

/** Resolves when the feed has brought it about. */
async function until(what: string, isSo: () => boolean): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const look = () => isSo() && resolve()
  waiting.add(look)
  const timer = setInterval(look, 50)
  look()
  await promise
  clearInterval(timer)
  waiting.delete(look)
  console.log(`✓ ${what}`)
}

const endpoint = await api.createWebhookEndpoint({ body: { url: `${ORIGIN}/hooks` } })
webhookSecret = endpoint.secret

// ── Connecting: the user would click through; the simulator consents by itself ───────────────────────────────────────
const { googleUrl } = await api.createConnectLink({ path: { userId: USER }, body: { returnUrl: `${ORIGIN}/` } })
const consent = await fetch(googleUrl, { redirect: 'manual' })
await fetch(consent.headers.get('location') ?? '', { redirect: 'manual' })
const connections = await api.listConnections({ path: { userId: USER } })
const connectionId = connections.items[0]?.id ?? ''
const begun = await api.chooseCalendars({
  path: { id: connectionId },
  body: { target: { calendarId: EMAIL }, sources: [EMAIL] },
})
if ('runId' in begun) await api.finished(begun)
console.log(`✓ ${USER} is connected as ${EMAIL}`)

// ── Booking, moving, cancelling ──────────────────────────────────────────────────────────────────────────────────────
const at = (hour: number) => ({ dateTime: `${inDays(7)}T${String(hour).padStart(2, '0')}:00:00`, timeZone: ZONE })
const book = (id: string, title: string, hour: number) =>
  api.putAppointment({
    path: { id },
    query: { onConflict: 'reject' },
    body: { userId: USER, title, start: at(hour), end: at(hour + 1) },
  })

await book('apt_1', 'First visit, Jane Roe', 9)
await book('apt_2', 'Follow-up, John Doe', 11)
await book('apt_3', 'Third visit', 11).catch((error: unknown) => {
  if (!(error instanceof LockstepError) || error.type !== 'slot-taken') throw error
  console.log('✓ a slot that is taken is refused: slot-taken')
})
await eventually('both are in Google', async () => (await titles()).length === 2)

await calendar('PATCH', `/${await eventOf('apt_1')}`, { start: at(14), end: at(15) })
await until('moved in Google, the platform’s diary has it', () => diary.get('apt_1')?.start.includes('T14:00') ?? false)

await api.cancelAppointment({ path: { id: 'apt_2' }, body: { reason: 'cancelled' } })
await eventually('cancelled here, gone from Google', async () => (await titles()).length === 1)

await calendar('POST', '', { summary: 'Dentist', start: at(16), end: at(17) })
await until('made in Google, shown and locked here', () => [...diary.values()].some(each => each.title === 'Dentist'))
const dentist = [...diary].find(([, each]) => each.title === 'Dentist')?.[0] ?? ''
await api.patchAppointment({ path: { id: dentist }, body: { title: 'x' } }).catch((error: unknown) => {
  if (!(error instanceof LockstepError) || error.type !== 'google-owned') throw error
  console.log('✓ what was made in Google is changed there: google-owned')
})
await until(
  'the webhooks told the same',
  () => told.includes('appointment.created') && told.includes('appointment.cancelled'),
)

// ── Both sides, and nothing that only one of them has ────────────────────────────────────────────────────────────────
const live = [...diary].filter(([, each]) => each.status === 'confirmed')
console.log('\nThe platform            Google')
const shown = await titles()
for (const [index, [, { title }]] of live.toSorted(([, a], [, b]) => (a.start < b.start ? -1 : 1)).entries())
  console.log(`${title.padEnd(24)}${shown[index] ?? '—'}`)
let differences = 0
const items = [...diary].map(([id, { version }]) => ({ id, version }))
for await (const difference of api.differences({ origin: 'any', items })) {
  differences += 1
  console.log(`differs: ${difference.kind} ${difference.id}`)
}
console.log(`\n${differences} differences`)

ending.abort()
await listening
await app.close()
await google.close()
await rm(folder, { recursive: true })

// ── The practitioner at Google's own page ────────────────────────────────────────────────────────────────────────────
async function calendar(method: string, path: string, body?: object): Promise<{ items?: { summary: string }[] }> {
  const minted = await fetch(`${google.url}/_control/accounts/${EMAIL}/token`, { method: 'POST' })
  const { access_token: token } = (await minted.json()) as { access_token: string }
  const answer = await fetch(`${google.url}/calendar/v3/calendars/${EMAIL}/events${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return (await answer.json()) as { items?: { summary: string }[] }
}

async function titles(): Promise<string[]> {
  const { items = [] } = await calendar('GET', '?singleEvents=true&orderBy=startTime')
  return items.map(each => each.summary)
}

async function eventOf(id: string): Promise<string> {
  return (await api.getAppointment({ path: { id } })).google.eventId ?? ''
}

async function eventually(what: string, isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise(resolve => setTimeout(resolve, 50))
  console.log(`✓ ${what}`)
}

function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
}
