import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import type { World } from '../simulator/testing.ts'
import { DemoError } from './options.ts'
import type { Setup } from './page-server.ts'
import type { Secrets } from './service.ts'

/** Where the demo keeps its things: a temporary folder that goes with it, or one that stays. */
export type Folder = { path: string; remove: () => Promise<void> }

/** What a kept demo needs beside the database to go on. */
export type Kept = {
  ports: { service: number; page: number; simulator: number }
  secrets: Secrets
  apiKey: string
  setup: Setup
}

const KEPT_FOLDER = join('.data', 'demo')
const KEPT_FILE = 'demo.json'
const GOOGLE_FILE = 'google.bin'
/** The parts of the simulator that are functions, or hold some. */
const NOT_KEPT = ['now', 'random', 'agenda']

export async function openFolder(isKept: boolean): Promise<Folder> {
  if (!isKept) {
    const path = await mkdtemp(join(tmpdir(), 'lockstep-demo-'))
    return { path, remove: () => rm(path, { recursive: true, force: true }) }
  }
  const path = resolve(KEPT_FOLDER)
  await mkdir(path, { recursive: true, mode: 0o700 })
  return { path, remove: async () => undefined }
}

/** Null: nothing was kept here. @throws DemoError when it is there and cannot be read. */
export async function readKept(folder: string): Promise<Kept | null> {
  const text = await readFile(join(folder, KEPT_FILE), 'utf8').catch(() => null)
  return text === null ? null : orUnreadable(folder, async () => JSON.parse(text) as Kept) // written by writeKept
}

/** Puts the simulator where it stopped. @throws DemoError when what was kept of it cannot be read. */
export async function restoreGoogle(folder: string, world: World): Promise<void> {
  const data: unknown = await orUnreadable(folder, async () => deserialize(await readFile(join(folder, GOOGLE_FILE))))
  Object.assign(world, data)
}

async function orUnreadable<T>(folder: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    throw new DemoError(`What was kept in ${folder} cannot be read. Delete that folder to begin anew.`, {
      cause: error,
    })
  }
}

/** A start that was broken off leaves a database that nobody has the keys to. */
export async function clear(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true })
}

/** Both files whole or not at all; what the simulator would still have sent is not kept. */
export async function writeKept(folder: string, kept: Kept, world: World): Promise<void> {
  const data = Object.fromEntries(Object.entries(world).filter(([name]) => !NOT_KEPT.includes(name)))
  await replace(join(folder, GOOGLE_FILE), serialize(data))
  await replace(join(folder, KEPT_FILE), JSON.stringify(kept, null, 2))
}

async function replace(path: string, content: Buffer | string): Promise<void> {
  await writeFile(`${path}.new`, content, { mode: 0o600 })
  await rename(`${path}.new`, path)
}
