import type { AppointmentReads } from '../../../ports/store/appointments.ts'
import { run, type Db, type Row } from '../statements.ts'
import { storableJson } from '../storable.ts'
import { given, lookedUp } from './lookup.ts'
import { codecs } from './rows.ts'

export function proposalReads(db: () => Db): Pick<AppointmentReads, 'proposal' | 'openProposals'> {
  return {
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
