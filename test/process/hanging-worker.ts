import { openPostgres } from '../../src/adapters/db/postgres.ts'
import { realSystem } from '../../src/adapters/system/system.ts'
import { createJobEngine } from '../../src/adapters/worker/jobs.ts'

/** A process whose jobs never end: it says which one it has begun, and is there to be killed. */
const database = openPostgres(process.argv[2] ?? '', { max: 2 })
const hang = async (wakeUp: { connectionId: string }) => {
  process.stdout.write(`began ${wakeUp.connectionId}\n`)
  return new Promise<never>(() => {})
}
const silent = () => {}
const engine = createJobEngine({
  database,
  handlers: {
    pull: hang,
    flush: hang,
    prepare: hang,
    'settle-missing': hang,
    'refresh-calendars': hang,
    'close-connection': hang,
    compare: hang,
    deliver: () => Promise.resolve({ kind: 'done' }),
  },
  log: { debug: silent, info: silent, warn: silent, error: silent },
  system: realSystem(),
})
await engine.start()
await engine.wake([{ kind: 'flush', tenantId: 't', connectionId: 'c' }])
