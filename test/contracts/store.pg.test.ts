import { describe } from 'vitest'
import type { OnStatement } from '../../src/adapters/db/database.ts'
import { run } from '../../src/adapters/db/statements.ts'
import { APP_ROLE } from '../../src/adapters/db/tenancy.ts'
import { createStore } from '../../src/adapters/db/store/store.ts'
import { wakeUpKey, type WakeUp } from '../../src/ports/jobs.ts'
import { newEmbedded, newPostgres, type TestDatabase } from '../support/databases.ts'
import { storeContract } from './store.contract.ts'
import type { StoreUnderTest } from './store.fixtures.ts'

/** Wake-ups go into a table within the transaction, as the job engine's do; what is in it afterwards was committed. */
async function overDatabase(open: (onStatement: OnStatement) => Promise<TestDatabase>): Promise<StoreUnderTest> {
  let statements = 0
  const { database, drop } = await open(() => {
    statements += 1
  })
  await run(database.db, 'create table woken (key text not null)')
  await run(database.db, `grant insert on woken to ${APP_ROLE}`)
  const sent = new Map<string, WakeUp>()
  const woken: WakeUp[] = []
  const store = createStore({
    database,
    enqueue: async (executor, wakeUps) => {
      for (const wakeUp of wakeUps) {
        sent.set(wakeUpKey(wakeUp), wakeUp)
        await executor.executeSql('insert into woken values ($1)', [wakeUpKey(wakeUp)])
      }
    },
  })
  const collect = async (): Promise<void> => {
    const rows = await run(database.db, 'select key from woken')
    woken.splice(0, Infinity, ...rows.flatMap(row => sent.get(String(row['key'])) ?? []))
  }
  return {
    store: { ...store, transaction: (tenantId, work) => store.transaction(tenantId, work).finally(collect) },
    woken,
    counted: async work => {
      const before = statements
      await work()
      return statements - before - 1
    },
    rowsOf: async tenantId => {
      const tables = await run(
        database.db,
        `select table_name from information_schema.columns
        where table_schema = 'public' and column_name = 'tenant_id' order by table_name`,
      )
      const counts = tables.map(async ({ table_name: table }) => {
        const [row] = await run(database.db, `select count(*)::int as n from "${table}" where tenant_id = $1`, [
          tenantId,
        ])
        return [String(table), Number(row?.['n'])] as const
      })
      return Object.fromEntries(await Promise.all(counts))
    },
    close: drop,
  }
}

describe('the store on PostgreSQL', () =>
  storeContract(() => overDatabase(onStatement => newPostgres({ onStatement }))))

describe('the store on the embedded database', () =>
  storeContract(() => overDatabase(onStatement => newEmbedded({ onStatement }))))
