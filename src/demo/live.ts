import { setTimeout as sleep } from 'node:timers/promises'
import { PAGE_CLIENT, type Google, type LogEntry } from './google.ts'
import type { Change, Platform } from './platform.ts'
import { storyLine, type StoryLine } from './story.ts'

/** What the service asked of Google: all in all, and for the change looked at last. */
type Requests = { total: number; ofLastChange: string[] }

export type Live = {
  story: () => StoryLine[]
  requests: () => Requests
  /** A person begins a change: what the service asks of Google from now on is counted for it. */
  beginChange: () => void
  /** Calls back whenever there may be something new to see. @returns how to stop it. */
  subscribe: (listener: () => void) => () => void
  stop: () => Promise<void>
}

const WAIT_SECONDS = 25
const RETRY_MS = 1_000
const LOG_LOOK_MS = 200
const LINES_MAX = 60
/** A change that nobody announced begins with the first request after a pause this long. */
const PAUSE_MS = 2_500
/** How long after a change its history may still grow by what was sent to Google. */
const TOUCHED_MS = 10_000

type Watch = {
  platform: Platform
  google: Google
  /** Only what happened later is told. */
  since: number
  zoneOf: (userId: string) => string
}

/** Watches both sides for the page: the service's change feed by long poll, the simulator's log while somebody looks. */
export function watchBothSides(watch: Watch): Live {
  const stopping = new AbortController()
  const listeners = new Set<() => void>()
  const lines = new Map<string, StoryLine>()
  const touched = new Map<string, { userId: string; title: string; at: number }>()
  const count = { total: 0, last: [] as string[], seen: 0, requestAt: 0, isSettled: false }
  const tell = (): void => {
    for (const listener of listeners) listener()
  }
  const retell = async (): Promise<void> => {
    for (const [id, { userId, title, at }] of touched) {
      if (Date.now() - at > TOUCHED_MS) touched.delete(id)
      else await retellOne(watch, lines, { id, userId, title })
    }
    trim(lines)
  }
  const onChanges = async (items: Change[]): Promise<void> => {
    for (const { data } of items) {
      const { id, userId, title } = data
      if (typeof id !== 'string' || typeof userId !== 'string' || !('start' in data)) continue
      touched.set(id, { userId, title: typeof title === 'string' ? title : 'Busy', at: Date.now() })
    }
    await retell()
    tell()
  }
  const onRequests = async (entries: LogEntry[]): Promise<void> => {
    count.seen = entries.at(-1)?.n ?? count.seen
    const fromService = entries.filter(each => each.clientId !== PAGE_CLIENT)
    if (fromService.length === 0) return
    count.total += fromService.length
    if (Date.now() - count.requestAt > PAUSE_MS) {
      count.isSettled = count.requestAt > 0 // the first sync is no change
      count.last = []
    }
    count.requestAt = Date.now()
    if (count.isSettled) count.last.push(...fromService.map(each => each.kind))
    await retell()
    tell()
  }
  const feed = readFeed(watch, stopping.signal, onChanges)
  const log = readRequests(watch, stopping.signal, { seen: () => count.seen, onRequests })
  return {
    story: () => [...lines.values()].toSorted((a, b) => b.at.localeCompare(a.at)),
    requests: () => ({ total: count.total, ofLastChange: [...count.last] }),
    beginChange: () => {
      count.isSettled = true
      count.last = []
      count.requestAt = Date.now()
    },
    subscribe: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    stop: async () => {
      stopping.abort()
      await Promise.all([feed, log])
    },
  }
}

async function retellOne(
  { platform, since, zoneOf }: Watch,
  lines: Map<string, StoryLine>,
  of: { id: string; userId: string; title: string },
): Promise<void> {
  const items = await platform.history(of.id)
  for (const [place, item] of items.entries()) {
    if (Date.parse(item.at) < since) continue
    const told = { item, place, appointmentId: of.id, userId: of.userId, title: of.title, zone: zoneOf(of.userId) }
    const line = storyLine(told)
    lines.set(line.id, line)
  }
}

function trim(lines: Map<string, StoryLine>): void {
  const old = [...lines.values()].toSorted((a, b) => b.at.localeCompare(a.at)).slice(LINES_MAX)
  for (const { id } of old) lines.delete(id)
}

/** Until it is stopped. What was in the feed at the beginning is passed over. A failure is waited out, then read on from the same place. */
async function readFeed(
  { platform }: Watch,
  stopping: AbortSignal,
  onChanges: (items: Change[]) => Promise<void>,
): Promise<void> {
  let after: string | null = null
  let isCaughtUp = false
  while (!stopping.aborted) {
    try {
      const page: Awaited<ReturnType<Platform['changes']>> = await platform.changes(
        after,
        isCaughtUp ? WAIT_SECONDS : 0,
        stopping,
      )
      after = page.cursor
      if (isCaughtUp && page.items.length > 0) await onChanges(page.items)
      isCaughtUp ||= !page.hasMore
    } catch {
      await pause(RETRY_MS, stopping) // the service is busy or going down: the feed loses nothing meanwhile
    }
  }
}

async function readRequests(
  { google }: Watch,
  stopping: AbortSignal,
  { seen, onRequests }: { seen: () => number; onRequests: (entries: LogEntry[]) => Promise<void> },
): Promise<void> {
  while (!stopping.aborted) {
    try {
      const entries = await google.log(seen())
      if (entries.length > 0) await onRequests(entries)
      await pause(LOG_LOOK_MS, stopping)
    } catch {
      await pause(RETRY_MS, stopping) // the log is still there at the next look
    }
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => undefined)
