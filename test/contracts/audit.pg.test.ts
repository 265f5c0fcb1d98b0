import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAuditLog } from '../../src/adapters/db/audit.ts'
import { run } from '../../src/adapters/db/statements.ts'
import type { AuditLog } from '../../src/ports/audit.ts'
import { NOW } from '../support/builders.ts'
import { newEmbedded, newPostgres, type TestDatabase } from '../support/databases.ts'
import { auditContract } from './audit.contract.ts'

describe.each([
  ['PostgreSQL', newPostgres],
  ['the embedded database', newEmbedded],
] as const)('the audit log on %s', (_name, open) => {
  let made: TestDatabase
  let audit: AuditLog
  beforeAll(async () => {
    made = await open()
    audit = createAuditLog(made.database)
  })
  afterAll(() => made.drop())

  auditContract(() => audit)

  test('a row can neither be changed nor erased, and a row that was tampered with all the same shows', async () => {
    const { db } = made.database
    const said = { actor: { kind: 'tenant', id: 'key_1' }, via: 'api', object: null, result: 'done' } as const
    for (const action of ['a', 'b', 'c']) await audit.append({ at: NOW, tenantId: 'tampered', action, ...said })
    for (const text of ["update audit_log set result = 'x'", 'delete from audit_log', 'truncate audit_log'])
      await expect(run(db, text)).rejects.toThrow('append-only')
    expect(await audit.firstBroken('tampered')).toBeNull()
    await run(db, 'alter table audit_log disable trigger all')
    await run(db, "update audit_log set result = 'refused' where chain = 'tampered' and seq = 2")
    expect(await audit.firstBroken('tampered')).toBe(2)
    await run(db, "delete from audit_log where chain = 'tampered' and seq = 2")
    expect(await audit.firstBroken('tampered')).toBe(3)
    await run(db, 'alter table audit_log enable trigger all')
  })
})
