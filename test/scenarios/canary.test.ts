import { expect, test } from 'vitest'
import type { LogFields } from '../../src/ports/log.ts'
import { patchAppointment } from '../../src/usecases/appointments/patch-appointment.ts'
import { DAY, MINUTE } from '../support/builders.ts'
import { deskOf, ELEVEN, must } from '../support/clinic-desk.ts'
import { createEngine } from '../support/engine.ts'
import { createMemoryStore } from '../support/memory-store.ts'
import { personAt } from '../support/person.ts'

const OURS = ['CANARY-TITLE', 'CANARY-DESCRIPTION', 'CANARY-LOCATION']
const THEIRS = ['PARROT-TITLE', 'PARROT-DESCRIPTION', 'PARROT-LOCATION']
const found = (words: readonly string[], text: string): string[] => words.filter(word => text.includes(word))

/** What is masked stays where it is: planted words are looked for in all that leaves, all that is kept and all that is logged. */
test.each(['busy', 'kind', '{{kind}} {{initials}}'])(
  'presentation %s, imported busy: planted words stay at home',
  async title => {
    const store = createMemoryStore(wakeUps => wake.to(wakeUps))
    const wake: { to: Parameters<typeof createMemoryStore>[0] & {} } = { to: () => undefined }
    const engine = createEngine(to => {
      wake.to = to
      return store
    })
    const logged: string[] = []
    const note = (line: string, fields?: LogFields): void => void logged.push(JSON.stringify([line, fields]))
    Object.assign(engine.deps.log, { debug: note, info: note, warn: note, error: note })
    const sent: string[] = []
    const { google } = engine.deps
    for (const call of ['insertEvent', 'updateEvent', 'deleteEvent', 'getEvent', 'listEvents'] as const) {
      const real = google[call]
      Object.assign(google, {
        [call]: (...args: unknown[]) => {
          sent.push(JSON.stringify([call, ...args]))
          return Reflect.apply(real, google, args)
        },
      })
    }
    const presentation = { title, description: false, location: false, visibility: 'private' as const, colour: null }
    const connected = await engine.connect({ policies: { presentation, imported: 'busy' } })
    const { tenantId } = connected
    const person = personAt(engine, connected)
    const desk = deskOf(engine)
    const [ourTitle, ourDescription, ourLocation] = OURS
    await desk.book('apt_1', { title: ourTitle, description: ourDescription, location: ourLocation })
    await engine.settle()
    const [event] = await person.events()
    const [summary, description, location] = THEIRS
    await person.insert({ summary, description, location, ...ELEVEN })
    await engine.settle()
    await person.patch(event?.id ?? '', ELEVEN)
    await engine.settle()
    must(
      await patchAppointment(engine.deps, {
        tenantId,
        id: 'apt_1',
        body: { title: `${ourTitle} again` },
        ifMatch: null,
        onConflict: 'allow',
      }),
    )
    await engine.advance(DAY)
    await engine.advance(MINUTE)

    expect(found([...OURS, ...THEIRS], sent.join('\n'))).toEqual([])
    expect(found(OURS, JSON.stringify(await person.events()))).toEqual([])
    expect(found([...OURS, ...THEIRS], logged.join('\n'))).toEqual([])
    const kept = JSON.stringify([
      await desk.list('dr-lee', 'google'),
      await desk.proposals(),
      await desk.changesSince(0),
      ...(await Promise.all((await desk.list('dr-lee', 'google')).map(each => desk.history(each.appointment.id)))),
      await store.calendarsOf(tenantId, connected.connectionId),
    ])
    expect(found(THEIRS, kept)).toEqual([])
    const links = (await desk.list('dr-lee', 'platform')).flatMap(each => [each.links, each.outbox])
    expect(found([...OURS, ...THEIRS], JSON.stringify(links))).toEqual([])
    expect(JSON.stringify(await desk.list('dr-lee', 'platform'))).toContain(ourTitle) // the planted word is there to be found
  },
)
