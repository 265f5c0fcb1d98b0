import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createNames } from '../../../src/adapters/db/names.ts'

const key = (id: string, byte: number) => ({ id, key: Buffer.alloc(32, byte) })
const [oldest, middle, newest] = [key('a', 1), key('b', 2), key('c', 3)]
const names = createNames([oldest])
const rotated = createNames([newest, middle, oldest])
const of = { tenantId: 'clinic', calendarId: 'cal', appointmentId: 'apt_1', generation: 0 }

test('an event id is one that Google takes: base32hex in lower case, and says nothing', () => {
  const id = names.eventId(of)
  expect(id).toMatch(/^[0-9a-v]{40}$/)
  expect(id).not.toContain('apt')
})

test('names stay what they were when released: events in Google are found by them', () => {
  expect(names.eventId(of)).toMatchInlineSnapshot(`"ucuk4848h2t19bnsb7kl50fp4d0p3940mne70j0j"`)
  expect(names.markerKey(of)).toMatchInlineSnapshot(`"XpNrNRkooOY0k89lPVAv5YZyU_6cekIq"`)
})

test('events and markers keep their names through every rotation', () => {
  expect(rotated.eventId(of)).toBe(names.eventId(of))
  expect(rotated.markerKey(of)).toBe(names.markerKey(of))
  expect(createNames([newest]).eventId(of)).not.toBe(names.eventId(of))
})

test('different things have different names', () => {
  const thing = fc.record({
    tenantId: fc.constantFrom('a', 'ab', ''),
    calendarId: fc.constantFrom('b', 'bc', '', '1:b'),
    appointmentId: fc.constantFrom('c', 'bc', '', '1:b1:c'),
    generation: fc.nat(12),
  })
  fc.assert(
    fc.property(thing, thing, (one, other) => {
      const isSame = JSON.stringify(one) === JSON.stringify(other)
      expect(names.eventId(one) === names.eventId(other)).toBe(isSame)
    }),
  )
  expect(names.markerKey({ tenantId: 'a', appointmentId: 'bc' })).not.toBe(
    names.markerKey({ tenantId: 'ab', appointmentId: 'c' }),
  )
})

test('a mark is known for ours without knowing what it names, and only by the tenant that it was made for', () => {
  const mark = names.markerKey(of)
  expect(names.isOwnMark('clinic', mark)).toBe(true)
  expect(rotated.isOwnMark('clinic', mark)).toBe(true)
  expect(names.isOwnMark('other', mark)).toBe(false)
  expect(createNames([newest]).isOwnMark('clinic', mark)).toBe(false)
  for (const forged of ['', 'x', mark.slice(1), `${mark}A`, `${mark.startsWith('A') ? 'B' : 'A'}${mark.slice(1)}`])
    expect(names.isOwnMark('clinic', forged)).toBe(false)
})

test('a channel token is good for its channel alone', () => {
  const token = names.channelToken('channel')
  expect(names.isChannelToken('channel', token)).toBe(true)
  for (const [channel, forged] of [
    ['other', token],
    ['channel', ''],
    ['channel', `${token}x`],
    ['channel', token.slice(1)],
    ['', token],
  ] as const)
    expect(names.isChannelToken(channel, forged)).toBe(false)
})

test('a rotation drops no live channel, and a removed key forges none', () => {
  expect(rotated.isChannelToken('channel', names.channelToken('channel'))).toBe(true)
  expect(rotated.isChannelToken('channel', createNames([middle]).channelToken('channel'))).toBe(true)
  expect(rotated.channelToken('channel')).toBe(createNames([newest]).channelToken('channel'))
  expect(names.isChannelToken('channel', rotated.channelToken('channel'))).toBe(false)
})

test('a secret is kept as its SHA-256', () => {
  expect(names.hash('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})
