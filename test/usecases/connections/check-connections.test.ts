import { beforeEach, expect, test } from 'vitest'
import { checkConnections } from '../../../src/usecases/connections/check-connections.ts'
import { pauseConnection } from '../../../src/usecases/connections/pause-connection.ts'
import { must } from '../../support/clinic-desk.ts'
import { createEngine, TENANT, type Engine } from '../../support/engine.ts'
import { createMemoryStore } from '../../support/memory-store.ts'
import { control, inPath } from '../../support/trouble.ts'

let engine: Engine
beforeEach(async () => {
  engine = createEngine(wake => createMemoryStore(wake))
  await engine.connect({ userId: 'dr-lee' })
  await engine.connect({ userId: 'dr-kim' })
  engine.deps.system.sleep = async () => {
    await engine.settle() // Google’s word of the test change comes in meanwhile
  }
})
const check = (connectionId: string | null, limit = 10) => checkConnections(engine.deps, { connectionId, limit })

test('all that are active are tried, each with every check, and those that somebody stopped are not', async () => {
  must(await pauseConnection(engine.deps, { tenantId: TENANT, connectionId: 'con_dr-kim' }))
  const { checked, isAll } = await check(null)
  expect(isAll).toBe(true)
  expect(checked.map(({ tenantId, connectionId, userId }) => [tenantId, connectionId, userId])).toEqual([
    [TENANT, 'con_dr-lee', 'dr-lee'],
  ])
  expect(checked[0]?.checks.map(({ name, status }) => `${name} ${status}`)).toEqual([
    'token ok',
    'scopes ok',
    'calendar_readable ok',
    'calendar_writable ok',
    'push_channel_live ok',
    'clock ok',
  ])
})

test('one is found by its whole id alone, whatever state it is in, and an unknown one is none', async () => {
  must(await pauseConnection(engine.deps, { tenantId: TENANT, connectionId: 'con_dr-kim' }))
  expect((await check('con_dr-kim')).checked.map(each => each.connectionId)).toEqual(['con_dr-kim'])
  expect((await check('con_dr')).checked).toEqual([])
})

test('a dead grant is said with what to do, and more than the limit is said too', async () => {
  control(engine, 'POST', `accounts/${inPath('dr-lee@example.com')}/revoke`)
  const { checked } = await check('con_dr-lee')
  expect(checked[0]?.checks[0]).toMatchObject({
    name: 'token',
    status: 'failed',
    remedy: expect.stringContaining('connect again'),
  })
  expect((await check(null, 1)).isAll).toBe(false)
})
