import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const CONTROLS = [
  ...['A1', 'A2', 'A3', 'A4', 'A5', 'A6', 'A7', 'A8', 'A9', 'A10', 'A11', 'A12', 'O1', 'O2', 'O3', 'O4', 'O5', 'O6'],
  ...['K1', 'K2', 'K3', 'K4', 'W1', 'W2', 'W3', 'W4', 'P1', 'P2', 'P3', 'P4', 'P5', 'P6', 'L1a', 'L2a'],
  ...['C1', 'C2', 'C3', 'C4'],
]

type Control = { id: string; tests: { file: string; title: string }[]; reason: string | null }

/** The list under "Checklist": a control per point, its tests and reasons one level deeper. */
function controlsOf(page: string): Control[] {
  const controls: Control[] = []
  for (const line of page.slice(page.indexOf('\n## Checklist\n')).split('\n')) {
    const id = /^- \*\*(\w+)\*\* \S/.exec(line)?.[1]
    if (id !== undefined) controls.push({ id, tests: [], reason: null })
    const [, file, title] = /^ {2}- `(test\/\S+) › (.+)`$/.exec(line) ?? []
    if (file !== undefined && title !== undefined) controls.at(-1)?.tests.push({ file, title })
    const reason = /^ {2}- Reason: (.{30,})$/.exec(line)?.[1]
    const current = controls.at(-1)
    if (reason !== undefined && current !== undefined) current.reason = reason
  }
  return controls
}

/** What is missing; the title must stand in its file as the beginning or a part of a test's own. */
function faultsOf(controls: readonly Control[], read: (file: string) => string | null): string[] {
  const without = CONTROLS.filter(id => !controls.some(each => each.id === id)).map(id => `${id} has no line`)
  return without.concat(
    controls.flatMap(({ id, tests, reason }) => [
      ...(tests.length === 0 && reason === null ? [`${id} has neither test nor reason`] : []),
      ...tests.flatMap(({ file, title }) => {
        const source = read(file)
        if (source === null) return [`${id}: there is no ${file}`]
        const isTitle = source
          .split('\n')
          .some(line => /['`]/.test(line) && line.includes(title) && !/^\s*(?:\/\/|\*)/.test(line))
        return isTitle ? [] : [`${id}: no test "${title}" in ${file}`]
      }),
    ]),
  )
}

const read = (file: string): string | null =>
  existsSync(join(ROOT, file)) ? readFileSync(join(ROOT, file), 'utf8') : null
const page = read('SECURITY.md') ?? ''

test('every control has its line, and every test that a line names is there', () => {
  const controls = controlsOf(page)
  expect(controls.map(({ id }) => id)).toEqual(CONTROLS)
  expect(faultsOf(controls, read)).toEqual([])
  expect(controls.flatMap(({ tests }) => tests).length).toBeGreaterThan(70)
})

test('a title that is gone, a file that is gone, a line without either and a line that is missing are told', () => {
  const short = page
    .replace('- **A1** ', '- **A1** x ')
    .replace('an error tells its code, and not the values it was about', 'no such test')
    .replace('test/security/crypto.test.ts', 'test/security/nosuch.test.ts')
    .replace(/\n {2}- Reason: no receiver.*\n/, '\n')
    .replace(/\n- \*\*C2\*\*.*\n.*\n/, '\n')
  expect(faultsOf(controlsOf(short), read)).toEqual([
    'C2 has no line',
    'O6 has neither test nor reason',
    'K1: there is no test/security/nosuch.test.ts',
    'K3: no test "no such test" in test/adapters/db/database.pg.test.ts',
  ])
})

test('threats, data and keys are written down', () => {
  for (const heading of ['What is kept, and how', 'Threats', 'Keys', 'What leaves the machine', 'For clinics'])
    expect(page).toContain(`\n## ${heading}\n`)
  expect(read('README.md')).toContain('SECURITY.md')
})
