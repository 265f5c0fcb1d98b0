import type { Database } from './database.ts'
import { run } from './statements.ts'

/** The first release of each line in which row-level security holds (CVE-2023-2455, CVE-2024-10976); from 18 on all do. */
const MENDED: Readonly<Record<number, number>> = { 15: 9, 16: 5, 17: 1 }
const OLDEST = 15

/** @param versionNum as `server_version_num`: 150020 is 15.20. @returns what to update to; null: nothing. */
export function updateFor(versionNum: number): string | null {
  const [major, minor] = [Math.floor(versionNum / 10_000), versionNum % 10_000]
  if (major < OLDEST) return `${OLDEST}.${MENDED[OLDEST]}`
  const mended = MENDED[major] ?? 0
  return minor < mended ? `${major}.${mended}` : null
}

/** @throws Error when the server's row-level security is known not to hold. */
export async function mustBeMended({ db }: Database): Promise<void> {
  const [row] = await run(db, "select current_setting('server_version_num')::int as version")
  const update = updateFor(Number(row?.['version']))
  if (update !== null)
    throw new Error(`its row-level security has known faults: update PostgreSQL to ${update} or later`)
}
