import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { AuditEntry, AuditLog } from '../../src/ports/audit.ts'
import { NOW } from '../support/builders.ts'

const entry = (tenantId: string | null, fields: Partial<AuditEntry> = {}): AuditEntry => ({
  at: NOW,
  tenantId,
  actor: { kind: 'admin', id: null },
  via: 'console',
  action: 'pause',
  object: 'connection con_1',
  result: 'done',
  ...fields,
})

/** What every audit log keeps to. */
export function auditContract(subject: () => AuditLog): void {
  test('each chain counts for itself and is read newest first, page by page', async () => {
    const [one, other] = [`t_${randomUUID()}`, `t_${randomUUID()}`]
    const audit = subject()
    for (const action of ['pause', 'resume', 'retry']) await audit.append(entry(one, { action }))
    await audit.append(entry(other))
    const rows = await audit.read(one, { before: null, limit: 2 })
    expect(rows.map(row => [row.seq, row.action])).toEqual([
      [3, 'retry'],
      [2, 'resume'],
    ])
    expect((await audit.read(one, { before: 2, limit: 9 })).map(row => row.action)).toEqual(['pause'])
    expect(rows[0]).toMatchObject(entry(one, { action: 'retry' }))
    expect((await audit.read(other, { before: null, limit: 9 })).map(row => row.seq)).toEqual([1])
    expect(await audit.firstBroken(one)).toBeNull()
  })

  test('the operator has a chain of his own, and several writers make one chain', async () => {
    const audit = subject()
    await Promise.all(Array.from({ length: 8 }, (_, at) => audit.append(entry(null, { at: NOW + at }))))
    const rows = await audit.read(null, { before: null, limit: 9 })
    expect(rows.map(row => row.seq)).toEqual([8, 7, 6, 5, 4, 3, 2, 1])
    expect(rows.every(row => row.tenantId === null)).toBe(true)
    expect(await audit.firstBroken(null)).toBeNull()
  })
}
