// A migrated embedded database with the job engine's tables, as a first start of a bundle begins with.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { openEmbedded } from '../src/adapters/db/embedded.ts'
import { migrate } from '../src/adapters/db/migrate.ts'
import { realSystem } from '../src/adapters/system/system.ts'
import { createJobEngine } from '../src/adapters/worker/jobs.ts'

const nothing = () => undefined
const log = { debug: nothing, info: nothing, warn: console.warn, error: console.error }

/** @param {string} file where it goes. */
export async function writeEmbeddedImage(file) {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-image-'))
  try {
    const database = await openEmbedded(folder)
    await migrate(database)
    const engine = createJobEngine({ database, handlers: {}, log, system: realSystem() })
    await engine.start()
    await engine.stop({ graceMs: 1_000 })
    await database.close()
    const client = await PGlite.create(join(folder, 'database'))
    const dumped = await client.dumpDataDir('gzip')
    await client.close()
    await writeFile(file, Buffer.from(await dumped.arrayBuffer()))
  } finally {
    await rm(folder, { recursive: true })
  }
}
