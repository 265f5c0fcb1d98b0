import { CHANNEL_SILENCE_MS, FAILURES_TELLING, isTrouble } from '../../../core/operations/trouble.ts'
import type { ConnectionHealth } from '../../../ports/store/overview.ts'
import { instantFromText } from '../instant.ts'
import type { Row } from '../statements.ts'

const ofTenant = '($1::text is null or tenant_id = $1)'
const IN_USE = '(k.is_target or k.is_source or k.is_conflict) and not k.is_gone'

/**
 * CTEs up to `facts`: one row per connection with its troubles, the same rule as `troublesOf`. $1 is the tenant (null: all), $2 now.
 * Each table is read once and counted by connection, so that ten thousand connections cost as many statements as one.
 */
export const FACTS = `
waiting as (
  select tenant_id, connection_id,
    (count(*) filter (where state = 'queued'))::int as queued,
    (count(*) filter (where state = 'held'))::int as held,
    (count(*) filter (where state = 'failed'))::int as failed,
    min(queued_at) filter (where state = 'queued') as oldest_queued_at
  from outbox where ${ofTenant} group by 1, 2),
reading as (
  select tenant_id, connection_id, max(last_pulled_at) as last_pulled_at,
    max(access_role) filter (where is_target) as target_role,
    coalesce(bool_or(is_gone) filter (where is_target), false) as is_target_gone,
    (count(*) filter (where ${IN_USE} and failures >= ${FAILURES_TELLING}))::int as failing
  from calendars k where ${ofTenant} group by 1, 2),
unwatched as (
  select k.tenant_id, k.connection_id, count(*)::int as unwatched from calendars k
  where ($1::text is null or k.tenant_id = $1) and ${IN_USE} and not exists (
    select from channels h
    where h.tenant_id = k.tenant_id and h.connection_id = k.connection_id and h.calendar_id = k.id and (
      h.state in ('opening', 'unsupported') or (h.state = 'live' and h.expires_at > $2::timestamptz
        and (h.expected_at is null or h.last_notified_at >= h.expected_at
          or h.expected_at > $2::timestamptz - interval '${CHANNEL_SILENCE_MS} milliseconds'))))
  group by 1, 2),
stuck as (
  select tenant_id, connection_id, count(*)::int as unreadable from links
  where ${ofTenant} and role = 'parked' and error->>'code' = 'unreadable' group by 1, 2),
twins as (
  select tenant_id, connection_id, count(*)::int as duplicates from duplicates where ${ofTenant} and state = 'open' group by 1, 2),
proposed as (
  select tenant_id, connection_id, count(*)::int as proposals from proposals where ${ofTenant} and state = 'open' group by 1, 2),
gathered as (
  select c.tenant_id, c.id as connection_id, c.user_id, c.google_email, c.mode, c.status, c.status_reason, c.missing_scopes,
    c.writes_paused_until, r.last_pulled_at, coalesce(w.queued, 0) as queued, coalesce(w.held, 0) as held,
    coalesce(w.failed, 0) as failed, w.oldest_queued_at, r.target_role, coalesce(r.is_target_gone, false) as is_target_gone,
    coalesce(u.unwatched, 0) as unwatched, coalesce(r.failing, 0) as failing, coalesce(s.unreadable, 0) as unreadable,
    coalesce(t.duplicates, 0) as duplicates, coalesce(p.proposals, 0) as proposals,
    c.status = 'active' and c.mode <> 'off' as is_running
  from connections c
  left join waiting w on w.tenant_id = c.tenant_id and w.connection_id = c.id
  left join reading r on r.tenant_id = c.tenant_id and r.connection_id = c.id
  left join unwatched u on u.tenant_id = c.tenant_id and u.connection_id = c.id
  left join stuck s on s.tenant_id = c.tenant_id and s.connection_id = c.id
  left join twins t on t.tenant_id = c.tenant_id and t.connection_id = c.id
  left join proposed p on p.tenant_id = c.tenant_id and p.connection_id = c.id
  where ($1::text is null or c.tenant_id = $1)),
facts as materialized (
  select g.*, case when status = 'disconnected' then '{}'::text[] else array_remove(array[
    case when status = 'needs_reauth' and jsonb_array_length(missing_scopes) = 0 then 'revoked' end,
    case when jsonb_array_length(missing_scopes) > 0 then 'permission' end,
    case when status = 'held' then 'held' end,
    case when target_role is not null and (is_target_gone or target_role not in ('writer', 'owner', 'writerWithoutPrivateAccess'))
      then 'read_only' end,
    case when failed > 0 then 'parked' end,
    case when writes_paused_until > $2::timestamptz then 'quota' end,
    case when is_running and failing > 0 then 'listing' end,
    case when is_running and unwatched > 0 then 'channel' end,
    case when unreadable > 0 then 'unreadable' end,
    case when duplicates > 0 then 'duplicate' end,
    case when proposals > 0 then 'proposal' end
  ]::text[], null) end as troubles
  from gathered g)`

/** A row of `facts` as `to_jsonb` gave it. */
export function healthRow(row: Row): ConnectionHealth {
  const at = (name: string): number | null => (row[name] === null ? null : instantFromText(String(row[name])))
  const count = (name: string): number => Number(row[name])
  // Columns of the tables, whose types the schema gives.
  const {
    mode,
    status,
    missing_scopes: missingScopes,
    target_role: targetRole,
  } = row as Pick<ConnectionHealth, 'mode' | 'status' | 'targetRole'> & {
    missing_scopes: string[]
    target_role: ConnectionHealth['targetRole']
  }
  return {
    tenantId: String(row['tenant_id']),
    connectionId: String(row['connection_id']),
    userId: String(row['user_id']),
    googleEmail: String(row['google_email']),
    mode,
    status,
    statusReason: row['status_reason'] === null ? null : String(row['status_reason']),
    missingScopes,
    writesPausedUntil: at('writes_paused_until'),
    lastPulledAt: at('last_pulled_at'),
    queued: count('queued'),
    held: count('held'),
    failed: count('failed'),
    oldestQueuedAt: at('oldest_queued_at'),
    targetRole,
    isTargetGone: row['is_target_gone'] === true,
    unwatched: count('unwatched'),
    failing: count('failing'),
    unreadable: count('unreadable'),
    duplicates: count('duplicates'),
    proposals: count('proposals'),
    troubles: (row['troubles'] as string[]).filter(isTrouble), // the array that `facts` makes
  }
}
