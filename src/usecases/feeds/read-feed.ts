import { calendarFeed, type FeedItem } from '../../core/feed/calendar-feed.ts'
import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import { feedUid } from '../../core/model/feed-uid.ts'
import { DEFAULT_WINDOW, effectivePolicies } from '../../core/model/policies.ts'
import { windowBounds, type Range } from '../../core/model/time.ts'
import { seriesBounds } from '../../core/recurrence/expand.ts'
import type { Paired } from '../../ports/store/appointments.ts'
import type { Deps } from '../deps.ts'

type FeedDeps = Pick<Deps, 'store' | 'system' | 'names'>

const PAGE = 500
/** 100,000 appointments in one window: beyond it something else is wrong. */
const PAGES_MAX = 200

/** The feed with this secret as it is now. `version` changes with the text. */
export async function readFeed(
  deps: FeedDeps,
  secret: string,
): Promise<Result<{ text: string; version: string }, DomainError>> {
  const { store, system, names } = deps
  const feed = await store.feedByHash(names.hash(secret))
  const tenant = feed === null ? null : await store.tenant(feed.tenantId)
  if (feed === null || tenant === null) return fail({ kind: 'not-found' })
  const { settings } = tenant
  const now = system.now()
  const range = windowBounds(settings.window ?? DEFAULT_WINDOW, now, 'UTC')
  const items = await feedItems(deps, feed, range)
  const name = settings.branding.productName ?? tenant.name
  const text = calendarFeed({ name, items, policies: effectivePolicies(settings.policies, {}), now })
  return succeed({ text, version: names.hash(text).slice(0, 32) })
}

/** Singles in the window, and every series that reaches into it whole. Archived exceptions come along, for they take an occurrence away. */
async function feedItems(
  { store, names }: FeedDeps,
  { tenantId, userId }: { tenantId: string; userId: string },
  range: Range,
): Promise<FeedItem[]> {
  const listed: Paired[] = []
  let after: { startAt: number; id: string } | null = null
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const found = await store.listAppointments(tenantId, {
      userId,
      from: range.startAt,
      to: range.endAt,
      origin: 'platform',
      status: null,
      isArchived: false,
      after,
      limit: PAGE,
    })
    listed.push(...found)
    const last = found.at(-1)?.appointment
    if (found.length < PAGE || last === undefined) break
    after = { startAt: seriesBounds(last.time, last.recurrence).startAt, id: last.id }
  }
  const isOfSeries = ({ appointment: { recurringId, recurrence } }: Paired): boolean =>
    recurringId !== null || recurrence.length > 0
  const masterIds = new Set(listed.filter(isOfSeries).map(({ appointment: each }) => each.recurringId ?? each.id))
  const families = masterIds.size === 0 ? [] : await store.seriesWithExceptions(tenantId, [...masterIds])
  const all = [...listed.filter(each => !isOfSeries(each)), ...families]
  const uidOf = new Map(all.map(pair => [pair.appointment.id, uidInGoogle(pair)]))
  return all.map(({ appointment }) => {
    const appointmentId = appointment.recurringId ?? appointment.id
    return { appointment, uid: uidOf.get(appointmentId) ?? feedUid(names.markerKey({ tenantId, appointmentId })) }
  })
}

/** What stands in Google already goes by that event's UID, so that Google knows it again when the feed is imported beside it. */
function uidInGoogle({ links }: Paired): string | null {
  return links.find(link => link.role === 'ours' && link.recurringEventId === null)?.iCalUID ?? null
}
