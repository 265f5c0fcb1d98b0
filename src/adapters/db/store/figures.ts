import type { Figures, LaneDepth } from '../../../ports/store/overview.ts'
import { instantFromText } from '../instant.ts'
import type { Row } from '../statements.ts'

const grouped = (name: string, table: string, column: string): string => `
  (select coalesce(json_agg(to_jsonb(grouped)), '[]') from (
    select ${column}, count(*)::int as count from ${table} group by 1 order by 1) grouped) as ${name}`

/** One statement, whatever is asked of it: a scrape costs one round trip. */
export const FIGURES = `
select
  (select coalesce(json_agg(to_jsonb(lanes)), '[]') from (
    select lane, state, count(*)::int as count, min(queued_at) as oldest from outbox group by 1, 2) lanes) as lanes,
  ${grouped('connections', 'connections', 'status')},
  ${grouped('channels', "(select state from channels where state <> 'retired') kept", 'state')},
  (select to_jsonb(min(greatest(created_at, coalesce(last_notified_at, created_at)))) from channels where state = 'live') as silent,
  ${grouped('endpoints', 'webhook_endpoints', 'status')},
  (select count(*)::int from webhook_deliveries where state = 'waiting') as deliveries,
  (select to_jsonb(min(created_at)) from webhook_deliveries where state = 'waiting') as oldest_delivery,
  (select count(*)::int from proposals where state = 'open') as proposals,
  (select count(*)::int from duplicates where state = 'open') as duplicates,
  (select count(*)::int from calendars where recovering_since is not null and not is_gone) as recovering,
  (select count(*)::int from links where error->>'code' = 'orphan') as orphans`

/** A row of waiting writes by lane and state, which are the outbox's own. */
export function laneOf(row: Row): LaneDepth {
  const { lane, state } = row as Pick<LaneDepth, 'lane' | 'state'>
  return { lane, state, count: Number(row['count']), oldestAt: instantFromText(String(row['oldest'])) }
}

export function figuresOf(row: Row): Figures {
  const at = (name: string): number | null => (typeof row[name] === 'string' ? instantFromText(row[name]) : null)
  const counted = (name: string, key: string): { name: string; count: number }[] =>
    (row[name] as Row[]).map(each => ({ name: String(each[key]), count: Number(each['count']) }))
  return {
    lanes: (row['lanes'] as Row[]).map(laneOf), // the arrays that FIGURES makes
    connections: counted('connections', 'status').map(({ name: status, count }) => ({ status, count })),
    channels: counted('channels', 'state').map(({ name: state, count }) => ({ state, count })),
    longestSilentSince: at('silent'),
    endpoints: counted('endpoints', 'status').map(({ name: status, count }) => ({ status, count })),
    deliveriesWaiting: Number(row['deliveries']),
    oldestDeliveryAt: at('oldest_delivery'),
    openProposals: Number(row['proposals']),
    openDuplicates: Number(row['duplicates']),
    recoveringCalendars: Number(row['recovering']),
    orphans: Number(row['orphans']),
  }
}
