import { auditHash } from '../../src/adapters/db/audit.ts'
import type { AuditLog, AuditRow } from '../../src/ports/audit.ts'

/** The audit log in memory; `rows` is what a test looks at. */
export function createMemoryAudit(): AuditLog & { rows: AuditRow[] } {
  const rows: AuditRow[] = []
  const chainOf = (tenantId: string | null): AuditRow[] => rows.filter(row => row.tenantId === tenantId)
  return {
    rows,
    append: async entry => {
      const last = chainOf(entry.tenantId).at(-1)
      const seq = (last?.seq ?? 0) + 1
      rows.push({ ...entry, seq, hash: auditHash(last?.hash ?? '', seq, entry) })
    },
    read: async (tenantId, { before, limit }) =>
      chainOf(tenantId)
        .filter(row => before === null || row.seq < before)
        .toReversed()
        .slice(0, limit),
    firstBroken: async tenantId => {
      let before = ''
      for (const [place, row] of chainOf(tenantId).entries()) {
        if (row.seq !== place + 1 || row.hash !== auditHash(before, row.seq, row)) return row.seq
        before = row.hash
      }
      return null
    },
  }
}
