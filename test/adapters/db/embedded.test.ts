import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { expect, test } from 'vitest'
import { openEmbedded } from '../../../src/adapters/db/embedded.ts'
import { run } from '../../../src/adapters/db/statements.ts'

const STARTS_THREE_DATABASES_MS = 60_000

test(
  'a new folder begins with the image, and one that is there already is kept',
  async () => {
    const maker = await PGlite.create()
    await maker.exec("create table kept (word text); insert into kept values ('of the image')")
    const image = await maker.dumpDataDir('gzip')
    await maker.close()
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-image-'))
    try {
      const first = await openEmbedded(folder, { image })
      expect(await run(first.db, 'select word from kept')).toEqual([{ word: 'of the image' }])
      await run(first.db, "update kept set word = 'of its own'")
      await first.close()
      const again = await openEmbedded(folder, { image })
      expect(await run(again.db, 'select word from kept')).toEqual([{ word: 'of its own' }])
      await again.close()
    } finally {
      await rm(folder, { recursive: true })
    }
  },
  STARTS_THREE_DATABASES_MS,
)
