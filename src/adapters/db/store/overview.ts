import { TROUBLES, type Trouble } from '../../../core/operations/trouble.ts'
import type { ConnectionHealth, HealthFilter, HealthPage, OverviewReads } from '../../../ports/store/overview.ts'
import { instantFromText, instantToText } from '../instant.ts'
import type { Database } from '../database.ts'
import { run, type Db, type Row } from '../statements.ts'
import { FACTS, healthRow } from './health-facts.ts'
import { FIGURES, figuresOf, laneOf } from './figures.ts'
import { PAIRED, pairedOf } from './paired.ts'
import { codecs, linkOf } from './rows.ts'
import { aloneFor } from './alone.ts'

/** Reads for operators: each is one statement of constant shape. */
export function overviewReads(database: Database, fleet: () => Db): OverviewReads {
  const across = overview(fleet)
  const of = <A extends unknown[], T>(pick: (reads: OverviewReads) => (...args: A) => Promise<T>) =>
    aloneFor(database, db => pick(overview(db)))
  /** What an operator may ask of one tenant or of all. */
  const either = <T>(tenantId: string | null, ask: (reads: OverviewReads) => Promise<T>): Promise<T> =>
    tenantId === null ? ask(across) : aloneFor<[string], T>(database, db => () => ask(overview(db)))(tenantId)
  return {
    connectionHealth: (filter, now) => either(filter.tenantId, reads => reads.connectionHealth(filter, now)),
    laneDepths: scope => either(scope.tenantId, reads => reads.laneDepths(scope)),
    endpointsInTrouble: (tenantId, limit) => either(tenantId, reads => reads.endpointsInTrouble(tenantId, limit)),
    figures: () => across.figures(),
    tenants: (text, limit) => across.tenants(text, limit),
    healthOf: of(reads => reads.healthOf),
    stuckWrites: of(reads => reads.stuckWrites),
    parkedLinks: of(reads => reads.parkedLinks),
    runsOf: of(reads => reads.runsOf),
    linksOfEvent: of(reads => reads.linksOfEvent),
    appointmentsTitled: of(reads => reads.appointmentsTitled),
  }
}

const overview = (db: () => Db): OverviewReads => ({ ...healthReads(db), ...connectionParts(db), ...searches(db) })

function healthReads(db: () => Db): Pick<OverviewReads, 'connectionHealth' | 'healthOf' | 'figures' | 'laneDepths'> {
  return {
    connectionHealth: async (filter, now) => {
      const [row = {}] = await run(db(), HEALTH_PAGE, healthValues(filter, now))
      return pageOf(row)
    },
    healthOf: async (tenantId, connectionId, now) => {
      const [row] = await run(db(), HEALTH_OF, [tenantId, instantToText(now), connectionId])
      return row === undefined ? null : healthRow(row['health'] as Row)
    },
    laneDepths: async ({ tenantId, connectionId }) => {
      const rows = await run(db(), LANE_DEPTHS, [tenantId, connectionId])
      return rows.map(laneOf)
    },
    figures: async () => {
      const [row = {}] = await run(db(), FIGURES)
      return figuresOf(row)
    },
  }
}

/** $1 the tenant (null: all), $2 now, $3 trouble, $4 pattern of users, $5 pattern of addresses and ids, $6 limit, $7 offset. */
const HEALTH_PAGE = `
with ${FACTS}, found as (
  select * from facts where
    ($3::text is null or ($3::text = 'any' and cardinality(troubles) > 0) or $3::text = any(troubles))
    and ($4::text is null or user_id ilike $4 or google_email ilike $5 or connection_id like $5)
)
select
  (select count(*)::int from found) as found, summed.total, summed.troubled,
  (select coalesce(json_object_agg(kind, n), '{}') from (
    select unnest(troubles) as kind, count(*)::int as n from facts group by 1) counted) as counts,
  (select coalesce(json_agg(to_jsonb(page)), '[]') from (
    select * from found
    order by status = 'disconnected', cardinality(troubles) = 0, user_id, tenant_id, connection_id limit $6 offset $7) page) as rows
from (
  select (count(*) filter (where status <> 'disconnected'))::int as total,
    (count(*) filter (where troubles <> '{}'))::int as troubled
  from facts) summed`

const HEALTH_OF = `with ${FACTS} select to_jsonb(facts) as health from facts where connection_id = $3`

function healthValues({ tenantId, trouble, text, offset, limit }: HealthFilter, now: number): unknown[] {
  const pattern = text === null ? null : literalPattern(text)
  const from = pattern === null ? null : `${pattern}%`
  return [tenantId, instantToText(now), trouble, pattern === null ? null : `%${pattern}%`, from, limit, offset]
}

const literalPattern = (text: string): string => text.replace(/[\\%_]/g, '\\$&')

function pageOf(row: Row): HealthPage {
  const { found, total, troubled, counts, rows } = row
  const counted = counts as Partial<Record<string, number>> // the object that HEALTH_PAGE makes
  const known = TROUBLES.flatMap((trouble): [Trouble, number][] => {
    const n = counted[trouble]
    return n === undefined ? [] : [[trouble, n]]
  })
  return {
    rows: (rows as Row[]).map((each): ConnectionHealth => healthRow(each)),
    found: Number(found),
    total: Number(total),
    troubled: Number(troubled),
    counts: Object.fromEntries(known),
  }
}

const LANE_DEPTHS = `
select lane, state, count(*)::int as count, to_jsonb(min(queued_at)) as oldest from outbox
where ($1::text is null or tenant_id = $1) and ($2::text is null or connection_id = $2)
group by lane, state order by lane desc, state`

function connectionParts(db: () => Db): Pick<OverviewReads, 'stuckWrites' | 'parkedLinks' | 'runsOf'> {
  return {
    stuckWrites: async (tenantId, connectionId, limit) =>
      (await run(db(), STUCK, [tenantId, connectionId, limit])).map(pairedOf),
    parkedLinks: async (tenantId, connectionId, limit) => {
      const rows = await run(db(), PARKED_LINKS, [tenantId, connectionId, limit])
      return rows.map(row => linkOf(codecs.links.decode(row['link'] as Row)))
    },
    runsOf: async (tenantId, connectionId, limit) => {
      const rows = await run(db(), RUNS_OF, [tenantId, connectionId, limit])
      return rows.map(row => codecs.runs.decode(row['run'] as Row))
    },
  }
}

const STUCK = `
select ${PAIRED} from (
  select tenant_id, appointment_id, queued_at, state from outbox
  where tenant_id = $1 and ($2::text is null or connection_id = $2) and state <> 'queued'
  order by state, queued_at, appointment_id limit $3) stuck
join appointments a on a.tenant_id = stuck.tenant_id and a.id = stuck.appointment_id
order by stuck.state, stuck.queued_at, a.id`

const PARKED_LINKS = `
select to_jsonb(l) as link from links l where tenant_id = $1 and connection_id = $2 and role = 'parked'
order by calendar_id, event_id limit $3`

const RUNS_OF = `
select to_jsonb(r) as run from runs r where tenant_id = $1 and connection_id = $2 order by created_at desc, id desc limit $3`

function searches(
  db: () => Db,
): Pick<OverviewReads, 'tenants' | 'linksOfEvent' | 'appointmentsTitled' | 'endpointsInTrouble'> {
  return {
    tenants: async (text, limit) => {
      const rows = await run(db(), TENANTS, [text === null ? null : `%${literalPattern(text)}%`, limit])
      return rows.map(row => ({
        id: String(row['id']),
        name: String(row['name']),
        createdAt: instantFromText(String(row['created_at'])),
        connections: Number(row['connections']),
        users: Number(row['users']),
      }))
    },
    endpointsInTrouble: async (tenantId, limit) => {
      const rows = await run(db(), ENDPOINTS_IN_TROUBLE, [tenantId, limit])
      return rows.map(row => ({
        tenantId: String(row['tenant_id']),
        id: String(row['id']),
        url: String(row['url']),
        status: String(row['status']),
        disabledReason: row['disabled_reason'] === null ? null : String(row['disabled_reason']),
        failingSince: row['since'] === null ? null : instantFromText(String(row['since'])),
        failures: Number(row['failures']),
      }))
    },
    linksOfEvent: async (tenantId, eventId, limit) => {
      const rows = await run(db(), LINKS_OF_EVENT, [tenantId, eventId, limit])
      return rows.map(row => linkOf(codecs.links.decode(row['link'] as Row)))
    },
    appointmentsTitled: async (tenantId, text, limit) =>
      (await run(db(), TITLED, [tenantId, `%${literalPattern(text)}%`, limit])).map(pairedOf),
  }
}

const ENDPOINTS_IN_TROUBLE = `
select tenant_id, id, url, status, disabled_reason, to_jsonb(failing_since) as since, failures from webhook_endpoints
where ($1::text is null or tenant_id = $1)
  and (failing_since is not null or failures > 0 or (status = 'disabled' and disabled_reason <> 'request'))
order by failing_since nulls last, tenant_id, id limit $2`

const TENANTS = `
select t.tenant_id as id, t.name, to_jsonb(t.created_at) as created_at,
  coalesce(c.connections, 0)::int as connections, coalesce(c.users, 0)::int as users
from tenants t left join (
  select tenant_id, count(*) as connections, count(distinct user_id) as users from connections
  where status <> 'disconnected' group by tenant_id) c on c.tenant_id = t.tenant_id
where $1::text is null or t.name ilike $1 or t.tenant_id ilike $1
order by t.name, t.tenant_id limit $2`

/** The key of a link begins with its calendar: an index of event ids alone would cost every first sync and serve only this. */
const LINKS_OF_EVENT = `
select to_jsonb(l) as link from (
  select found.* from calendars c cross join lateral (
    select * from links where tenant_id = c.tenant_id and connection_id = c.connection_id and calendar_id = c.id
      and event_id = $2 offset 0) found
  where c.tenant_id = $1
  union all
  select * from links where tenant_id = $1 and ical_uid = $2) l
order by connection_id, calendar_id, event_id limit $3`

const TITLED = `
select ${PAIRED} from (
  select * from appointments where tenant_id = $1 and title ilike $2 order by range_start desc, id limit $3) a
order by a.range_start desc, a.id`
