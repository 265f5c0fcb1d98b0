import { expect, test } from 'vitest'
import type { PolicyOverrides } from '../../src/core/model/policies.ts'
import type { WakeUp } from '../../src/ports/jobs.ts'
import type { LogFields } from '../../src/ports/log.ts'
import type { Store } from '../../src/ports/store/store.ts'
import { cancelAppointment } from '../../src/usecases/appointments/cancel-appointment.ts'
import { patchAppointment } from '../../src/usecases/appointments/patch-appointment.ts'
import { DAY, MINUTE } from '../support/builders.ts'
import { deskOf, ELEVEN, furtherCalendar, must } from '../support/clinic-desk.ts'
import { createEngine } from '../support/engine.ts'
import { personAt } from '../support/person.ts'

/** A place to keep things, and all that is kept there: every row of every table, as text. */
export type Kept = {
  makeStore: (wake: (wakeUps: readonly WakeUp[]) => void) => Store
  rows: () => Promise<{ table: string; row: string }[]>
}

/** The platform's words, a person's words in their own events, and a person's words in fields of ours that are masked. */
const OURS = ['CANARY-TITLE', 'CANARY-DESCRIPTION', 'CANARY-LOCATION', 'CANARY-METADATA']
const THEIRS = ['PARROT-TITLE', 'PARROT-DESCRIPTION', 'PARROT-LOCATION']
const WRITTEN_IN = ['MAGPIE-TITLE', 'MAGPIE-DESCRIPTION', 'MAGPIE-LOCATION']
const words = ([summary, description, location]: readonly string[]) => ({ summary, description, location })
const found = (planted: readonly string[], text: string): string[] => planted.filter(word => text.includes(word))
/** The platform's own words are kept in its appointments and their history, and nowhere else. */
const OWN_PLACES = ['appointments', 'journal']
const DAILY = { recurrence: ['RRULE:FREQ=DAILY;COUNT=4'] }

const presentations: [string, PolicyOverrides][] = ['busy', 'kind', '{{kind}} {{initials}}'].flatMap(title =>
  (['accept', 'propose', 'revert'] as const).map((googleEdits): [string, PolicyOverrides] => [
    `${title}, ${googleEdits}`,
    { googleEdits, presentation: { title, description: false, location: false, visibility: 'private', colour: null } },
  ]),
)

/**
 * What is masked stays where it is: planted words are looked for in every request that leaves, every row of every table, every line that is
 * logged and every item that is told.
 */
export function canaryScenario(open: () => Promise<Kept>): void {
  async function begin(policies: PolicyOverrides) {
    const kept = await open()
    const asked: string[] = []
    const listen =
      (inner: typeof fetch): typeof fetch =>
      async (input, init) => {
        const request = new Request(input, init)
        asked.push(`${request.url} ${JSON.stringify([...request.headers])} ${await request.clone().text()}`)
        return inner(request)
      }
    const engine = createEngine(kept.makeStore, 1, undefined, listen)
    const logged: string[] = []
    const note = (line: string, fields?: LogFields): void => void logged.push(JSON.stringify([line, fields]))
    Object.assign(engine.deps.log, { debug: note, info: note, warn: note, error: note })
    const connected = await engine.connect({ policies })
    /** Where each of these words was found outside the places that are theirs. */
    const leaks = async (planted: readonly string[], places: readonly string[] = []) => {
      const rows = await kept.rows()
      expect(rows.length).toBeGreaterThan(5)
      return [
        ...found(planted, asked.join('\n')).map(word => `${word} in a request`),
        ...found(planted, logged.join('\n')).map(word => `${word} in the log`),
        ...rows.flatMap(({ table, row }) =>
          places.includes(table) ? [] : found(planted, row).map(word => `${word} in ${table}`),
        ),
      ]
    }
    const rest = async (): Promise<void> => {
      await engine.advance(DAY)
      await engine.advance(MINUTE)
    }
    expect(asked.length).toBeGreaterThan(2)
    return { engine, connected, desk: deskOf(engine), person: personAt(engine, connected), leaks, rest, kept, asked }
  }

  test.each(presentations)(
    'masked as %s: our words do not leave, and what a person writes there does not come in',
    async (_name, policies) => {
      const { engine, connected, desk, person, leaks, rest, kept } = await begin(policies)
      const [title, description, location, secret] = OURS
      const said = { title, description, location, metadata: { secret } }
      await desk.book('apt_1', said)
      await desk.book('apt_2', { ...said, ...DAILY, ...ELEVEN })
      await desk.book('apt_3', said)
      await engine.settle()
      const events = await person.events()
      expect(events).toHaveLength(3)
      for (const event of events) {
        expect(found(OURS, JSON.stringify(event))).toEqual([])
        await person.patch(event.id, words(WRITTEN_IN))
      }
      await engine.settle()
      const series = events.find(each => Array.isArray(each['recurrence']))!
      await person.patch((await person.instances(series.id))[1]!.id, {
        ...words(WRITTEN_IN),
        start: ELEVEN.end,
        end: { dateTime: '2026-12-02T12:30:00-05:00', timeZone: 'America/New_York' },
      })
      await engine.settle()
      const { tenantId } = connected
      const change = { tenantId, ifMatch: null, onConflict: 'allow' as const }
      must(
        await patchAppointment(engine.deps, { ...change, id: 'apt_1', body: { ...ELEVEN, title: `${title} again` } }),
      )
      await engine.settle()
      await person.patch(events.find(each => each.id !== series.id)!.id, { ...words(WRITTEN_IN), ...ELEVEN })
      must(await cancelAppointment(engine.deps, { tenantId, id: 'apt_3', reason: 'cancelled', ifMatch: null }))
      await rest()
      expect(await leaks(WRITTEN_IN)).toEqual([])
      expect(await leaks(OURS, OWN_PLACES)).toEqual([])
      expect(found(OURS, JSON.stringify(await person.events()))).toEqual([])
      expect(found(OURS, JSON.stringify(await kept.rows()))).toEqual(OURS) // the planted words are there to be found
    },
  )

  test('masked and left standing: what a person wrote in Google outlives our writes, whole', async () => {
    const [, policies] = presentations[0]!
    const { engine, connected, desk, person } = await begin(policies)
    await desk.book('apt_1')
    await engine.settle()
    const [event] = await person.events()
    await person.patch(event!.id, { ...words(WRITTEN_IN), attendees: [{ email: 'guest@example.com' }], colorId: '4' })
    await engine.settle()
    const change = { tenantId: connected.tenantId, ifMatch: null, onConflict: 'allow' as const }
    must(await patchAppointment(engine.deps, { ...change, id: 'apt_1', body: ELEVEN }))
    await engine.settle()
    const [moved] = await person.events()
    expect(moved).toMatchObject({ ...words(WRITTEN_IN), colorId: '4', start: { dateTime: ELEVEN.start.dateTime } })
    expect(moved!['attendees']).toMatchObject([{ email: 'guest@example.com' }])
  })

  test.each<[string, PolicyOverrides, { isPrivate?: boolean; isConflict?: boolean }]>([
    ['imported: busy', { imported: 'busy' }, {}],
    ['a private event', { imported: 'full' }, { isPrivate: true }],
    ['a conflict calendar', { imported: 'full' }, { isConflict: true }],
  ])('%s: a person’s words stay in Google', async (_name, policies, { isPrivate, isConflict }) => {
    const { engine, connected, desk, leaks, rest, asked } = await begin(policies)
    const calendarId =
      isConflict === true ? await furtherCalendar(engine, connected, { isConflict }) : connected.calendarId
    const person = personAt(engine, { ...connected, calendarId })
    const more = isPrivate === true ? { visibility: 'private' } : {}
    const single = await person.insert({ ...words(THEIRS), ...more, ...ELEVEN })
    const series = await person.insert({ ...words(THEIRS), ...more, ...DAILY, ...ELEVEN })
    await engine.advance(20 * MINUTE)
    expect(await desk.list('dr-lee', 'google')).toHaveLength(2)
    await person.patch(single.id, { summary: `${THEIRS[0]} again` })
    await person.patch((await person.instances(series.id))[2]!.id, { description: `${THEIRS[1]} again` })
    await person.remove((await person.instances(series.id))[1]!.id)
    await engine.settle()
    await person.remove(single.id)
    await rest()
    expect(await leaks(THEIRS)).toEqual([])
    expect(asked.length).toBeGreaterThan(6)
  })
}
