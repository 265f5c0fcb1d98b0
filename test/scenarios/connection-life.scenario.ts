import { beforeEach, describe, expect, test } from 'vitest'
import type { ChosenCalendars } from '../../src/core/model/calendar-choice.ts'
import { addAccount, addCalendar, seedEvents } from '../../src/simulator/testing.ts'
import { deleteCalendar } from '../../src/simulator/calendars.ts'
import { cancelAppointment } from '../../src/usecases/appointments/cancel-appointment.ts'
import { patchAppointment } from '../../src/usecases/appointments/patch-appointment.ts'
import { putAppointment } from '../../src/usecases/appointments/put-appointment.ts'
import { chooseCalendars } from '../../src/usecases/calendars/choose-calendars.ts'
import { planChoice } from '../../src/usecases/calendars/plan-choice.ts'
import { disconnect, planDisconnect } from '../../src/usecases/connections/disconnect.ts'
import { markNeedsReauth } from '../../src/usecases/connections/mark-needs-reauth.ts'
import { pauseConnection, resumeConnection } from '../../src/usecases/connections/pause-connection.ts'
import type { Plan } from '../../src/usecases/connections/plan.ts'
import { planReset } from '../../src/usecases/connections/plan-reset.ts'
import { resetConnection } from '../../src/usecases/connections/reset-connection.ts'
import { pushExisting, syncNow } from '../../src/usecases/connections/sync-now.ts'
import { cancelRun } from '../../src/usecases/runs/cancel-run.ts'
import { TENANT, type Connected, type ConnectOptions, type Engine } from '../support/engine.ts'
import { markRequests, personAt, type GoogleEvent } from '../support/person.ts'
import { goThroughGoogle } from '../support/reconnect.ts'
import { DAY, HOUR, MINUTE, NOW } from '../support/builders.ts'

/**
 * Living with a connection, from the first sync to the end and back: nothing is lost, nothing is doubled, and what was planned is what is done.
 * @param manyfold how many times two hundred changes each side makes while it is away.
 */
export function connectionLifeScenario(newEngine: () => Promise<Engine>, manyfold = 1): void {
  let engine: Engine
  let connected: Connected
  let person: ReturnType<typeof personAt>

  const which = () => ({ tenantId: connected.tenantId, connectionId: connected.connectionId })
  const start = async (options: ConnectOptions = {}): Promise<void> => {
    connected = await engine.connect(options)
    await engine.settle()
    person = personAt(engine, connected)
  }
  const settled = async (): Promise<void> => {
    await engine.settle()
    await engine.advance(2 * MINUTE)
  }
  const span = (startAt: number, minutes = 30) => ({
    start: { dateTime: new Date(startAt).toISOString(), timeZone: 'America/New_York' },
    end: { dateTime: new Date(startAt + minutes * MINUTE).toISOString(), timeZone: 'America/New_York' },
  })
  const book = async (id: string, startAt: number, more: object = {}): Promise<void> => {
    const body = { userId: 'dr-lee', kind: 'appointment', title: `Visit ${id}`, ...span(startAt), ...more }
    const answer = await putAppointment(engine.deps, { tenantId: TENANT, id, body, ifMatch: null, onConflict: 'allow' })
    if (!answer.ok) throw new Error(JSON.stringify(answer.error))
  }
  const cancel = (id: string) =>
    cancelAppointment(engine.deps, { tenantId: TENANT, id, reason: 'cancelled', ifMatch: null })
  const imported = (isArchived = false) =>
    engine.deps.store.listAppointments(TENANT, {
      userId: 'dr-lee',
      from: null,
      to: null,
      origin: 'google',
      status: null,
      isArchived,
      after: null,
      limit: 500,
    })
  const names = (events: readonly GoogleEvent[]) => events.map(event => event.summary ?? '').toSorted()
  const another = (summary: string): string =>
    addCalendar(engine.simulator.world, {
      owner: addAccount(engine.simulator.world, { email: connected.email }),
      summary,
      timeZone: 'America/New_York',
    }).id
  const at = (calendarId: string) => personAt(engine, { email: connected.email, calendarId })
  const must = <T>(outcome: { ok: true; value: T } | { ok: false; error: unknown }): T => {
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.error))
    return outcome.value
  }
  const choose = async (choice: Partial<ChosenCalendars>): Promise<string> =>
    must(
      await chooseCalendars(engine.deps, {
        ...which(),
        choice: { target: null, sources: [], conflicts: [], ...choice },
      }),
    ).runId
  const run = (id: string) => engine.deps.store.run(TENANT, id)
  const connection = () => engine.deps.store.connection(TENANT, connected.connectionId)
  const changes = async (since = 0) => engine.deps.store.changes(TENANT, since, 5_000)
  const lastSeq = async (): Promise<number> => (await changes()).at(-1)?.seq ?? 0
  /** Each write that took effect, as the plan names them. */
  const writesSince = (mark: number): string[] =>
    engine.simulator.world.requestLog
      .slice(mark)
      .filter(entry => entry.clientId === 'client' && entry.status < 300)
      .filter(entry => /insert|update|patch|delete|move/.test(entry.kind))
      .map(entry => entry.kind.replace('events.', '').replace('patch', 'update'))
      .toSorted()
  const planned = (plan: Plan): string[] => plan.google.map(write => write.action).toSorted()
  const mails = (): number =>
    engine.simulator.world.requestLog
      .filter(entry => entry.clientId === 'client')
      .reduce((sum, entry) => sum + entry.mails, 0)
  const seed = (calendarId: string, count: number): void => {
    const calendar = engine.simulator.world.calendars.get(calendarId)
    if (calendar === undefined) throw new Error('no such calendar')
    seedEvents(
      engine.simulator.world,
      calendar,
      Array.from({ length: count }, (_, index) => ({
        summary: `Own ${index}`,
        start: { dateTime: new Date(NOW + (index + 1) * HOUR).toISOString() },
        end: { dateTime: new Date(NOW + (index + 1) * HOUR + 20 * MINUTE).toISOString() },
      })),
    )
  }

  const reconnect = async (): Promise<void> => {
    const outcome = await goThroughGoogle(engine, connected)
    expect(outcome).toMatchObject({ kind: 'connected', connection: { id: connected.connectionId } })
  }

  /** The process dies right after the nth call to Google from now on has taken effect. */
  const dieAt = (nth: number): void => {
    let calls = 0
    engine.deps.google = new Proxy(engine.deps.google, {
      get: (google, name) => {
        const method: unknown = Reflect.get(google, name)
        if (typeof method !== 'function') return method
        return async (...args: unknown[]) => {
          const reply: unknown = await method.apply(google, args)
          if (++calls === nth) throw new Error('the process died')
          return reply
        }
      },
    })
  }

  beforeEach(async () => {
    engine = await newEngine()
  })

  describe('runs', () => {
    test('the first sync counts what it reads, then what it writes, and tells its end once', async () => {
      await start({ before: id => seed(id, 40) })
      const done = await run('run_dr-lee')
      expect(done).toMatchObject({ kind: 'first_sync', state: 'done', done: 40, total: 40, error: null })
      const finished = (await changes()).filter(row => row.change?.type === 'run.finished')
      expect(finished.map(row => row.change?.data)).toMatchObject([{ id: 'run_dr-lee', state: 'done', done: 40 }])
    })

    test('a resync lists everything again into a new generation and doubles nothing', async () => {
      await start({ before: id => seed(id, 20) })
      await book('apt_1', NOW + DAY)
      await settled()
      const before = await engine.deps.store.calendar(TENANT, connected.connectionId, connected.calendarId)
      const seq = await lastSeq()
      const { runId } = must(await syncNow(engine.deps, which()))
      await settled()
      const after = await engine.deps.store.calendar(TENANT, connected.connectionId, connected.calendarId)
      expect(after?.cursor.generation).toBe((before?.cursor.generation ?? 0) + 1)
      expect(await run(runId)).toMatchObject({ kind: 'resync', state: 'done' })
      expect(await imported()).toHaveLength(20)
      expect(await person.events()).toHaveLength(21)
      expect((await changes(seq)).map(row => row.change?.type)).toEqual(['run.finished'])
    })

    test('pushing what exists goes behind what people do, and each is written once', async () => {
      await start({ window: { daysBack: 1, daysAhead: 2 } })
      for (let index = 0; index < 12; index++) await book(`apt_${index}`, NOW + 5 * DAY + index * HOUR)
      await settled()
      expect(await person.events()).toEqual([])
      const current = await connection()
      if (current === null) throw new Error('gone')
      await engine.deps.store.transaction(TENANT, tx =>
        tx.saveConnection({ ...current, window: { daysBack: 1, daysAhead: 30 } }),
      )
      const mark = markRequests(engine)
      const { runId } = must(await pushExisting(engine.deps, which()))
      await settled()
      expect(writesSince(mark)).toEqual(Array.from({ length: 12 }, () => 'insert'))
      expect(await run(runId)).toMatchObject({ kind: 'push_existing', state: 'done', done: 12, total: 12 })
    })

    test('a run that is cancelled stops, says so once and cannot be cancelled when it has ended', async () => {
      await start()
      const { runId } = must(await syncNow(engine.deps, which()))
      expect(await cancelRun(engine.deps, { tenantId: TENANT, runId })).toMatchObject({ value: { state: 'cancelled' } })
      expect(await cancelRun(engine.deps, { tenantId: TENANT, runId })).toMatchObject({ value: { state: 'cancelled' } })
      const mark = markRequests(engine)
      await engine.settle()
      expect(engine.simulator.world.requestLog.length - mark).toBeLessThan(4)
      expect(await run(runId)).toMatchObject({ state: 'cancelled' })
      expect(await cancelRun(engine.deps, { tenantId: TENANT, runId: 'run_dr-lee' })).toMatchObject({
        error: { slug: 'run-finished' },
      })
      expect(await cancelRun(engine.deps, { tenantId: 'stranger', runId })).toMatchObject({
        error: { kind: 'not-found' },
      })
    })

    test('a pause stops a run, and resuming goes on with it', async () => {
      await start()
      const { runId } = must(await syncNow(engine.deps, which()))
      must(await pauseConnection(engine.deps, which()))
      const mark = markRequests(engine)
      await settled()
      expect(engine.simulator.world.requestLog.length).toBe(mark)
      expect((await run(runId))?.state).toBe('queued')
      must(await resumeConnection(engine.deps, which()))
      await settled()
      expect((await run(runId))?.state).toBe('done')
    })

    test('without its target a run fails, says why, and can be started again', async () => {
      await start()
      const calendar = engine.simulator.world.calendars.get(connected.calendarId)
      if (calendar === undefined) throw new Error('gone')
      const { runId } = must(await syncNow(engine.deps, which()))
      deleteCalendar(engine.simulator.world, calendar)
      await engine.advance(HOUR)
      expect(await run(runId)).toMatchObject({ state: 'failed', error: expect.stringContaining('no longer exists') })
      const target = another('Second')
      const next = await choose({ target: { calendarId: target } })
      await settled()
      expect(await run(next)).toMatchObject({ state: 'done' })
    })
  })

  describe('another target', () => {
    test('takes what is to come along, leaves what is over, and doubles nothing, there and back', async () => {
      await start()
      await book('past', NOW - 2 * DAY)
      for (let index = 0; index < 5; index++) await book(`apt_${index}`, NOW + DAY + index * HOUR)
      await settled()
      const second = another('Second')
      const choice = { target: { calendarId: second }, sources: [], conflicts: [] }
      const plan = must(await planChoice(engine.deps, { ...which(), choice }))
      const mark = markRequests(engine)
      const runId = await choose({ target: { calendarId: second } })
      await settled()
      expect(await run(runId)).toMatchObject({ kind: 'switch', state: 'done' })
      expect(writesSince(mark)).toEqual(planned(plan))
      expect(names(await person.events())).toEqual(['Visit past'])
      expect(names(await at(second).events())).toEqual([0, 1, 2, 3, 4].map(index => `Visit apt_${index}`))
      await choose({ target: { calendarId: connected.calendarId } })
      await settled()
      expect(names(await at(second).events())).toEqual([])
      expect(names(await person.events())).toEqual([
        ...[0, 1, 2, 3, 4].map(index => `Visit apt_${index}`),
        'Visit past',
      ])
      const still = await engine.deps.store.appointment(TENANT, 'apt_1')
      expect(still).toMatchObject({
        appointment: { status: 'confirmed' },
        links: [{ calendarId: connected.calendarId }],
      })
    })

    test('keeps an edit that a person made in the old one in the last moment', async () => {
      await start()
      await book('apt_1', NOW + DAY)
      await settled()
      const [event] = await person.events()
      await person.patch(event?.id ?? '', span(NOW + 2 * DAY))
      const second = another('Second')
      await choose({ target: { calendarId: second } })
      await settled()
      expect(await person.events()).toEqual([])
      const moved = await at(second).events()
      expect(moved).toHaveLength(1)
      expect(Date.parse((moved[0]?.['start'] as { dateTime: string }).dateTime)).toBe(NOW + 2 * DAY)
    })

    test('takes a series with a moved and a cancelled occurrence', async () => {
      await start()
      await book('series', NOW + DAY, { recurrence: ['RRULE:FREQ=DAILY;COUNT=5'] })
      await book('moved', NOW + 3 * DAY + 5 * HOUR, { recurringId: 'series', originalStart: span(NOW + 3 * DAY).start })
      await book('off', NOW + 4 * DAY, { recurringId: 'series', originalStart: span(NOW + 4 * DAY).start })
      await settled()
      await cancel('off')
      await settled()
      const second = another('Second')
      await choose({ target: { calendarId: second } })
      await settled()
      expect(await person.events()).toEqual([])
      const [master] = (await at(second).events()).filter(each => each['recurrence'] !== undefined)
      const starts = (await at(second).instances(master?.id ?? '')).map(each =>
        Date.parse((each['start'] as { dateTime: string }).dateTime),
      )
      expect(starts.toSorted()).toEqual(
        [1, 2, 5]
          .map(day => NOW + day * DAY)
          .concat(NOW + 3 * DAY + 5 * HOUR)
          .toSorted(),
      )
    })

    test('stays the only one, though the old one was being listed when it was chosen', async () => {
      await start()
      await book('apt_1', NOW + DAY)
      await settled()
      const second = another('Second')
      const { google } = engine.deps
      let isChosen = false
      engine.deps.google = {
        ...google,
        listEvents: async (who, request) => {
          const reply = await google.listEvents(who, request)
          if (!isChosen) {
            isChosen = true
            await choose({ target: { calendarId: second }, sources: [connected.calendarId] })
          }
          return reply
        },
      }
      await person.insert({ summary: 'My own', ...span(NOW + DAY) })
      await settled()
      const calendars = await engine.deps.store.calendarsOf(TENANT, connected.connectionId)
      expect(calendars.filter(each => each.isTarget).map(each => each.id)).toEqual([second])
      expect(names(await person.events())).toEqual(['My own'])
      expect(names(await at(second).events())).toEqual(['Visit apt_1'])
      expect((await imported()).map(each => each.appointment.title)).toEqual(['My own'])
    })

    test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])('is resumed after a crash at request %i', async failing => {
      await start()
      for (let index = 0; index < 3; index++) await book(`apt_${index}`, NOW + DAY + index * HOUR)
      await settled()
      const second = another('Second')
      const runId = await choose({ target: { calendarId: second } })
      dieAt(failing)
      await settled().catch((error: unknown) => expect(error).toMatchObject({ message: 'the process died' }))
      await engine.deps.jobs.wake([
        { kind: 'prepare', ...which(), runId },
        { kind: 'flush', ...which() },
      ])
      await engine.advance(HOUR)
      expect((await run(runId))?.state).toBe('done')
      expect(names(await person.events())).toEqual([])
      expect(names(await at(second).events())).toEqual(['Visit apt_0', 'Visit apt_1', 'Visit apt_2'])
    })
  })

  describe('sources', () => {
    test('no longer used are archived with their history, and come back under the same ids', async () => {
      await start({ before: id => seed(id, 6) })
      const side = another('Side')
      seed(side, 4)
      const target = { calendarId: connected.calendarId }
      await choose({ target, sources: [connected.calendarId, side] })
      await settled()
      const before = (await imported()).map(each => each.appointment.id)
      expect(before).toHaveLength(10)
      const choice = { target, sources: [connected.calendarId], conflicts: [] }
      const plan = must(await planChoice(engine.deps, { ...which(), choice }))
      expect(plan).toMatchObject({ google: [], counts: { local: 4 } })
      const mark = markRequests(engine)
      await choose({ target, sources: [connected.calendarId] })
      await settled()
      const archived = await imported(true)
      expect(archived.map(each => each.appointment.id).toSorted()).toEqual(
        plan.local.map(each => each.appointmentId).toSorted(),
      )
      const history = await engine.deps.store.history(TENANT, archived[0]?.appointment.id ?? '', 10)
      expect(history.map(row => row.rule)).toEqual(['new-in-google', 'calendar-no-longer-used'])
      expect(writesSince(mark)).toEqual([])
      expect(await at(side).events()).toHaveLength(4)
      await choose({ target, sources: [connected.calendarId, side] })
      await settled()
      expect((await imported()).map(each => each.appointment.id).toSorted()).toEqual(before.toSorted())
      expect(await imported(true)).toEqual([])
      expect((await imported()).map(each => each.appointment.version).toSorted()).toEqual([
        1, 1, 1, 1, 1, 1, 3, 3, 3, 3,
      ])
    })

    test('that only block time from now on give up their words, and get them back', async () => {
      await start({ before: id => seed(id, 2) })
      const target = { calendarId: connected.calendarId }
      await choose({ target, conflicts: [connected.calendarId] })
      await settled()
      expect((await imported()).map(each => [each.appointment.kind, each.appointment.title])).toEqual([
        ['block', null],
        ['block', null],
      ])
      await choose({ target, sources: [connected.calendarId] })
      await settled()
      expect((await imported()).map(each => [each.appointment.kind, each.appointment.title])).toEqual([
        ['event', 'Own 0'],
        ['event', 'Own 1'],
      ])
    })
  })

  describe('starting over', () => {
    const busyLife = async (): Promise<void> => {
      await start({ before: id => seed(id, 5) })
      for (let index = 0; index < 6; index++) await book(`apt_${index}`, NOW + DAY + index * HOUR)
      await book('series', NOW + 2 * DAY, { recurrence: ['RRULE:FREQ=DAILY;COUNT=3'] })
      await settled()
    }

    test.each(['keep', 'remove'] as const)('does what its plan said, line by line (%s)', async googleEvents => {
      await busyLife()
      const events = names(await person.events())
      const ids = (await imported()).map(each => each.appointment.id)
      const plan = must(await planReset(engine.deps, { ...which(), googleEvents }))
      expect(plan.counts).toMatchObject(
        googleEvents === 'keep' ? { insert: 0, update: 0, delete: 0 } : { insert: 7, update: 0, delete: 7 },
      )
      const mark = markRequests(engine)
      const { runId } = must(await resetConnection(engine.deps, { ...which(), googleEvents }))
      expect((await connection())?.status).toBe('pending')
      await settled()
      expect(await run(runId)).toMatchObject({ kind: 'reset', state: 'done' })
      expect(writesSince(mark)).toEqual(planned(plan))
      expect(names(await person.events())).toEqual(events)
      expect((await imported()).map(each => each.appointment.id)).toEqual(ids)
      expect((await connection())?.status).toBe('active')
      expect((await engine.deps.store.appointment(TENANT, 'apt_1'))?.links).toHaveLength(1)
      expect(mails()).toBe(0)
    })

    test('pairs an event again although it was edited, and says so in the plan', async () => {
      await busyLife()
      const [event] = (await person.events()).filter(each => each.summary === 'Visit apt_2')
      await patchAppointment(engine.deps, {
        tenantId: TENANT,
        id: 'apt_2',
        body: { title: 'Renamed' },
        ifMatch: null,
        onConflict: 'allow',
      })
      const plan = must(await planReset(engine.deps, { ...which(), googleEvents: 'keep' }))
      expect(plan.google).toMatchObject([{ action: 'update', appointmentId: 'apt_2', eventId: event?.id }])
      const mark = markRequests(engine)
      must(await resetConnection(engine.deps, { ...which(), googleEvents: 'keep' }))
      await settled()
      expect(writesSince(mark)).toEqual(['update'])
      expect((await person.get(event?.id ?? '')).summary).toBe('Renamed')
    })

    test('what is gone from Google meanwhile is archived, and deletions of our own cancel nothing', async () => {
      await busyLife()
      const [own] = (await person.events()).filter(each => each.summary === 'Own 3')
      engine.simulator.faults.rules = []
      await person.remove(own?.id ?? '')
      must(await resetConnection(engine.deps, { ...which(), googleEvents: 'remove' }))
      await settled()
      expect((await imported(true)).map(each => each.appointment.title)).toEqual(['Own 3'])
      for (let index = 0; index < 6; index++)
        expect((await engine.deps.store.appointment(TENANT, `apt_${index}`))?.appointment.status).toBe('confirmed')
    })
  })

  describe('the end, and a new beginning', () => {
    test('removes what was planned, and archives what came from Google', async () => {
      await start({ before: id => seed(id, 3) })
      for (let index = 0; index < 4; index++) await book(`apt_${index}`, NOW + DAY + index * HOUR)
      await settled()
      const plan = must(await planDisconnect(engine.deps, { ...which(), googleEvents: 'remove' }))
      expect(plan.counts).toEqual({ insert: 0, update: 0, delete: 4, local: 3 })
      const mark = markRequests(engine)
      must(await disconnect(engine.deps, { ...which(), googleEvents: 'remove' }))
      await settled()
      expect(writesSince(mark)).toEqual(planned(plan))
      expect(names(await person.events())).toEqual(['Own 0', 'Own 1', 'Own 2'])
      expect(await imported()).toEqual([])
      expect(await imported(true)).toHaveLength(3)
      expect(await engine.deps.store.credentials(TENANT, connected.connectionId)).toBeNull()
    })

    test('kept events are taken up again by the same account: what changed meanwhile is brought there, nothing is doubled', async () => {
      await start({ before: id => seed(id, 3) })
      for (let index = 0; index < 4; index++) await book(`apt_${index}`, NOW + DAY + index * HOUR)
      await settled()
      must(await disconnect(engine.deps, { ...which(), googleEvents: 'keep' }))
      await settled()
      expect(await person.events()).toHaveLength(7)
      await cancel('apt_0')
      await book('apt_1', NOW + 4 * DAY)
      await book('apt_9', NOW + 3 * DAY)
      await reconnect()
      await choose({ target: { calendarId: connected.calendarId }, sources: [connected.calendarId] })
      await settled()
      expect(names(await person.events())).toEqual(
        ['Own 0', 'Own 1', 'Own 2', 'Visit apt_1', 'Visit apt_2', 'Visit apt_3', 'Visit apt_9'].toSorted(),
      )
      expect(await imported()).toHaveLength(3)
    })
  })

  describe('thirty days away', () => {
    type Away = [how: string, leave: () => Promise<void>, pass: () => Promise<void>, comeBack: () => Promise<void>]
    const month = () => engine.advance(30 * DAY)
    const away: Away[] = [
      [
        'its grant dead',
        () => markNeedsReauth(engine.deps, { ...which(), credentialsVersion: null }),
        month,
        reconnect,
      ],
      [
        'paused',
        async () => void must(await pauseConnection(engine.deps, which())),
        month,
        async () => void must(await resumeConnection(engine.deps, which())),
      ],
      [
        'the service itself off, its channels run out',
        () => Promise.resolve(),
        async () => void (engine.clock.now += 30 * DAY),
        () => engine.advance(20 * MINUTE),
      ],
    ]
    const many = 20 * manyfold

    test.each(away)(
      '%s, with hundreds of changes on each side: all there in one go, none twice, no mail',
      async (_how, leave, pass, comeBack) => {
        const policies = { deletionGuard: { count: 10_000, share: 1 } }
        await start({ before: id => seed(id, 5 * many), policies })
        for (let index = 0; index < 5 * many; index++) await book(`apt_${index}`, NOW + 40 * DAY + index * HOUR)
        await settled()
        const before = await person.events()
        await leave()
        const mark = markRequests(engine)
        await pass()
        expect(engine.simulator.world.requestLog.length - mark).toBeLessThan(5)
        await changeBothSides(before)
        const back = markRequests(engine)
        await comeBack()
        await engine.settle()
        const all = await person.events()
        const own = all.filter(event => event.summary?.startsWith('Own'))
        const ours = all.filter(event => event.summary?.startsWith('Visit'))
        expect(new Set(own.map(event => event.summary)).size).toBe(own.length)
        expect(new Set(ours.map(event => event.summary)).size).toBe(ours.length)
        expect(own).toHaveLength(5 * many - many + 4 * many)
        expect(ours).toHaveLength(5 * many - many + 4 * many)
        const theirs = (await everyImported()).filter(each => each.appointment.status !== 'cancelled')
        expect(theirs).toHaveLength(8 * many)
        expect(writesSince(back).filter(kind => kind === 'insert')).toHaveLength(4 * many)
        const moved = await engine.deps.store.appointment(TENANT, `apt_${3 * many}`)
        expect(moved?.appointment.time).toMatchObject({ startAt: NOW + 80 * DAY })
        const afterwards = markRequests(engine)
        await engine.advance(HOUR)
        expect(writesSince(afterwards)).toEqual([])
        expect(mails()).toBe(0)
      },
      120_000,
    )

    /** Four parts made, four moved (the person moves ours, too), one removed on each side, of twenty or more. */
    async function changeBothSides(before: readonly GoogleEvent[]): Promise<void> {
      for (let index = 0; index < 4 * many; index++) await book(`new_${index}`, NOW + 60 * DAY + index * HOUR)
      for (let index = many; index < 3 * many; index++) await book(`apt_${index}`, NOW + 50 * DAY + index * HOUR)
      for (let index = 0; index < many; index++) await cancel(`apt_${index}`)
      const theirs = before.filter(event => event.summary?.startsWith('Own'))
      for (const event of theirs.slice(0, many)) await person.remove(event.id)
      for (const event of theirs.slice(many)) await person.patch(event.id, span(NOW + 90 * DAY))
      for (let index = 0; index < 4 * many; index++)
        await person.insert({ summary: `Own new ${index}`, ...span(NOW + 70 * DAY) })
      const isMoved = ({ summary }: GoogleEvent): boolean => {
        const index = Number(/^Visit apt_(\d+)$/.exec(summary ?? '')?.[1] ?? -1)
        return index >= 3 * many && index < 4 * many
      }
      for (const event of before.filter(isMoved)) await person.patch(event.id, span(NOW + 80 * DAY))
    }

    async function everyImported() {
      const found = await Promise.all(
        [0, 30, 45, 65, 75].map((from, index, edges) =>
          engine.deps.store.listAppointments(TENANT, {
            userId: 'dr-lee',
            from: NOW + from * DAY,
            to: NOW + (edges[index + 1] ?? 400) * DAY,
            origin: 'google',
            status: null,
            isArchived: false,
            after: null,
            limit: 2_000,
          }),
        ),
      )
      return found.flat()
    }
  })
}
