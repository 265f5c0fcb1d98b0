import { beforeEach, describe, expect, test } from 'vitest'
import type { ChosenCalendars } from '../../../src/core/model/calendar-choice.ts'
import { chooseCalendars } from '../../../src/usecases/calendars/choose-calendars.ts'
import { listCalendars } from '../../../src/usecases/calendars/list-calendars.ts'
import { planChoice } from '../../../src/usecases/calendars/plan-choice.ts'
import { createTenant } from '../../../src/usecases/tenants/create-tenant.ts'
import { aCalendar, aConnection, aLink, anAppointment } from '../../support/builders.ts'
import { aListedCalendar, connectionsWorld, type World } from '../../support/connections-world.ts'

let world: World
let who: { tenantId: string; connectionId: string }

beforeEach(async () => {
  world = connectionsWorld()
  const made = await createTenant(world, { name: 'Clinic' })
  if (!made.ok) throw new Error('no tenant')
  who = { tenantId: made.value.id, connectionId: 'con_1' }
  world.state.connections.push(aConnection({ tenantId: who.tenantId, status: 'pending' }))
  world.google.answers.calendars = [
    aListedCalendar(),
    aListedCalendar({ id: 'team', summary: 'Team', accessRole: 'reader', isPrimary: false }),
    aListedCalendar({ id: 'boss', summary: 'Boss', accessRole: 'freeBusyReader', isPrimary: false }),
  ]
})

const choose = (choice: Partial<ChosenCalendars>) =>
  chooseCalendars(world, { ...who, choice: { target: null, sources: [], conflicts: [], ...choice } })
const uses = () =>
  Object.fromEntries(
    world.state.calendars.map(each => [each.id, [each.isTarget, each.isSource, each.isConflict].map(Number).join('')]),
  )

describe('the list', () => {
  test('tells what each calendar may be used for, the primary one first, and why not', async () => {
    const listed = await listCalendars(world, who)
    if (!listed.ok) throw new Error('no list')
    const may = listed.value.map(each => [each.summary, each.canBeTarget, each.canBeSource, each.canBeConflict])
    expect(may).toEqual([
      ['Dr Lee', true, true, true],
      ['Boss', false, false, true],
      ['Team', false, true, true],
    ])
    expect(listed.value.map(each => each.reason !== null)).toEqual([false, true, true])
  })

  test('of a dead grant says to connect again', async () => {
    world.google.answers.failure = { kind: 'access-revoked' }
    expect(await listCalendars(world, who)).toMatchObject({ error: { kind: 'conflict', slug: 'needs-reauth' } })
  })
})

describe('the choice', () => {
  test('of a new calendar makes it once, in the user’s zone, and starts the first sync', async () => {
    const outcome = await choose({
      target: { create: 'Appointments' },
      sources: ['lee@example.com'],
      conflicts: ['boss'],
    })
    expect(world.google.seen.created).toEqual(['Appointments'])
    expect(uses()).toEqual({ 'created1@group': '100', 'lee@example.com': '010', boss: '001' })
    expect(world.state.calendars.find(each => each.isTarget)).toMatchObject({ timeZone: 'America/New_York' })
    const [run] = world.state.runs
    expect(outcome).toEqual({ ok: true, value: { runId: run!.id } })
    expect(run).toMatchObject({ kind: 'first_sync', state: 'queued' })
    expect(world.state.wakes).toEqual([{ kind: 'prepare', ...who, runId: run!.id }])
    expect(world.state.connections[0]!.status).toBe('pending')
  })

  test('sent twice at the same moment makes one calendar', async () => {
    await Promise.all([choose({ target: { create: 'Appointments' } }), choose({ target: { create: 'Appointments' } })])
    expect(world.google.seen.created).toEqual(['Appointments'])
    expect(world.state.runs.map(run => run.state).toSorted()).toEqual(['cancelled', 'queued'])
  })

  test('repeated after a crash that forgot the new calendar finds it again', async () => {
    await choose({ target: { create: 'Appointments' } })
    world.state.calendars.length = 0
    await choose({ target: { create: ' Appointments ' } })
    expect(world.google.seen.created).toEqual(['Appointments'])
    expect(uses()).toEqual({ 'created1@group': '100' })
  })

  test.each([
    ['a read-only target', { target: { calendarId: 'team' } }, 'target.calendarId'],
    ['an unknown target', { target: { calendarId: 'nobody' } }, 'target.calendarId'],
    ['a source that shows only busy times', { sources: ['lee@example.com', 'boss'] }, 'sources.1'],
    ['an unknown conflict calendar', { conflicts: ['nobody'] }, 'conflicts.0'],
    ['nothing at all', {}, 'target'],
    ['a nameless calendar', { target: { create: '  ' } }, 'target.create'],
  ])('of %s is refused by its path and makes nothing', async (_sentence, choice, path) => {
    expect(await choose(choice)).toMatchObject({ error: { kind: 'invalid', problems: [{ path }] } })
    expect(world.google.seen.created).toEqual([])
    expect(world.state.calendars).toEqual([])
    expect(world.state.runs).toEqual([])
  })

  test('of a second target for the same user is refused, of sources alone is not', async () => {
    world.state.connections.push(aConnection({ tenantId: who.tenantId, id: 'con_2', googleSub: 'sub_2' }))
    world.state.calendars.push(aCalendar({ tenantId: who.tenantId, connectionId: 'con_2', id: 'other' }))
    expect(await choose({ target: { create: 'Appointments' } })).toMatchObject({ error: { slug: 'target-exists' } })
    expect(world.google.seen.created).toEqual([])
    expect(await choose({ sources: ['team'] })).toMatchObject({ ok: true })
  })

  test.each(['paused', 'needs_reauth', 'held', 'disconnected'] as const)('while %s is refused', async status => {
    world.state.connections[0] = aConnection({ tenantId: who.tenantId, status })
    expect(await choose({ sources: ['team'] })).toMatchObject({ error: { slug: 'wrong-status' } })
    expect(world.google.seen.listed).toBe(0)
  })

  test('while a permission is missing is refused', async () => {
    world.state.connections[0] = aConnection({ tenantId: who.tenantId, status: 'pending', missingScopes: ['x'] })
    expect(await choose({ sources: ['team'] })).toMatchObject({ error: { slug: 'scope-missing' } })
  })

  test('a calendar that becomes a source is listed in full again; one that stays so is not', async () => {
    world.state.connections[0] = aConnection({ tenantId: who.tenantId })
    const kept = aCalendar({ tenantId: who.tenantId, id: 'lee@example.com', isTarget: false })
    const closer = aCalendar({ tenantId: who.tenantId, id: 'team', isTarget: false, isSource: false, isConflict: true })
    world.state.calendars.push(kept, closer)
    await choose({ sources: ['lee@example.com', 'team'] })
    const tokens = world.state.calendars.map(each => [each.id, each.cursor.syncToken])
    expect(tokens).toEqual([
      ['lee@example.com', 'token'],
      ['team', null],
    ])
    expect(world.state.runs).toMatchObject([{ kind: 'resync' }])
  })
})

test('the plan of another target inserts in the new and deletes in the old, and makes nothing', async () => {
  world.state.connections[0] = aConnection({ tenantId: who.tenantId })
  world.state.calendars.push(aCalendar({ tenantId: who.tenantId, id: 'lee@example.com' }))
  world.state.appointments.push(anAppointment({ tenantId: who.tenantId }))
  world.state.eventLinks.push(aLink({ tenantId: who.tenantId, calendarId: 'lee@example.com' }))
  const choice = { target: { create: 'Appointments' }, sources: [], conflicts: [] }
  const plan = await planChoice(world, { ...who, choice })
  expect(plan).toMatchObject({
    value: {
      google: [
        { action: 'insert', appointmentId: 'apt_1', calendarId: '(new calendar)', summary: 'Follow-up, Jane Roe' },
        { action: 'delete', appointmentId: 'apt_1', calendarId: 'lee@example.com' },
      ],
      counts: { insert: 1, update: 0, delete: 1, local: 0 },
    },
  })
  expect(world.google.seen.created).toEqual([])
  expect(world.state.runs).toEqual([])
})
