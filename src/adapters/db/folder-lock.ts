import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Two takeovers of the same dead lock may meet; each round one of them wins. */
const ROUNDS_MAX = 5
const held = new Set<string>()

/**
 * Takes `folder` for this process by a file that names it. A lock whose process is dead is taken over.
 * @returns what gives the folder back.
 * @throws Error that names the process, when it is alive.
 */
export async function takeFolder(folder: string): Promise<() => void> {
  const path = join(resolve(folder), 'lockstep.pid')
  if (held.has(path)) throw taken(folder, process.pid)
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    if (isCreated(path)) return holding(path)
    const owner = readOwner(path)
    if (owner !== null && isAlive(owner)) throw taken(folder, owner.pid)
    if (owner !== null) removeDead(path, owner)
  }
  throw new Error(`the lock ${path} changes hands too fast`)
}

type Owner = { pid: number; startedAt: string }

const taken = (folder: string, pid: number): Error =>
  new Error(`the embedded database in ${folder} is already open in process ${pid}; it serves one process at a time`)

/** The file appears with its content or not at all: a link, since creating and writing are two steps. */
function isCreated(path: string): boolean {
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, JSON.stringify({ pid: process.pid, startedAt: startOf(process.pid) } satisfies Owner))
  try {
    linkSync(draft, path)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

function holding(path: string): () => void {
  held.add(path)
  const release = (): void => {
    process.off('exit', release)
    if (held.delete(path)) rmSync(path, { force: true })
  }
  process.on('exit', release)
  return release
}

/** Null: there is no lock any more. A file that cannot be read as one belongs to nobody alive. */
function readOwner(path: string): Owner | null {
  try {
    const content: unknown = JSON.parse(readFileSync(path, 'utf8'))
    const { pid, startedAt } = typeof content === 'object' && content !== null ? (content as Partial<Owner>) : {}
    return { pid: pid ?? 0, startedAt: startedAt ?? '' }
  } catch (error) {
    if (error instanceof SyntaxError) return { pid: 0, startedAt: '' }
    return null
  }
}

/** A container gives the same number to its next process, so the number alone does not tell: where known, the start must agree. */
function isAlive({ pid, startedAt }: Owner): boolean {
  if (pid <= 0 || pid === process.pid) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
  return startOf(pid) === startedAt
}

/** When a process started, in the kernel's ticks (field 22 of `/proc/pid/stat`); '' where there is no such file. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

/** Moves the dead lock away; if another process was faster and the file moved is its living lock, it is put back. */
function removeDead(path: string, dead: Owner): void {
  const grave = `${path}.${process.pid}.dead`
  try {
    renameSync(path, grave)
    const moved = readOwner(grave)
    if (moved !== null && (moved.pid !== dead.pid || moved.startedAt !== dead.startedAt)) linkSync(grave, path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EEXIST')))
      throw error
  } finally {
    rmSync(grave, { force: true })
  }
}
