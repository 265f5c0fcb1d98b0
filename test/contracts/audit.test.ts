import { describe, expect, test } from 'vitest'
import { NOW } from '../support/builders.ts'
import { createMemoryAudit } from '../support/memory-audit.ts'
import { auditContract } from './audit.contract.ts'

describe('the audit log in memory', () => {
  const audit = createMemoryAudit()
  auditContract(() => audit)

  test('a changed row breaks its chain', async () => {
    const own = createMemoryAudit()
    for (const action of ['pause', 'resume'])
      await own.append({
        at: NOW,
        tenantId: 't',
        actor: { kind: 'admin', id: null },
        via: 'api',
        action,
        object: null,
        result: 'done',
      })
    const [first] = own.rows
    if (first !== undefined) own.rows[0] = { ...first, result: 'refused' }
    expect(await own.firstBroken('t')).toBe(1)
  })
})
