import { and, asc, desc, eq, lt } from 'drizzle-orm'
import type { JournalRow } from '../../../core/model/journal.ts'
import type { Delivery } from '../../../core/webhooks/endpoint.ts'
import type { WebhookReads, WebhookWrites } from '../../../ports/store/webhooks.ts'
import { instantToText } from '../instant.ts'
import { webhookDeliveries as deliveries, webhookEndpoints as endpoints } from '../schema.ts'
import { all, first, run, type Db, type Row } from '../statements.ts'
import { codecs, journalOf } from './rows.ts'
import { mustOwn, save, type Scope } from './scope.ts'

export function webhookReads(db: () => Db): WebhookReads {
  return { ...endpointReads(db), ...deliveryReads(db), ...changeReads(db) }
}

type Part<N extends keyof WebhookReads> = Pick<WebhookReads, N>

function endpointReads(db: () => Db): Part<'webhookEndpoint' | 'webhookEndpoints' | 'endpointsDue'> {
  return {
    webhookEndpoint: (tenantId, id) =>
      first(
        db()
          .select()
          .from(endpoints)
          .where(and(eq(endpoints.tenantId, tenantId), eq(endpoints.id, id))),
      ),
    webhookEndpoints: tenantId =>
      all(
        db()
          .select()
          .from(endpoints)
          .where(eq(endpoints.tenantId, tenantId))
          .orderBy(asc(endpoints.createdAt), asc(endpoints.id)),
      ),
    endpointsDue: async (now, limit) => {
      const rows = await run(db(), ENDPOINTS_DUE, [instantToText(now), limit])
      return rows.map(row => ({ tenantId: String(row['tenant_id']), endpointId: String(row['id']) }))
    },
  }
}

/** Both look-ups are by index, per endpoint: how much lies in the journal does not matter. */
const ENDPOINTS_DUE = `
select e.tenant_id, e.id from webhook_endpoints e
where e.status = 'enabled' and (e.rest_until is null or e.rest_until <= $1::timestamptz) and (
  exists (
    select from webhook_deliveries d
    where d.tenant_id = e.tenant_id and d.endpoint_id = e.id and d.state = 'waiting'
      and d.next_attempt_at <= $1::timestamptz
  ) or exists (
    select from journal j where j.tenant_id = e.tenant_id and j.seq > e.cursor and j.change_type is not null
  ))
order by e.last_delivered_at nulls first, e.tenant_id, e.id limit $2`

function deliveryReads(db: () => Db): Part<'waitingDeliveries' | 'deliveriesAt' | 'deliveries'> {
  const ofEndpoint = (tenantId: string, endpointId: string) =>
    and(eq(deliveries.tenantId, tenantId), eq(deliveries.endpointId, endpointId))
  return {
    waitingDeliveries: (tenantId, endpointId, limit) =>
      all(
        db()
          .select()
          .from(deliveries)
          .where(and(ofEndpoint(tenantId, endpointId), eq(deliveries.state, 'waiting')))
          .orderBy(asc(deliveries.isDetached), asc(deliveries.seq))
          .limit(limit),
      ),
    deliveriesAt: async (tenantId, endpointId, seqs) => {
      const rows = await run(db(), DELIVERIES_AT, [tenantId, endpointId, JSON.stringify(seqs)])
      return rows.map(row => codecs.webhookDeliveries.decode(row['delivery'] as Row)) // the column the statement returns
    },
    deliveries: (tenantId, endpointId, { state, beforeSeq, limit }) =>
      all<Delivery>(
        db()
          .select()
          .from(deliveries)
          .where(
            and(
              ofEndpoint(tenantId, endpointId),
              state === null ? undefined : eq(deliveries.state, state),
              beforeSeq === null ? undefined : lt(deliveries.seq, beforeSeq),
            ),
          )
          .orderBy(desc(deliveries.seq))
          .limit(limit),
      ),
  }
}

const GIVEN_SEQS = (parameter: string): string =>
  `select distinct given::bigint as seq from json_array_elements_text(${parameter}::json) given`

const DELIVERIES_AT = `
select to_jsonb(d) as delivery from (${GIVEN_SEQS('$3')}) wanted
join webhook_deliveries d on d.tenant_id = $1 and d.endpoint_id = $2 and d.seq = wanted.seq
order by d.seq`

function changeReads(db: () => Db): Part<'journalHead' | 'journalHeadAt' | 'changesAt' | 'changesOfLane'> {
  const headOf = async (tenantId: string): Promise<number> => {
    const [row] = await run(db(), 'select journal_seq as seq from tenants where tenant_id = $1', [tenantId])
    return Number(row?.['seq'] ?? 0)
  }
  return {
    journalHead: headOf,
    journalHeadAt: async (tenantId, at) => {
      const [row] = await run(db(), HEAD_AT, [tenantId, instantToText(at)])
      return row?.['seq'] == null ? headOf(tenantId) : Number(row['seq'])
    },
    changesAt: async (tenantId, seqs) => journalRows(await run(db(), CHANGES_AT, [tenantId, JSON.stringify(seqs)])),
    changesOfLane: async (tenantId, { appointmentId, connectionId }, { after, upTo, types, limit }) => {
      const wanted = types === null ? null : JSON.stringify(types)
      const range = [after, upTo, wanted, limit]
      const text = appointmentId === null ? CHANGES_OF_CONNECTION : CHANGES_OF_APPOINTMENT
      return journalRows(await run(db(), text, [tenantId, appointmentId ?? connectionId, ...range]))
    },
  }
}

const journalRows = (rows: readonly Row[]): JournalRow[] =>
  rows.map(row => journalOf(codecs.journal.decode(row['entry'] as Row))) // the column the statements return

const HEAD_AT = 'select min(seq) - 1 as seq from journal where tenant_id = $1 and at >= $2::timestamptz'

const CHANGES_AT = `
select row_to_json(j) as entry from (${GIVEN_SEQS('$2')}) wanted
join journal j on j.tenant_id = $1 and j.seq = wanted.seq
where j.change_type is not null order by j.seq`

const inRange = `j.tenant_id = $1 and j.seq > $3::bigint and j.seq <= $4::bigint and j.change_type is not null
  and ($5::text is null or j.change_type in (select json_array_elements_text($5::json)))`

const CHANGES_OF_APPOINTMENT = `
select row_to_json(j) as entry from journal j where ${inRange} and j.appointment_id = $2 order by j.seq limit $6`

const CHANGES_OF_CONNECTION = `
select row_to_json(j) as entry from journal j
where ${inRange} and j.appointment_id is null and j.connection_id is not distinct from $2::text order by j.seq limit $6`

export function webhookWrites(scope: Scope): WebhookWrites {
  return {
    saveWebhookEndpoint: endpoint => save(scope, codecs.webhookEndpoints, [endpoint]),
    eraseWebhookEndpoint: async (tenantId, id) => {
      mustOwn(scope, [tenantId])
      await run(scope.db(), ERASE_ENDPOINT, [tenantId, id])
    },
    saveDeliveries: rows => save(scope, codecs.webhookDeliveries, rows),
    eraseDeliveries: async (tenantId, endpointId, seqs) => {
      mustOwn(scope, [tenantId])
      if (seqs.length > 0) await run(scope.db(), ERASE_DELIVERIES, [tenantId, endpointId, JSON.stringify(seqs)])
    },
    purgeDeliveries: async (tenantId, endpointId, before) => {
      mustOwn(scope, [tenantId])
      await run(scope.db(), PURGE_DELIVERIES, [tenantId, endpointId, instantToText(before)])
    },
  }
}

const ERASE_ENDPOINT = `
with deliveries as (delete from webhook_deliveries where tenant_id = $1 and endpoint_id = $2)
delete from webhook_endpoints where tenant_id = $1 and id = $2`

const ERASE_DELIVERIES = `
delete from webhook_deliveries where tenant_id = $1 and endpoint_id = $2 and seq in (${GIVEN_SEQS('$3')})`

const PURGE_DELIVERIES = `
delete from webhook_deliveries
where tenant_id = $1 and endpoint_id = $2 and state <> 'waiting' and created_at < $3::timestamptz`
