import { beforeEach, describe, expect, test } from 'vitest'
import type { ConnectOptions, Connected, Engine } from '../support/engine.ts'
import { cancelAppointment } from '../../src/usecases/appointments/cancel-appointment.ts'
import { patchAppointment } from '../../src/usecases/appointments/patch-appointment.ts'
import { patchConnection } from '../../src/usecases/connections/patch-connection.ts'
import { settleProposal } from '../../src/usecases/proposals/settle-proposal.ts'
import { DAY, MINUTE } from '../support/builders.ts'
import { deskOf, ELEVEN, must, NINE, refusal } from '../support/clinic-desk.ts'
import { markRequests, personAt, requestsSince } from '../support/person.ts'

const ELEVEN_AT = Date.parse('2026-12-01T16:00:00Z')
const NINE_AT = Date.parse('2026-12-01T14:00:00Z')

/** `propose`: what is done in Google waits for the platform's word, and its answer is right whatever happened meanwhile. */
export function proposalsScenario(newEngine: () => Promise<Engine>): void {
  let engine: Engine
  let connected: Connected
  let person: ReturnType<typeof personAt>
  let desk: ReturnType<typeof deskOf>

  const start = async (options: ConnectOptions): Promise<void> => {
    connected = await engine.connect(options)
    person = personAt(engine, connected)
    desk = deskOf(engine)
  }
  /** An appointment whose event stands in Google. */
  const booked = async (body: object = {}): Promise<string> => {
    await desk.book('apt_1', body)
    await engine.settle()
    return (await person.events())[0]?.id ?? ''
  }
  const answer = (id: string, how: 'accept' | 'reject') =>
    settleProposal(engine.deps, { tenantId: connected.tenantId, id, answer: how })
  const onlyProposal = async () => {
    const [one, ...more] = await desk.proposals()
    expect(more).toEqual([])
    if (one === undefined) throw new Error('nothing is asked')
    return one
  }
  const startInGoogle = async () => (await person.events())[0]?.['start'] as { dateTime: string } | undefined
  const patch = (body: object) =>
    patchAppointment(engine.deps, {
      tenantId: connected.tenantId,
      id: 'apt_1',
      body,
      ifMatch: null,
      onConflict: 'allow',
    })

  beforeEach(async () => {
    engine = await newEngine()
  })

  describe('an edit', () => {
    beforeEach(() => start({ policies: { googleEdits: 'propose' } }))

    test('is told once and changes nothing on either side until the platform answers', async () => {
      const eventId = await booked()
      const seq = await desk.lastSeq()
      const mark = markRequests(engine)
      await person.patch(eventId, ELEVEN)
      await engine.settle()
      await engine.advance(DAY)
      expect(await desk.changesSince(seq)).toMatchObject([
        { change: { type: 'proposal.created', data: { appointmentId: 'apt_1', kind: 'edit', state: 'open' } } },
      ])
      expect(await onlyProposal()).toMatchObject({ kind: 'edit', values: { time: { startAt: ELEVEN_AT } } })
      expect((await desk.read('apt_1'))?.appointment.version).toBe(1)
      expect(await startInGoogle()).toMatchObject({ dateTime: '2026-12-01T11:00:00-05:00' })
      expect(requestsSince(engine, mark).filter(each => /insert|update|delete/.test(each))).toEqual([])
    })

    test('accepted, is taken over and written nowhere', async () => {
      await person.patch(await booked(), ELEVEN)
      await engine.settle()
      const [proposal, seq, mark] = [await onlyProposal(), await desk.lastSeq(), markRequests(engine)]
      expect(must(await answer(proposal.id, 'accept')).state).toBe('accepted')
      await engine.advance(DAY)
      expect((await desk.read('apt_1'))?.appointment).toMatchObject({ version: 2, time: { startAt: ELEVEN_AT } })
      expect(await desk.changesSince(seq)).toMatchObject([{ change: { type: 'appointment.updated' } }])
      expect(requestsSince(engine, mark).filter(each => /insert|update|delete/.test(each))).toEqual([])
      expect(await desk.rulesOf('apt_1')).toEqual(expect.arrayContaining(['proposal-opened', 'proposal-accepted']))
      expect(refusal(await answer(proposal.id, 'reject'))).toMatchObject({ slug: 'proposal-settled' })
    })

    test('accepted, and edited in Google once more, is asked about once more', async () => {
      const eventId = await booked()
      await person.patch(eventId, ELEVEN)
      await engine.settle()
      must(await answer((await onlyProposal()).id, 'accept'))
      await person.patch(eventId, NINE)
      await engine.settle()
      expect(await onlyProposal()).toMatchObject({ values: { time: { startAt: NINE_AT } } })
      expect(await startInGoogle()).toMatchObject({ dateTime: '2026-12-01T09:00:00-05:00' })
      expect((await desk.read('apt_1'))?.appointment).toMatchObject({ time: { startAt: ELEVEN_AT } })
    })

    test('rejected, is undone in Google with one write', async () => {
      await person.patch(await booked(), ELEVEN)
      await engine.settle()
      const [proposal, seq, mark] = [await onlyProposal(), await desk.lastSeq(), markRequests(engine)]
      must(await answer(proposal.id, 'reject'))
      await engine.advance(MINUTE)
      expect(await startInGoogle()).toMatchObject({ dateTime: '2026-12-01T09:00:00-05:00' })
      expect((await desk.read('apt_1'))?.appointment).toMatchObject({ version: 1, time: { startAt: NINE_AT } })
      expect(await desk.changesSince(seq)).toEqual([])
      expect(requestsSince(engine, mark).filter(each => /insert|update|delete/.test(each))).toEqual(['update 200'])
      expect(await desk.proposals()).toEqual([])
    })

    test('a newer one joins it: one question, with the present values of both', async () => {
      const eventId = await booked()
      await person.patch(eventId, ELEVEN)
      await engine.settle()
      const first = await onlyProposal()
      await person.patch(eventId, { summary: 'Renamed' })
      await engine.settle()
      const second = await onlyProposal()
      expect(second.values).toMatchObject({ time: { startAt: ELEVEN_AT }, title: 'Renamed' })
      expect(await engine.deps.store.proposal(connected.tenantId, first.id)).toMatchObject({ state: 'superseded' })
      must(await answer(second.id, 'accept'))
      expect((await desk.read('apt_1'))?.appointment).toMatchObject({ title: 'Renamed', time: { startAt: ELEVEN_AT } })
    })

    test('taken back by the person, is not asked any more', async () => {
      const eventId = await booked()
      await person.patch(eventId, ELEVEN)
      await engine.settle()
      await person.patch(eventId, NINE)
      await engine.settle()
      expect(await desk.proposals()).toEqual([])
      expect((await desk.rulesOf('apt_1')).at(-1)).toBe('proposal-superseded')
    })

    test("the platform's own edit of the same field answers it; another field's leaves it open", async () => {
      const eventId = await booked()
      await person.patch(eventId, { ...ELEVEN, summary: 'Renamed' })
      await engine.settle()
      must(await patch({ title: 'Ours' }))
      await engine.settle()
      expect((await onlyProposal()).values).toMatchObject({ time: { startAt: ELEVEN_AT } })
      expect((await onlyProposal()).values).not.toHaveProperty('title')
      expect(await person.events()).toMatchObject([{ summary: 'Ours', start: { dateTime: ELEVEN.start.dateTime } }])
      must(
        await patch({
          start: { dateTime: '2026-12-01T13:00:00-05:00', timeZone: 'America/New_York' },
          end: { dateTime: '2026-12-01T13:30:00-05:00', timeZone: 'America/New_York' },
        }),
      )
      await engine.settle()
      expect(await desk.proposals()).toEqual([])
      expect(await startInGoogle()).toMatchObject({ dateTime: '2026-12-01T13:00:00-05:00' })
    })

    test('nobody answers for thirty days: as if it had been rejected', async () => {
      await person.patch(await booked(), ELEVEN)
      await engine.settle()
      const { id } = await onlyProposal()
      await engine.advance(31 * DAY)
      expect(await engine.deps.store.proposal(connected.tenantId, id)).toMatchObject({ state: 'expired' })
      expect(await startInGoogle()).toMatchObject({ dateTime: '2026-12-01T09:00:00-05:00' })
    })

    test('cancelling the appointment ends the question', async () => {
      await person.patch(await booked(), ELEVEN)
      await engine.settle()
      const call = { tenantId: connected.tenantId, id: 'apt_1', reason: 'cancelled', ifMatch: null }
      must(await cancelAppointment(engine.deps, call))
      await engine.settle()
      expect(await desk.proposals()).toEqual([])
      expect(await person.events()).toEqual([])
    })
  })

  describe('a deletion', () => {
    beforeEach(() => start({ policies: { googleDeletes: 'propose' } }))

    test('is told; the appointment stands and is not written again meanwhile', async () => {
      await person.remove(await booked())
      await engine.settle()
      await engine.advance(2 * DAY)
      expect(await onlyProposal()).toMatchObject({ kind: 'delete', values: {} })
      expect((await desk.read('apt_1'))?.appointment.status).toBe('confirmed')
      expect(await person.events()).toEqual([])
    })

    test('is not overruled by a policy that has everything sent anew', async () => {
      await person.remove(await booked())
      await engine.settle()
      const presentation = { title: 'kind' }
      must(await patchConnection(engine.deps, { ...connected, ifMatch: null, policies: { presentation } }))
      await engine.advance(DAY)
      expect(await person.events()).toEqual([])
      expect(await onlyProposal()).toMatchObject({ kind: 'delete' })
    })

    test('accepted, cancels', async () => {
      await person.remove(await booked())
      await engine.settle()
      must(await answer((await onlyProposal()).id, 'accept'))
      await engine.settle()
      expect((await desk.read('apt_1'))?.appointment.status).toBe('cancelled')
      expect(await person.events()).toEqual([])
    })

    test('rejected, is written again, once', async () => {
      await person.remove(await booked())
      await engine.settle()
      must(await answer((await onlyProposal()).id, 'reject'))
      await engine.advance(DAY)
      expect(await person.events()).toMatchObject([{ summary: 'Follow-up, Jane Roe' }])
      expect((await desk.read('apt_1'))?.links).toHaveLength(1)
    })

    test('supersedes an edit that was asked about', async () => {
      engine = await newEngine()
      await start({ policies: { googleDeletes: 'propose', googleEdits: 'propose' } })
      const eventId = await booked()
      await person.patch(eventId, ELEVEN)
      await engine.settle()
      await person.remove(eventId)
      await engine.settle()
      expect(await onlyProposal()).toMatchObject({ kind: 'delete' })
    })

    test('of a series, rejected, brings its moved occurrence back too', async () => {
      const eventId = await booked({ recurrence: ['RRULE:FREQ=WEEKLY;COUNT=4'] })
      const second = (await person.instances(eventId))[1]
      await person.patch(second?.id ?? '', {
        start: { dateTime: '2026-12-08T15:00:00-05:00', timeZone: 'America/New_York' },
        end: { dateTime: '2026-12-08T15:30:00-05:00', timeZone: 'America/New_York' },
      })
      await engine.settle()
      await person.remove(eventId)
      await engine.settle()
      must(await answer((await onlyProposal()).id, 'reject'))
      await engine.advance(DAY)
      const [master] = (await person.events()).filter(each => each['recurrence'] !== undefined)
      const starts = (await person.instances(master?.id ?? '')).map(
        each => (each['start'] as { dateTime: string }).dateTime,
      )
      expect(starts).toContain('2026-12-08T15:00:00-05:00')
      expect(starts).toHaveLength(4)
    })
  })
}
