import { expect, test } from 'vitest'
import { changeHints } from '../../../src/adapters/worker/change-hints.ts'

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

test('hints that come during a run are one more run, each tenant by itself', async () => {
  const ran: string[] = []
  const gates = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()]
  const hint = changeHints(async tenantId => {
    ran.push(tenantId)
    if (tenantId === 'a') await gates[ran.filter(each => each === 'a').length - 1]?.promise
  }, silent)
  for (const tenantId of ['a', 'a', 'b', 'a']) hint(tenantId)
  await settled()
  expect(ran).toEqual(['a', 'b'])
  gates[0]?.resolve(undefined)
  await settled()
  expect(ran).toEqual(['a', 'b', 'a'])
  gates[1]?.resolve(undefined)
  await settled()
  expect(ran).toEqual(['a', 'b', 'a'])
  hint('a')
  await settled()
  expect(ran).toEqual(['a', 'b', 'a', 'a'])
})

test('a run that fails is told and stops no later one', async () => {
  const told: string[] = []
  let runs = 0
  const hint = changeHints(
    async () => {
      runs += 1
      throw new Error('the database is away')
    },
    { ...silent, warn: line => void told.push(line) },
  )
  hint('a')
  await settled()
  hint('a')
  await settled()
  expect([runs, told.length]).toEqual([2, 2])
})
