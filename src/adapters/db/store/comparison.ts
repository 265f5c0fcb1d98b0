import type { ComparisonReads, Unlisted } from '../../../ports/store/comparison.ts'
import { instantFromText, instantToText } from '../instant.ts'
import { run, type Db } from '../statements.ts'
import { storableJson } from '../storable.ts'
import { given, lookedUp } from './lookup.ts'

export function comparisonReads(db: () => Db): ComparisonReads {
  return {
    versionsOf: async (tenantId, ids) => {
      const rows = await run(db(), VERSIONS, [tenantId, storableJson(ids)])
      return rows.map(row => ({
        id: String(row['id']),
        version: Number(row['version']),
        updatedAt: instantFromText(String(row['updated_at'])),
        isArchived: row['is_archived'] === true,
      }))
    },
    unlisted: async (tenantId, { userId, origin, from, to, madeUntil, after, upTo, limit }, listed) => {
      const range = [from, to].map(each => (each === null ? null : instantToText(each)))
      const stretch = [tenantId, storableJson(listed), userId, ...range, instantToText(madeUntil), after ?? '', upTo]
      const rows = await run(db(), UNLISTED[origin ?? 'any'], [...stretch, limit])
      // The statement builds each with these members.
      return rows.map(row => row['found'] as Unlisted)
    },
  }
}

const VERSIONS = `
select id, version, to_jsonb(updated_at) #>> '{}' as updated_at, archived_at is not null as is_archived
from (${lookedUp('appointments', 'id', given('$2'))}) a`

/** An id is never empty, so the empty one stands for "from the beginning". */
const unlisted = (ofOrigin: string): string => `
select json_build_object('id', id, 'userId', user_id, 'origin', origin, 'status', status, 'version', version) as found
from appointments
where tenant_id = $1 and ${ofOrigin} and id collate "C" > $7 and ($8::text is null or id collate "C" <= $8)
  and archived_at is null and status not in ('cancelled', 'no_show') and created_at <= $6::timestamptz
  and ($3::text is null or user_id = $3)
  and ($4::timestamptz is null or range_end > $4::timestamptz) and ($5::timestamptz is null or range_start < $5::timestamptz)
  and id not in (${given('$2')})
order by id collate "C" limit $9`

/** The origin as a literal: the index in this order holds what the platform made, and a parameter would hide that from the planner. */
const UNLISTED = {
  platform: unlisted(`origin = 'platform'`),
  google: unlisted(`origin = 'google'`),
  any: unlisted('true'),
}
