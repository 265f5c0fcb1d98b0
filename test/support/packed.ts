import { execFile } from 'node:child_process'
import { readdir, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const ROOT = resolve(import.meta.dirname, '../..')

/**
 * The package as `npm pack` makes it, unpacked into a fresh folder as `npm install` would, its dependencies linked from here: no registry is
 * asked. @returns the folder.
 */
export async function installPacked(): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-packed-'))
  await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: ROOT })
  const [archive] = (await readdir(folder)).filter(name => name.endsWith('.tgz'))
  if (archive === undefined) throw new Error('nothing was packed')
  const modules = join(folder, 'node_modules')
  await mkdir(join(modules, 'lockstep'), { recursive: true })
  await mkdir(join(modules, '.bin'))
  await run('tar', ['xzf', join(folder, archive), '-C', join(modules, 'lockstep'), '--strip-components', '1'])
  for (const name of await readdir(join(ROOT, 'node_modules')))
    if (!name.startsWith('.') && name !== 'lockstep')
      await symlink(join(ROOT, 'node_modules', name), join(modules, name))
  await symlink(join(ROOT, 'node_modules/.bin/node'), join(modules, '.bin/node'))
  await symlink('../lockstep/bin/lockstep.js', join(modules, '.bin/lockstep'))
  await rm(join(folder, archive))
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}
