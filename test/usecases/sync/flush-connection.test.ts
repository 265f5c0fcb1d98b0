import { expect, test } from 'vitest'
import type { GoogleCalendar } from '../../../src/ports/google-calendar.ts'
import type { Deps } from '../../../src/usecases/deps.ts'
import { putBatch } from '../../../src/usecases/appointments/put-batch.ts'
import { flushConnection } from '../../../src/usecases/sync/flush-connection.ts'
import { HOUR, MINUTE } from '../../support/builders.ts'
import { createEngine, TENANT, type Engine } from '../../support/engine.ts'
import { createMemoryStore } from '../../support/memory-store.ts'

const WRITE_MS = 300

async function book(deps: Deps, { clock }: Engine, ids: readonly string[]): Promise<void> {
  const time = (place: number, minutes: number) => ({
    dateTime: new Date(clock.now + 24 * HOUR + place * HOUR + minutes * MINUTE).toISOString(),
    timeZone: 'UTC',
  })
  const items = ids.map((id, place) => {
    const what = { id, userId: 'dr-lee', kind: 'appointment', status: 'confirmed', title: id }
    return { ...what, start: time(place, 0), end: time(place, 30) }
  })
  const answers = await putBatch(deps, { tenantId: TENANT, items, onConflict: 'allow' })
  expect(answers.every(each => each.result.ok)).toBe(true)
}

test("a person's change that comes in the middle of a backlog is in Google within two seconds, and nothing is written twice", async () => {
  const engine = createEngine(createMemoryStore)
  const { deps, clock } = engine
  const { tenantId, connectionId } = await engine.connect()
  const backlog = Array.from({ length: 60 }, (_, place) => `backlog-${place}`)
  await book(deps, engine, backlog)
  const due = await deps.store.outboxDue(TENANT, connectionId, clock.now, 100)
  const outbox = due.flatMap(pair => (pair.outbox === null ? [] : [{ ...pair.outbox, lane: 'backfill' as const }]))
  await deps.store.transaction(TENANT, tx => tx.apply(TENANT, { outbox }))

  const inserted: { title: string | null; at: number }[] = []
  let bookedAt = 0
  const insertEvent: GoogleCalendar['insertEvent'] = async (who, event, write) => {
    clock.now += WRITE_MS
    inserted.push({ title: write.content.title, at: clock.now })
    if (inserted.length === 5) {
      await book(deps, engine, ['person'])
      bookedAt = clock.now
    }
    return deps.google.insertEvent(who, event, write)
  }
  const slow = { ...deps, google: { ...deps.google, insertEvent } }
  for (let run = 0; run < 5; run += 1) await flushConnection(slow, { tenantId, connectionId })
  expect(inserted.map(each => each.title).sort()).toEqual([...backlog, 'person'].sort())
  expect((inserted.find(each => each.title === 'person')?.at ?? Infinity) - bookedAt).toBeLessThanOrEqual(2_000)
})
