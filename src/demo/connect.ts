import type { Google } from './google.ts'
import { DemoError } from './options.ts'
import type { Connection, Platform } from './platform.ts'
import type { Clinic, ClinicMember } from './sample.ts'
import { YOUR_EMAIL } from './yourself.ts'

const REDIRECTS_MAX = 5
const RUN_LOOK_MS = 100
const SENT_LOOK_MS = 500
const RUN_MS_MAX = 60_000
const WINDOW = { daysBack: 49, daysAhead: 365 }
const WIDE_WINDOW = { daysBack: 366, daysAhead: 366 }

type ConnectDeps = { platform: Platform; google: Google; clinic: string }

/**
 * Connects one person as they would themselves: a connect link, Google's consent page, back to the service, calendars chosen.
 * @returns what to wait for: the first sync.
 */
async function connectMember(
  deps: ConnectDeps,
  member: ClinicMember,
  isOwnCalendar: boolean,
): Promise<{ connectionId: string; runId: string }> {
  const { platform, google, clinic } = deps
  const { userId, email, target, presentation } = member
  await google.control('POST', 'consent', { auto: true, account: email })
  const { googleUrl } = await platform.connectLink(userId, {})
  await follow(googleUrl)
  const { items } = await platform.connections(userId)
  const connection = items.find(each => each.googleAccount.email === email)
  if (connection === undefined) throw new Error(`${email} came back from Google without a connection`)
  const window = isOwnCalendar ? WIDE_WINDOW : WINDOW
  await platform.patchConnection(connection.id, { window, policies: { presentation } })
  const calendars = await platform.calendars(connection.id)
  const primary = calendars.items.find(each => each.isPrimary)?.id ?? email
  const { runId } = await platform.chooseCalendars(connection.id, {
    target: target === 'primary' ? { calendarId: primary } : { create: clinic },
    sources: [primary],
    conflicts: [primary],
  })
  return { connectionId: connection.id, runId }
}

/** Goes where a browser would go, cookies included; the page at the end is not looked at. */
async function follow(start: string): Promise<void> {
  const cookies = new Map<string, string>()
  let url = start
  for (let hop = 0; hop < REDIRECTS_MAX; hop += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, { redirect: 'manual', headers: cookie === '' ? {} : { cookie } })
    await response.arrayBuffer()
    for (const set of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=;]+)=([^;]*)/.exec(set) ?? []
      if (name !== undefined && value !== undefined) cookies.set(name, value)
    }
    const next = response.headers.get('location')
    if (response.status >= 400) throw new Error(`connecting ended at ${new URL(url).pathname} with ${response.status}`)
    if (next === null) return
    url = new URL(next, url).href
  }
}

/** @throws DemoError when the run fails or takes too long. */
async function awaitRun(platform: Platform, runId: string): Promise<void> {
  const until = Date.now() + RUN_MS_MAX
  let phase = 'waiting'
  while (Date.now() < until) {
    const { state, error, phase: now } = await platform.run(runId)
    phase = now
    if (state === 'done') return
    if (state === 'failed' || state === 'cancelled')
      throw new DemoError(`The first sync ${state}: ${error ?? 'no reason given'}`)
    await new Promise(resolve => setTimeout(resolve, RUN_LOOK_MS))
  }
  throw new DemoError(`The first sync took too long; it was still ${phase}.`)
}

/**
 * Until Google shows everything that is to be shown between two moments.
 * @returns how many appointments are in Google then; less than all of them where the time was not enough.
 */
export async function awaitSent(platform: Platform, userIds: readonly string[], within: Within): Promise<number> {
  const until = Date.now() + within.msMax
  for (;;) {
    const all = await Promise.all(userIds.map(userId => platform.instances(userId, within.from, within.to)))
    const ours = all.flat().filter(each => each.origin === 'platform')
    const isWaiting = ours.some(each => each.google.state === 'pending')
    if (!isWaiting || Date.now() > until) return ours.filter(each => each.google.state === 'synced').length
    await new Promise(resolve => setTimeout(resolve, SENT_LOOK_MS))
  }
}

type Within = { from: string; to: string; msMax: number }

async function connectionOf(platform: Platform, connectionId: string): Promise<Connection> {
  const connection = await platform.connection(connectionId)
  if (connection.status === 'active') return connection
  throw new DemoError(
    `A connection is ${connection.status} after its first sync (${connection.statusReason ?? 'no reason given'}).`,
  )
}

export type Connected = { member: ClinicMember; calendars: { id: string; summary: string }[] }

/** One after another through consent, then all first syncs at once. */
export async function connectAll(of: { platform: Platform; google: Google; clinic: Clinic }): Promise<Connected[]> {
  const { platform, google, clinic } = of
  const runs: { member: ClinicMember; connectionId: string; runId: string }[] = []
  for (const member of clinic.members) {
    const isOwnCalendar = member.email === YOUR_EMAIL
    runs.push({ member, ...(await connectMember({ platform, google, clinic: clinic.name }, member, isOwnCalendar)) })
  }
  await google.control('POST', 'consent', { auto: false })
  return Promise.all(
    runs.map(async ({ member, connectionId, runId }) => {
      await awaitRun(platform, runId)
      return { member, calendars: (await connectionOf(platform, connectionId)).calendars }
    }),
  )
}
