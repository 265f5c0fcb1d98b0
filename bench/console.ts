import { readFileSync } from 'node:fs'
import { ADMIN_TOKEN, startService } from './support/service.ts'
import { median, mostFigure, quantile, timed, type Figure } from './support/measure.ts'
import { newPostgres } from './support/scratch.ts'

const TENANTS = 100
const CONNECTIONS = 10_000
const ROUNDS = 15
const WARM_UPS = 3
/** Of Linux: what /proc counts in. */
const TICK_MS = 10

/**
 * A fleet in the state that costs most to show: each connection with two calendars and their channels, every twentieth with waiting writes,
 * a parked one, a duplicate or a proposal, some revoked, held, resting. None of it is due, so that the service has nothing else to do.
 */
const FLEET = `
insert into tenants (tenant_id, name, settings, created_at)
select 'tnt_' || t, 'Clinic ' || t, '{}', now() from generate_series(1, ${TENANTS}) t;
insert into connections (tenant_id, id, user_id, google_sub, google_email, mode, status, granted_scopes, missing_scopes, "window", policies,
  version, created_at, writes_paused_until)
select 'tnt_' || (1 + n % ${TENANTS}), 'con_' || n, 'user-' || n, 'sub_' || n, 'user-' || n || '@clinic.example', 'two_way',
  case n % 50 when 0 then 'needs_reauth' when 1 then 'held' else 'active' end, '[]', case n % 75 when 3 then '["scope"]'::jsonb else '[]' end,
  '{"daysBack":30,"daysAhead":365}', '{}', 1, now(), case n % 60 when 5 then now() + interval '1 hour' end
from generate_series(1, ${CONNECTIONS}) n;
insert into calendars (tenant_id, connection_id, id, summary, time_zone, access_role, is_primary, is_target, is_source, is_conflict, generation,
  parameters, cursor_version, wake_seq, pulled_seq, last_pulled_at, next_poll_at, failures, is_gone)
select c.tenant_id, c.id, 'cal_' || c.id || '_' || k, 'Calendar', 'UTC', case when c.version % 90 = 7 then 'reader' else 'owner' end, false,
  k = 1, true, false, 1, 'p', 1, 1, 1, now(), now() + interval '10 minutes', 0, false
from connections c cross join generate_series(1, 2) k;
insert into channels (tenant_id, id, connection_id, calendar_id, resource_id, state, expires_at, created_at, last_notified_at, expected_at, due_at)
select tenant_id, 'ch_' || id, connection_id, id, 'r', 'live', now() + interval '5 days', now(), now(), now(), now() + interval '1 day' from calendars;
insert into outbox (tenant_id, appointment_id, calendar_id, connection_id, lane, state, not_before, attempts, queued_at)
select c.tenant_id, 'apt_' || c.id || '_' || w, 'cal_' || c.id || '_1', c.id, 'people', case when w = 1 then 'failed' else 'queued' end,
  now() + interval '1 day', 0, now()
from connections c cross join generate_series(1, 5) w where right(c.id, 2) in ('10', '30', '50', '70', '90');
insert into links (tenant_id, connection_id, calendar_id, event_id, role, appointment_id, generation, seen_generation, error)
select c.tenant_id, c.id, 'cal_' || c.id || '_1', 'event' || e, case when e = 1 and right(c.id, 2) = '11' then 'parked' else 'ours' end, 'apt_' || e, 0, 1,
  case when e = 1 and right(c.id, 2) = '11' then '{"code":"unreadable","message":"no start"}'::jsonb end
from connections c cross join generate_series(1, 20) e;
analyze`

/** The operators' front page over ten thousand connections, from the request to its last byte. */
export async function consolePage(): Promise<Figure[]> {
  const scratch = await newPostgres()
  const { sql, url } = scratch
  if (sql === null || url === null) throw new Error('this wants a PostgreSQL')
  await sql.unsafe(FLEET)
  const service = await startService({ DATABASE_URL: url }, { isTenantMade: false })
  try {
    const door = await fetch(`${service.url}/console/sign-in`, {
      method: 'POST',
      body: new URLSearchParams({ token: ADMIN_TOKEN }),
      redirect: 'manual',
    })
    const cookie = (door.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
    const page = async (path: string): Promise<void> => {
      const answer = await fetch(`${service.url}${path}`, { headers: { cookie } })
      if (!(await answer.text()).includes('10,000 connections')) throw new Error(`${path}: ${answer.status}`)
    }
    const times = async (path: string): Promise<number[]> => {
      for (let warm = 0; warm < WARM_UPS; warm += 1) await page(path)
      const taken: number[] = []
      for (let round = 0; round < ROUNDS; round += 1) taken.push(await timed(() => page(path)))
      return taken
    }
    /** What the service and its database sessions took of the processors meanwhile, however busy the machine is otherwise. */
    const cpuOf = async (work: () => Promise<unknown>): Promise<number> => {
      const ticks = async (): Promise<number> => {
        const sessions = await sql<
          { pid: number }[]
        >`select pid from pg_stat_activity where datname = current_database()`
        const taken = [service.pid, ...sessions.map(({ pid }) => pid)].map(pid => {
          const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
          return Number(stat[11]) + Number(stat[12])
        })
        return taken.reduce((sum, each) => sum + each, 0)
      }
      const before = await ticks()
      await work()
      return ((await ticks()) - before) * TICK_MS
    }
    const figure = (work: string, samples: readonly number[]): Figure => {
      const noise = (quantile(samples, 0.75) - quantile(samples, 0.25)) / 2
      return mostFigure(work, median(samples), { max: 200, unit: 'ms', noise, samples })
    }
    const cpu = await cpuOf(() => times('/console'))
    return [
      figure('console, front page of 10,000 connections', await times('/console')),
      figure('… those with one trouble', await times('/console?trouble=parked')),
      mostFigure('… processor time a page, service and database', cpu / (ROUNDS + WARM_UPS), { max: 200, unit: 'ms' }),
    ]
  } finally {
    await service.stop()
    await scratch.drop()
  }
}
