import type { AppointmentReads } from '../../../ports/store/appointments.ts'
import { run, type Db, type Row } from '../statements.ts'
import { storableJson } from '../storable.ts'
import { texts } from './paired.ts'
import { codecs } from './rows.ts'

export function proposalReads(db: () => Db): Pick<AppointmentReads, 'proposal' | 'openProposals'> {
  return {
    proposal: async (tenantId, id) => {
      const text = 'select to_jsonb(p) as proposal from proposals p where tenant_id = $1 and id = $2'
      const [row] = await run(db(), text, [tenantId, id])
      return row === undefined ? null : codecs.proposals.decode(row['proposal'] as Row)
    },
    openProposals: async (tenantId, { appointmentIds, afterId, limit }) => {
      const rows = await run(
        db(),
        `select to_jsonb(p) as proposal from proposals p where tenant_id = $1 and state = 'open'
        ${appointmentIds === null ? 'and $2::json is null' : `and appointment_id = any(${texts('$2')})`}
        and ($3::text is null or id > $3) order by id limit $4`,
        [tenantId, appointmentIds && storableJson(appointmentIds), afterId, limit],
      )
      return rows.map(row => codecs.proposals.decode(row['proposal'] as Row))
    },
  }
}
