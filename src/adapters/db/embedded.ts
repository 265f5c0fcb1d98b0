import { existsSync, openAsBlob } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { drizzle } from 'drizzle-orm/pglite'
import { within, type Database, type OnStatement, type SqlExecutor } from './database.ts'
import { takeFolder } from './folder-lock.ts'
import * as schema from './schema.ts'

/** Half the memory of the default; one process needs no more. */
const SHARED_BUFFERS = '16MB'

type Options = {
  onStatement?: OnStatement
  /** A dumped database to begin with, where the folder has none. */
  image?: Blob
}

/** A bundle has a database ready made beside it: to make one takes longer than all the rest of a first start. Sources have none. */
export async function shippedImage(): Promise<Options> {
  const file = join(import.meta.dirname, 'embedded.tar.gz')
  return existsSync(file) ? { image: await openAsBlob(file) } : {}
}

/**
 * PostgreSQL inside this process, in the folder `dataDir`; null: in memory, for tests. Serves one process, one transaction at a time;
 * survives a killed process, but not a power failure: it never forces its writes to the disk.
 * @throws Error that names the process, when another one has the folder open.
 */
export async function openEmbedded(dataDir: string | null, options: Options = {}): Promise<Database> {
  if (dataDir === null) return databaseOf(await start(undefined, options.image), options, () => undefined)
  await mkdir(dataDir, { recursive: true })
  const release = await takeFolder(dataDir)
  try {
    const folder = join(dataDir, 'database')
    const isNew = !existsSync(join(folder, 'PG_VERSION'))
    return databaseOf(await start(folder, isNew ? options.image : undefined), options, release)
  } catch (error) {
    release()
    throw error
  }
}

function start(folder: string | undefined, image: Blob | undefined): Promise<PGlite> {
  return PGlite.create({
    ...(folder === undefined ? {} : { dataDir: folder }),
    ...(image === undefined ? {} : { loadDataDir: image }),
    startParams: [...PGlite.defaultStartParams, '-c', `shared_buffers=${SHARED_BUFFERS}`, '-c', 'TimeZone=UTC'],
  })
}

function databaseOf(client: PGlite, { onStatement }: Options, release: () => void): Database {
  const logger = onStatement === undefined ? false : { logQuery: (text: string) => onStatement(text) }
  const db = drizzle(client, { schema, logger })
  return {
    kind: 'embedded',
    db,
    app: db,
    fleet: db,
    alone: (_tenantId, _mode, work) => work(db),
    executor: tx => (tx === undefined ? alone(client) : within(tx)),
    listen: async (channel, onMessage) => {
      const unlisten = await client.listen(channel, onMessage)
      return () => unlisten()
    },
    close: async () => {
      await client.close()
      release()
    },
  }
}

function alone(client: PGlite): SqlExecutor {
  return {
    executeSql: async (text, values = []) => {
      try {
        if (values.length > 0) return { rows: (await client.query<Record<string, unknown>>(text, values)).rows }
        return { rows: (await client.exec(text)).flatMap(({ rows }) => rows) }
      } catch (error) {
        // There is one session: a script that failed half-way must not leave its transaction open for the next statement.
        await client.exec('ROLLBACK')
        throw error
      }
    },
    listen: async (channel, onMessage, onListening) => {
      const unlisten = await client.listen(channel, onMessage)
      onListening()
      return { close: () => unlisten() }
    },
  }
}
