import type { AppointmentReads } from '../../../ports/store/appointments.ts'
import { instantToText } from '../instant.ts'
import { run, type Db, type Row } from '../statements.ts'
import { storableJson } from '../storable.ts'
import { given, lookedUp } from './lookup.ts'
import { codecs } from './rows.ts'

type ProposalReads = Pick<
  AppointmentReads,
  'proposal' | 'openProposals' | 'proposalsExpired' | 'duplicate' | 'duplicates'
>

export function proposalReads(db: () => Db): ProposalReads {
  return {
    ...duplicateReads(db),
    proposalsExpired: async (now, limit) => {
      const text = `select tenant_id, id from proposals where state = 'open' and expires_at <= $1 order by expires_at, id limit $2`
      const rows = await run(db(), text, [instantToText(now), limit])
      return rows.map(row => ({ tenantId: String(row['tenant_id']), id: String(row['id']) }))
    },
    proposal: async (tenantId, id) => {
      const text = 'select to_jsonb(p) as proposal from proposals p where tenant_id = $1 and id = $2'
      const [row] = await run(db(), text, [tenantId, id])
      return row === undefined ? null : codecs.proposals.decode(row['proposal'] as Row)
    },
    openProposals: async (tenantId, { appointmentIds, afterId, limit }) => {
      const from = appointmentIds === null ? 'proposals' : `(${lookedUp('proposals', 'appointment_id', given('$4'))})`
      const rows = await run(
        db(),
        `select to_jsonb(p) as proposal from ${from} p
        where tenant_id = $1 and state = 'open' and ($2::text is null or id > $2) order by id limit $3`,
        [tenantId, afterId, limit, ...(appointmentIds === null ? [] : [storableJson(appointmentIds)])],
      )
      return rows.map(row => codecs.proposals.decode(row['proposal'] as Row))
    },
  }
}

function duplicateReads(db: () => Db): Pick<AppointmentReads, 'duplicate' | 'duplicates'> {
  return {
    duplicate: async (tenantId, id) => {
      const text = 'select to_jsonb(d) as duplicate from duplicates d where tenant_id = $1 and id = $2'
      const [row] = await run(db(), text, [tenantId, id])
      return row === undefined ? null : codecs.duplicates.decode(row['duplicate'] as Row)
    },
    duplicates: async (tenantId, { appointmentIds, afterId, limit }) => {
      const isOfAll = appointmentIds === null
      const from = isOfAll ? 'duplicates' : `(${lookedUp('duplicates', 'appointment_id', given('$4'))})`
      const rows = await run(
        db(),
        `select to_jsonb(d) as duplicate from ${from} d
        where tenant_id = $1 ${isOfAll ? "and state = 'open'" : ''} and ($2::text is null or id > $2) order by id limit $3`,
        [tenantId, afterId, limit, ...(isOfAll ? [] : [storableJson(appointmentIds)])],
      )
      return rows.map(row => codecs.duplicates.decode(row['duplicate'] as Row))
    },
  }
}
