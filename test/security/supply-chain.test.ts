import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

const ROOT = join(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const own = JSON.parse(read('package.json'))
const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> }

type Locked = {
  version?: string
  dev?: boolean
  optional?: boolean
  license?: string
  integrity?: string
  resolved?: string
  link?: boolean
}

/** Licences that ask for nothing but their own text. */
const FREE = [
  'MIT',
  'MIT-0',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'PostgreSQL',
  'Unlicense',
  'Python-2.0',
]
/** One by one: weaker copyleft, by file, used as it is; and a name for BSD-3-Clause that is no SPDX identifier. */
const LISTED: Readonly<Record<string, string>> = { 'ical.js': 'MPL-2.0', 'url-template': 'BSD' }

/** `(MIT OR GPL-2.0)` gives the choice, `A AND B` asks for both. */
const isFree = (expression: string): boolean =>
  expression
    .replaceAll(/[()]/g, '')
    .split(' OR ')
    .some(choice => choice.split(' AND ').every(each => FREE.includes(each.trim())))

const production = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && dev !== true)
const nameOf = (path: string): string => path.split('node_modules/').at(-1) ?? ''

function licenceOf(path: string, locked: Locked): string {
  const manifest = join(ROOT, path, 'package.json')
  if (!existsSync(manifest)) return locked.license ?? 'none'
  const { license, licenses } = JSON.parse(readFileSync(manifest, 'utf8'))
  return String(license?.type ?? license ?? licenses?.[0]?.type ?? 'none')
}

test('every package that runs in production may be used and handed on', () => {
  expect(production.length).toBeGreaterThan(60)
  const others = production
    .map(([path, locked]) => [nameOf(path), licenceOf(path, locked)] as const)
    .filter(([name, licence]) => !isFree(licence) && LISTED[name] !== licence)
  expect(others).toEqual([])
  expect(isFree('(GPL-3.0 OR MIT)')).toBe(true)
  expect(isFree('MIT AND GPL-3.0')).toBe(false)
})

test('there are few direct dependencies, each at one exact version', () => {
  const direct: Record<string, string> = own.dependencies
  expect(Object.keys(direct).length).toBeLessThanOrEqual(40)
  for (const version of Object.values({ ...direct, ...own.devDependencies }))
    expect(version).toMatch(/^\d+\.\d+\.\d+(?:-[\w.]+)?$/)
})

test('everything comes from the registry and is checked against its hash', () => {
  for (const [path, { resolved, integrity, link }] of Object.entries(lock.packages)) {
    if (path === '' || link === true || !path.startsWith('node_modules/')) continue
    expect([path, integrity]).toEqual([path, expect.stringMatching(/^sha512-/)])
    expect([path, resolved ?? 'https://registry.npmjs.org/']).toEqual([
      path,
      expect.stringMatching(/^https:\/\/registry\.npmjs\.org\//),
    ])
  }
})

test('the image runs as nobody in particular, holds no secret, and runs no script of a package while it is made', () => {
  const lines = read('Dockerfile').split('\n')
  const last = lines.slice(lines.findLastIndex(line => line.startsWith('FROM ')))
  expect(last.filter(line => line.startsWith('USER '))).toEqual(['USER node'])
  expect(last.findIndex(line => line.startsWith('USER '))).toBeLessThan(last.findIndex(line => line.startsWith('CMD ')))
  for (const line of lines.filter(each => each.includes('npm ci'))) expect(line).toContain('--ignore-scripts')
  expect(lines.filter(line => /^(?:ENV|ARG)\b.*(?:SECRET|TOKEN|PASSWORD|KEY)/.test(line))).toEqual([])
  expect(lines.filter(line => line.startsWith('ADD '))).toEqual([])
})

test('beside it the file system is read-only, and no secret has a default', () => {
  const compose = parse(read('compose.yaml')) as { services: Record<string, Record<string, unknown>> }
  expect(compose.services['lockstep']?.['read_only']).toBe(true)
  expect(JSON.stringify(compose)).not.toMatch(/PASSWORD:-|TOKEN:-|SECRET:-|KEYS:-/)
  expect(JSON.stringify(compose)).toContain('${POSTGRES_PASSWORD:?')
  for (const line of read('.env.example').split('\n'))
    if (/^(?:SECRET_KEYS|ADMIN_TOKEN|GOOGLE_CLIENT_\w+)=/.test(line)) expect(line).toMatch(/=$/)
})
