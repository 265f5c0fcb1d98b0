import { beforeEach, describe, expect, test } from 'vitest'
import type { Divergence } from '../../src/core/operations/divergence.ts'
import { compareCalendar } from '../../src/usecases/sync/compare-calendar.ts'
import { pickSamples } from '../../src/usecases/sync/pick-samples.ts'
import { DAY, HOUR, MINUTE } from '../support/builders.ts'
import type { Engine } from '../support/engine.ts'
import { markRequests, requestsSince } from '../support/person.ts'
import { onStage, time } from '../support/stage.ts'
import { always, endTrouble } from '../support/trouble.ts'

/** What went wrong though every increment was taken in is found by reading a calendar beside them, counted, shown and set right. */
export function samplerScenario(newEngine: () => Promise<Engine>): void {
  let stage: ReturnType<typeof onStage>

  const compare = () => compareCalendar(stage.engine.deps, { ...stage.key(), calendarId: stage.connected.calendarId })
  const found = async (): Promise<readonly Divergence[]> => {
    const { tenantId, connectionId } = stage.connected
    return (await stage.engine.deps.store.samplesOf(tenantId, connectionId))[0]?.findings ?? []
  }
  const pass = async (): Promise<string[]> => {
    await stage.engine.advance(MINUTE)
    await compare()
    await stage.engine.settle()
    return (await found()).map(each => each.kind)
  }
  const pairOf = async (id: string) => {
    const pair = await stage.read(id)
    const link = pair?.links[0]
    if (pair === null || link === undefined) throw new Error(`no pair ${id}`)
    return { ...pair, link }
  }
  const change = (work: Parameters<Engine['deps']['store']['transaction']>[1]) =>
    stage.engine.deps.store.transaction(stage.connected.tenantId, work)

  beforeEach(async () => {
    stage = onStage(await newEngine())
    await stage.start()
    for (const at of [0, 1, 2, 3]) await stage.book(`apt_${at}`, time(13 + at))
    const lines = ['RRULE:FREQ=WEEKLY;COUNT=6']
    await stage.book('series', { ...time(18), recurrence: lines })
    await stage.engine.settle()
    await stage.person.insert({ summary: 'Dentist', ...time(20) })
    const congress = await stage.person.insert({
      summary: 'Congress',
      ...time(22),
      recurrence: ['RRULE:FREQ=DAILY;COUNT=4'],
    })
    await stage.engine.settle()
    const [, second, third] = await stage.person.instances(congress.id)
    await stage.person.patch(second?.id ?? '', { summary: 'Congress, elsewhere' })
    await stage.person.remove(third?.id ?? '')
    await stage.engine.settle()
    await stage.cancel('apt_3')
    await stage.engine.advance(MINUTE)
  })

  test('two sides that agree are told to agree, by reads alone, and nothing is told to anybody', async () => {
    const [seq, mark] = [await stage.lastSeq(), markRequests(stage.engine)]
    expect(await pass()).toEqual([])
    expect(requestsSince(stage.engine, mark)).toEqual(['list 200', 'list 200'])
    expect(await stage.changes(seq)).toEqual([])
    const [sample] = await stage.engine.deps.store.samplesOf(stage.connected.tenantId, stage.connected.connectionId)
    expect(sample?.compared).toBeGreaterThan(5)
    expect(sample?.differing).toBe(0)
    await stage.isQuiet()
  })

  describe('an injected divergence is found in one pass and set right:', () => {
    test('a link that was lost', async () => {
      const { link } = await pairOf((await stage.imported())[0]?.id ?? '')
      await change(tx => tx.apply(link.tenantId, { forgetLinks: [link] }))
      expect(await pass()).toEqual(['unknown'])
      expect((await pairOf(link.appointmentId ?? '')).link).toMatchObject({ eventId: link.eventId })
      expect(await pass()).toEqual([])
    })

    test('an event of Google’s whose row here says something else, under the same etag', async () => {
      const dentist = (await stage.imported()).find(each => each.title === 'Dentist')
      if (dentist === undefined) throw new Error('no dentist')
      await change(tx => tx.apply(dentist.tenantId, { appointments: [{ ...dentist, title: 'Dent', markerKey: null }] }))
      expect(await pass()).toEqual(['outdated'])
      expect((await found())[0]).toMatchObject({ appointmentId: dentist.id, rule: 'google-owns-it', fields: ['title'] })
      expect((await stage.read(dentist.id))?.appointment.title).toBe('Dentist')
      expect(await pass()).toEqual([])
    })

    test('an edit in Google that no increment ever brought', async () => {
      const { link } = await pairOf('apt_0')
      stage.notifications({ dropShare: 1 })
      await stage.person.patch(link.eventId, { summary: 'Moved to room 5' })
      const changed = await stage.person.get(link.eventId)
      // As if its line had been passed over: the token is beyond it, and the row was not touched.
      await stage.engine.advance(20 * MINUTE)
      const { appointment, link: taken } = await pairOf('apt_0')
      expect(taken.etag).toBe(changed.etag)
      await change(tx =>
        tx.apply(link.tenantId, {
          links: [link],
          appointments: [
            {
              ...appointment,
              title: 'Visit apt_0',
              markerKey: stage.engine.deps.names.markerKey({ tenantId: link.tenantId, appointmentId: 'apt_0' }),
            },
          ],
        }),
      )
      stage.notifications({ dropShare: 0 })
      expect(await pass()).toEqual(['outdated'])
      expect((await stage.read('apt_0'))?.appointment.title).toBe('Moved to room 5')
      expect(await pass()).toEqual([])
    })

    test('an event that is gone from Google though nobody said so', async () => {
      const { link } = await pairOf('apt_1')
      const { world } = stage.engine.simulator
      const calendar = world.calendars.get(stage.connected.calendarId)
      const event = calendar?.events.get(link.eventId)
      if (calendar === undefined || event === undefined) throw new Error('no event')
      calendar.events.delete(link.eventId)
      for (const list of [calendar.ordered, calendar.log])
        list.splice(0, list.length, ...list.filter(each => each !== event))
      expect(await pass()).toEqual(['gone'])
      await stage.engine.advance(5 * MINUTE)
      expect((await stage.read('apt_1'))?.appointment.status).toBe('cancelled')
      expect(await pass()).toEqual([])
    })

    test('a write that was lost before it was made', async () => {
      await stage.engine.advance(MINUTE)
      await stage.book('apt_2', { title: 'Changed here', ...time(15) })
      const { outbox } = await pairOf('apt_2')
      await change(tx => tx.apply(stage.connected.tenantId, { sent: outbox === null ? [] : [outbox] }))
      await stage.engine.settle()
      expect(await stage.titles()).not.toContain('Changed here')
      expect(await pass()).toEqual(['unwritten'])
      expect(await stage.titles()).toContain('Changed here')
      expect(await pass()).toEqual([])
    })

    test('an appointment that Google was never told of', async () => {
      await stage.book('apt_9', { title: 'Never told', ...time(16) })
      const outbox = (await stage.read('apt_9'))?.outbox
      await change(tx => tx.apply(stage.connected.tenantId, { sent: outbox == null ? [] : [outbox] }))
      await stage.engine.settle()
      expect(await pass()).toEqual(['unwritten'])
      expect(await stage.titles()).toContain('Never told')
      expect(await pass()).toEqual([])
    })
  })

  test('what is only on its way is no divergence', async () => {
    stage.notifications({ dropShare: 1 })
    await stage.person.insert({ summary: 'Just made', ...time(17) })
    expect(await pass()).toEqual([])
    expect((await stage.imported()).map(each => each.title)).toContain('Just made')
    always(stage.engine, 'events.update', { reason: 'backendError' })
    await stage.book('apt_0', { title: 'On its way', ...time(13) })
    await stage.engine.settle()
    expect(await pass()).toEqual([])
    endTrouble(stage.engine)
  })

  test('a calendar that cannot be read is compared when its turn comes again, and holds up nobody', async () => {
    always(stage.engine, 'events.list', { reason: 'backendError' })
    expect(await compare()).toEqual({ kind: 'done' })
    const { total, calendars } = await stage.engine.deps.store.calendarsToCompare(10)
    expect([total, calendars.length]).toEqual([1, 1])
    endTrouble(stage.engine)
    await stage.engine.advance(HOUR)
    expect(await pass()).toEqual([])
  })

  test('the share of a day is picked, those first that were not compared for longest', async () => {
    const { deps } = stage.engine
    await pickSamples(deps, 0, DAY)
    expect(stage.engine.waiting().filter(each => each.kind === 'compare')).toEqual([])
    await pickSamples(deps, 1, DAY)
    expect(stage.engine.waiting().filter(each => each.kind === 'compare')).toHaveLength(1)
    await stage.engine.settle()
    expect(await deps.store.samplesOf(stage.connected.tenantId, stage.connected.connectionId)).toHaveLength(1)
    expect(await deps.store.divergentSamples(5)).toEqual([])
  })
}
