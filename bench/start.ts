import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median, mostFigure, quantile, type Figure } from './support/measure.ts'
import { newPostgres } from './support/scratch.ts'
import { startService } from './support/service.ts'

const ROUNDS = 3

/** From the process's start to its first ready answer, as the image runs it: bundled. */
export async function start(): Promise<Figure[]> {
  execFileSync(process.execPath, ['scripts/bundle.js'], { stdio: 'inherit' })
  const scratch = await newPostgres()
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-start-'))
  try {
    await ready({ DATABASE_URL: scratch.url ?? '' })
    const onPostgres = await several(() => ready({ DATABASE_URL: scratch.url ?? '' }))
    const first = await several(async round => ready({ DATA_DIR: join(folder, String(round)) }))
    const again = await several(async () => ready({ DATA_DIR: join(folder, '0') }))
    return [
      figure('start to ready, PostgreSQL', onPostgres, 1_500),
      figure('… embedded, a new folder', first, 4_000),
      figure('… embedded, again', again, null),
    ]
  } finally {
    await scratch.drop()
    await rm(folder, { recursive: true })
  }
}

async function ready(where: Record<string, string>): Promise<number> {
  const service = await startService(where, { script: 'dist/main.js', isTenantMade: false })
  await service.stop()
  return service.readyMs
}

async function several(one: (round: number) => Promise<number>): Promise<number[]> {
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) times.push(await one(round))
  return times
}

function figure(work: string, samples: readonly number[], max: number | null): Figure {
  const noise = quantile(samples, 1) - quantile(samples, 0)
  return mostFigure(work, median(samples), { max, unit: 'ms', noise, samples })
}
