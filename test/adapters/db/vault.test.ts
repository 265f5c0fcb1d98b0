import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createVault } from '../../../src/adapters/db/vault.ts'

const newKey = (id: string) => ({ id, key: randomBytes(32) })
const [old, current, stranger] = [newKey('old'), newKey('current'), newKey('old')]
const vault = createVault([current, old])

test.each(['', 'token', 'x'.repeat(10_000), 'ключ 😀'])('what is sealed opens again: %.20s', plain => {
  const sealed = vault.seal(plain, 'row')
  expect(vault.open(sealed, 'row')).toBe(plain)
  if (plain.length > 3) expect(sealed).not.toContain(plain)
})

test('a sealed value opens nowhere else', () => {
  const sealed = vault.seal('token', 'tenant/connection/refresh')
  for (const context of ['tenant/other/refresh', 'tenant/connection/access', ''])
    expect(() => vault.open(sealed, context)).toThrow('changed or moved')
})

test('a change of any character is noticed', () => {
  const sealed = vault.seal('token', 'row')
  for (let at = 0; at < sealed.length; at += 1) {
    const other = sealed[at] === 'A' ? 'B' : 'A'
    const changed = sealed.slice(0, at) + other + sealed.slice(at + 1)
    expect(() => vault.open(changed, 'row'), `at ${at}: ${changed}`).toThrow()
  }
})

test.each(['', 'token', 'v1:current', 'v1:current::', 'v2:current:AAAAAAAAAAAAAAAA:AAAA', 'v1:current:AAAA:AAAA'])(
  'what was never sealed does not open: "%s"',
  text => expect(() => vault.open(text, 'row')).toThrow(),
)

test('two keys of the same bytes and other names do not open for one another', () => {
  const sealed = vault.seal('token', 'row')
  const renamed = createVault([{ id: 'renamed', key: current.key }])
  expect(() => renamed.open(sealed.replace('current', 'renamed'), 'row')).toThrow('changed or moved')
})

test('after a rotation the old values open and are stale, new ones are neither lost nor stale', () => {
  const sealed = createVault([old]).seal('token', 'row')
  expect(vault.open(sealed, 'row')).toBe('token')
  expect(vault.isStale(sealed)).toBe(true)
  const again = vault.seal(vault.open(sealed, 'row'), 'row')
  expect(vault.isStale(again)).toBe(false)
  expect(createVault([current]).open(again, 'row')).toBe('token')
  expect(() => createVault([current]).open(sealed, 'row')).toThrow('unknown key old')
})

test('another key under the same name does not open', () => {
  const sealed = createVault([old]).seal('token', 'row')
  expect(() => createVault([stranger]).open(sealed, 'row')).toThrow('changed or moved')
})

test('no nonce comes twice', () => {
  const nonces = new Set(Array.from({ length: 10_000 }, () => vault.seal('x', 'row').split(':')[2]))
  expect(nonces.size).toBe(10_000)
})

test('no key, no vault', () => expect(() => createVault([])).toThrow('needs a key'))
