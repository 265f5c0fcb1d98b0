import { expect, test } from 'vitest'
import { realSystem } from '../../../src/adapters/system/system.ts'

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

test('ids are UUIDv7, ascend, and none is given twice, however fast they are asked for', () => {
  const { newId } = realSystem()
  const ids = Array.from({ length: 50_000 }, () => newId())
  expect(ids.filter(id => !UUID_V7.test(id))).toEqual([])
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.slice(1).every((id, index) => id > (ids[index] ?? ''))).toBe(true)
})

test('an id begins with the time it was made at', () => {
  const { newId, now } = realSystem()
  const madeAt = parseInt(newId().replaceAll('-', '').slice(0, 12), 16)
  expect(Math.abs(madeAt - now())).toBeLessThan(1_000)
})

test('a secret has the bytes that were asked for and is no other', () => {
  const { newSecret } = realSystem()
  expect(Buffer.from(newSecret(32), 'base64url')).toHaveLength(32)
  expect(newSecret(32)).not.toBe(newSecret(32))
})

test('a sleep ends with its signal, before or during it', async () => {
  const { sleep } = realSystem()
  await sleep(3_600_000, AbortSignal.abort())
  const stopping = new AbortController()
  const slept = sleep(3_600_000, stopping.signal)
  stopping.abort()
  await slept
})
