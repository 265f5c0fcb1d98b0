import { beforeEach, describe, expect, test } from 'vitest'
import type { GoogleCalendar } from '../../src/ports/google-calendar.ts'
import { flushConnection } from '../../src/usecases/sync/flush-connection.ts'
import { pullCalendar } from '../../src/usecases/sync/pull-calendar.ts'
import { MINUTE } from '../support/builders.ts'
import { Crash, createEngine } from '../support/engine.ts'
import { createMemoryStore } from '../support/memory-store.ts'
import { onStage, time } from '../support/stage.ts'

/** The crashes of the matrix of faults, one by one. `test/simulation/crash-points.test.ts` crashes at every call of forty scenarios. */

let stage: ReturnType<typeof onStage>

beforeEach(async () => {
  stage = onStage(createEngine(wake => createMemoryStore(wake), 1, MINUTE))
  await stage.start()
})

const OWN_ID = /^[a-v0-9]+$/

/** Does something else at the first insert that is sent; how many were sent in all. */
function atFirstInsert(wrap: (send: () => ReturnType<GoogleCalendar['insertEvent']>) => Promise<unknown>) {
  const { google } = stage.engine.deps
  const told = { sent: 0, ids: new Set<string>() }
  const insertEvent: GoogleCalendar['insertEvent'] = async (who, event, write) => {
    told.sent += 1
    told.ids.add(event.eventId)
    const send = () => google.insertEvent(who, event, write)
    if (told.sent === 1) await wrap(send)
    return send()
  }
  stage.engine.deps.google = { ...google, insertEvent }
  return told
}

/** The process dies right after a transaction of it was committed, at the so-manieth from now. */
function dieAfterCommit(nth: number): { commits: number } {
  const { store } = stage.engine.deps
  const told = { commits: 0 }
  const transaction: typeof store.transaction = async (tenantId, work) => {
    const answer = await store.transaction(tenantId, work)
    told.commits += 1
    if (told.commits === nth) throw new Crash('after commit')
    return answer
  }
  stage.engine.deps.store = { ...store, transaction }
  return told
}

const crash = () => Promise.reject(new Crash('here'))

describe('a process dies', () => {
  test('F7: before a write was sent, and the next one sends the same under the same id', async () => {
    const told = atFirstInsert(crash)
    await stage.book()
    await stage.engine.settle()
    expect(told.sent).toBe(2)
    expect([...told.ids]).toEqual([expect.stringMatching(OWN_ID)])
    expect(await stage.titles()).toEqual(['Visit apt_1'])
  })

  test('F8: after Google took a write and before that was stored, and the next one knows the event for ours', async () => {
    const told = atFirstInsert(async send => {
      expect((await send()).ok).toBe(true)
      await crash()
    })
    await stage.book()
    await stage.engine.advance(20 * MINUTE)
    expect(told.ids.size).toBe(1)
    expect(await stage.titles()).toEqual(['Visit apt_1'])
    expect(await stage.imported()).toEqual([])
    await stage.book('apt_1', { title: 'Visit, renamed' })
    await stage.engine.settle()
    expect(await stage.titles()).toEqual(['Visit, renamed'])
  })

  test.each([1, 2, 3])(
    'F9: right after its commit no. %d of a flush, and nothing is told or written twice',
    async nth => {
      await stage.book()
      const told = dieAfterCommit(nth)
      const seq = await stage.lastSeq()
      await stage.engine.advance(20 * MINUTE)
      expect(told.commits).toBeGreaterThanOrEqual(nth)
      expect(await stage.titles()).toEqual(['Visit apt_1'])
      expect((await stage.changes(seq)).filter(row => row.change?.type === 'appointment.created')).toEqual([])
    },
  )

  test.each([1, 2, 3])('F9: after it stored page %d of a list, and each event is taken in once', async nth => {
    stage.engine.deps.settings = { ...stage.engine.deps.settings, pageSize: 3 }
    for (let hour = 8; hour < 18; hour += 1) await stage.person.insert({ summary: `at ${hour}`, ...time(hour) })
    const told = dieAfterCommit(nth)
    await stage.engine.advance(20 * MINUTE)
    expect(told.commits).toBeGreaterThanOrEqual(nth)
    const titles = (await stage.imported()).map(each => each.title)
    expect(titles.toSorted()).toEqual(Array.from({ length: 10 }, (_, place) => `at ${8 + place}`).toSorted())
    expect(await stage.told('appointment.created')).toHaveLength(10)
  })
})

describe('F37: one that was paused wakes when another has done its work', () => {
  test('F37: its stray write meets the event that is there, and there is one', async () => {
    await stage.book()
    const before = { ...stage.engine.deps }
    const told = atFirstInsert(() => flushConnection(before, stage.key()))
    await stage.engine.advance(20 * MINUTE)
    expect(told.sent).toBeGreaterThan(0)
    expect(await stage.titles()).toEqual(['Visit apt_1'])
    expect(await stage.imported()).toEqual([])
  })

  test('F37: what it had read is not stored over what the other stored', async () => {
    await stage.person.insert({ summary: 'first', ...time(9) })
    const { google } = stage.engine.deps
    const before = { ...stage.engine.deps }
    const calendarId = (await stage.live())[0]?.calendarId ?? ''
    let paused = 0
    const listEvents: GoogleCalendar['listEvents'] = async (...asked) => {
      const answer = await google.listEvents(...asked)
      paused += 1
      if (paused > 1) return answer
      await stage.person.insert({ summary: 'second', ...time(10) })
      await pullCalendar(before, { ...stage.key(), calendarId })
      return answer
    }
    await pullCalendar({ ...before, google: { ...google, listEvents } }, { ...stage.key(), calendarId })
    expect(paused).toBeGreaterThan(0)
    const cursor = (await stage.calendar())?.cursor
    expect((await stage.imported()).map(each => each.title).toSorted()).toEqual(['first', 'second'])
    await stage.engine.advance(20 * MINUTE)
    expect((await stage.imported()).map(each => each.title).toSorted()).toEqual(['first', 'second'])
    expect(await stage.told('appointment.created')).toHaveLength(2)
    expect(cursor?.syncToken).not.toBeNull()
  })
})
