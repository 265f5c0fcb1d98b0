import { beforeEach, describe, test } from 'vitest'
import type { ChosenCalendars } from '../../src/core/model/calendar-choice.ts'
import { patchAppointment } from '../../src/usecases/appointments/patch-appointment.ts'
import { chooseCalendars } from '../../src/usecases/calendars/choose-calendars.ts'
import { planChoice } from '../../src/usecases/calendars/plan-choice.ts'
import { disconnect, planDisconnect } from '../../src/usecases/connections/disconnect.ts'
import type { Plan } from '../../src/usecases/connections/plan.ts'
import { planReset } from '../../src/usecases/connections/plan-reset.ts'
import { resetConnection } from '../../src/usecases/connections/reset-connection.ts'
import { planPushExisting, pushExisting } from '../../src/usecases/connections/sync-now.ts'
import { DAY, HOUR, MINUTE, NOW } from '../support/builders.ts'
import { furtherCalendar, must } from '../support/clinic-desk.ts'
import type { ConnectOptions, Engine } from '../support/engine.ts'
import { expectAsPlanned } from '../support/plan-lines.ts'
import { onStage } from '../support/stage.ts'
import { always, endTrouble } from '../support/trouble.ts'

type Stage = ReturnType<typeof onStage>
type World = {
  name: string
  options?: ConnectOptions
  live: (stage: Stage) => Promise<void>
}
type Deed = (stage: Stage) => Promise<{ plan: Plan; act: () => Promise<void> }>

const span = (startAt: number, minutes = 30) => ({
  start: { dateTime: new Date(startAt).toISOString(), timeZone: 'America/New_York' },
  end: { dateTime: new Date(startAt + minutes * MINUTE).toISOString(), timeZone: 'America/New_York' },
})
const slot = (startAt: number) => span(startAt).start

const eventOf = async ({ read }: Stage, id: string): Promise<string> => (await read(id))?.links[0]?.eventId ?? ''
const edit = async ({ engine, connected }: Stage, id: string, body: object): Promise<void> => {
  const call = { tenantId: connected.tenantId, id, body, ifMatch: null, onConflict: 'allow' as const }
  must(await patchAppointment(engine.deps, call))
}

async function series(stage: Stage): Promise<void> {
  await stage.book('weekly', { ...span(NOW + DAY), recurrence: ['RRULE:FREQ=DAILY;COUNT=9'] })
  await stage.book('moved', {
    ...span(NOW + 3 * DAY + 5 * HOUR),
    recurringId: 'weekly',
    originalStart: slot(NOW + 3 * DAY),
  })
  await stage.book('off', { ...span(NOW + 4 * DAY), recurringId: 'weekly', originalStart: slot(NOW + 4 * DAY) })
  await stage.engine.settle()
  await stage.cancel('off')
  await stage.engine.settle()
  const id = await eventOf(stage, 'weekly')
  const [, fifth] = (await stage.person.instances(id)).filter(
    each => String(each['start'] && Reflect.get(each['start'], 'dateTime')) > new Date(NOW + 5 * DAY).toISOString(),
  )
  if (fifth === undefined) throw new Error('no occurrence')
  await stage.person.patch(fifth.id, {
    ...span(NOW + 6 * DAY + 7 * HOUR),
    attendees: [{ email: 'guest@elsewhere.example' }],
  })
  await stage.engine.settle()
}

const WORLDS: World[] = [
  {
    name: 'appointments past, present and to come, beside a person’s own events',
    live: async stage => {
      await stage.book('past', span(NOW - 3 * DAY))
      await stage.book('now', span(NOW - 5 * MINUTE))
      for (const day of [1, 2, 3]) await stage.book(`next_${day}`, span(NOW + day * DAY))
      await stage.book('whole', { start: { date: '2026-12-05' }, end: { date: '2026-12-07' } })
      await stage.person.insert({ summary: 'My own', ...span(NOW + DAY) })
    },
  },
  { name: 'a series with a moved and a cancelled occurrence, and one moved in Google', live: series },
  {
    name: 'a series that began before the window, and one that is over',
    options: { window: { daysBack: 2, daysAhead: 30 } },
    live: async stage => {
      await stage.book('over', { ...span(NOW - 3 * DAY + HOUR), recurrence: ['RRULE:FREQ=DAILY;COUNT=2'] })
      await stage.book('long', { ...span(NOW - 20 * DAY), recurrence: ['RRULE:FREQ=WEEKLY'] })
      await stage.book('long_2', {
        ...span(NOW - 6 * DAY + HOUR),
        recurringId: 'long',
        originalStart: slot(NOW - 6 * DAY),
      })
      await stage.book('long_3', {
        ...span(NOW - 13 * DAY + HOUR),
        recurringId: 'long',
        originalStart: slot(NOW - 13 * DAY),
      })
      await stage.engine.settle()
      await stage.cancel('long_3')
      await stage.book('long_9', {
        ...span(NOW + 8 * DAY + HOUR),
        recurringId: 'long',
        originalStart: slot(NOW + 8 * DAY),
      })
    },
  },
  {
    name: 'what has left the window since it was written',
    options: { window: { daysBack: 3, daysAhead: 30 } },
    live: async stage => {
      await stage.book('old', span(NOW - 2 * DAY))
      await stage.book('new', span(NOW + 9 * DAY))
      await stage.person.insert({ summary: 'My own, long ago', ...span(NOW - 2 * DAY) })
      await stage.engine.advance(5 * DAY)
    },
  },
  {
    name: 'twins made by hand, linked',
    live: async stage => {
      await stage.person.insert({ summary: 'Visit apt_1', description: 'notes of my own', ...span(NOW + DAY) })
      await stage.engine.settle()
      await stage.book('apt_1', span(NOW + DAY))
      await stage.book('apt_2', span(NOW + DAY))
    },
  },
  {
    name: 'twins made by hand, flagged',
    options: { policies: { duplicates: 'flag' } },
    live: async stage => {
      await stage.person.insert({ summary: 'Visit apt_1', ...span(NOW + DAY) })
      await stage.engine.settle()
      await stage.book('apt_1', span(NOW + DAY))
    },
  },
  {
    name: 'a twin made by hand after the appointment, and a shared meeting',
    live: async stage => {
      await stage.book('apt_1', span(NOW + DAY))
      await stage.engine.settle()
      await stage.person.insert({ summary: 'Visit apt_1', ...span(NOW + DAY) })
      await stage.person.insert({
        summary: 'Team',
        ...span(NOW + DAY),
        attendees: [{ email: 'guest@elsewhere.example' }],
      })
    },
  },
  {
    name: 'twins made by hand of what was not sent so far',
    options: { window: { daysBack: 3, daysAhead: 30 } },
    live: async stage => {
      await stage.person.insert({ summary: 'Visit apt_1', ...span(NOW + 40 * DAY) })
      await stage.person.insert({
        summary: 'Visit apt_2',
        ...span(NOW + 41 * DAY),
        attendees: [{ email: 'guest@elsewhere.example' }],
      })
      await stage.engine.settle()
      for (const day of [1, 2, 3]) await stage.book(`apt_${day}`, span(NOW + (39 + day) * DAY))
    },
  },
  {
    name: 'one that was just deleted in Google, one that was moved there, one that was never written',
    options: { policies: { googleDeletes: 'restore', deletionGuard: { count: 1_000, share: 1 } } },
    live: async stage => {
      for (const day of [1, 2, 3]) await stage.book(`apt_${day}`, span(NOW + day * DAY))
      await stage.engine.settle()
      await stage.person.remove(await eventOf(stage, 'apt_1'))
      await stage.person.patch(await eventOf(stage, 'apt_2'), span(NOW + 5 * DAY))
      always(stage.engine, 'events.insert', { effect: 'status', status: 400, reason: 'invalid' })
      await stage.book('apt_4', span(NOW + 4 * DAY))
      await stage.engine.settle()
      endTrouble(stage.engine)
    },
  },
  {
    name: 'a copy that a person made of one of ours',
    live: async stage => {
      await stage.book('apt_1', span(NOW + DAY))
      await stage.engine.settle()
      const { extendedProperties } = await stage.person.get(await eventOf(stage, 'apt_1'))
      for (const id of ['00000aaaaa', 'vvvvvzzzzz'.replaceAll('z', 'u')])
        await stage.person.insert({ id, summary: 'Visit apt_1', ...span(NOW + 2 * DAY), extendedProperties })
    },
  },
  {
    name: 'masked titles, one of them written over in Google',
    options: {
      policies: {
        presentation: { title: 'kind', description: false, location: false, visibility: 'default', colour: null },
      },
    },
    live: async stage => {
      await stage.book('apt_1', { ...span(NOW + DAY), location: 'Room 2' })
      await stage.book('apt_2', span(NOW + 2 * DAY))
      await stage.engine.settle()
      await stage.person.patch(await eventOf(stage, 'apt_1'), { summary: 'Jane!', location: 'Home' })
    },
  },
  {
    name: 'edits here that Google has not heard of, and cancellations',
    live: async stage => {
      for (const index of [1, 2, 3]) await stage.book(`apt_${index}`, span(NOW + index * DAY))
      await stage.book('weekly', { ...span(NOW + 4 * DAY), recurrence: ['RRULE:FREQ=WEEKLY;COUNT=4'] })
      await stage.engine.settle()
      await stage.cancel('apt_3')
      await edit(stage, 'apt_1', { title: 'Renamed' })
      await edit(stage, 'weekly', { title: 'Renamed too' })
      await stage.book('apt_4', span(NOW + 5 * DAY))
    },
  },
  {
    name: 'cancelled ones that stay there and say so, and kinds that are left out',
    options: {
      policies: {
        cancelled: 'mark',
        include: { kinds: ['appointment'], statuses: ['tentative', 'confirmed', 'completed'] },
      },
    },
    live: async stage => {
      await stage.book('apt_1', span(NOW + DAY))
      await stage.book('apt_2', span(NOW + 2 * DAY))
      await stage.book('task', { kind: 'task', ...span(NOW + 2 * DAY) })
      await stage.engine.settle()
      await stage.cancel('apt_1')
    },
  },
]

const DEEDS: { name: string; deed: Deed }[] = [
  ...(['keep', 'remove'] as const).map(googleEvents => ({
    name: `starting over, ${googleEvents}`,
    deed: async ({ engine, key }: Stage) => ({
      plan: must(await planReset(engine.deps, { ...key(), googleEvents })),
      act: async () => void must(await resetConnection(engine.deps, { ...key(), googleEvents })),
    }),
  })),
  {
    name: 'sending what exists, after the window was widened',
    deed: async ({ engine, key, connection }) => {
      const current = await connection()
      if (current === null) throw new Error('gone')
      await engine.deps.store.transaction(key().tenantId, tx =>
        tx.saveConnection({ ...current, window: { daysBack: 60, daysAhead: 400 } }),
      )
      return {
        plan: must(await planPushExisting(engine.deps, key())),
        act: async () => void must(await pushExisting(engine.deps, key())),
      }
    },
  },
  ...(['another calendar', 'a new calendar', 'none'] as const).map(where => ({
    name: `a change of target to ${where}`,
    deed: async ({ engine, key, connected }: Stage) => {
      const further = where === 'another calendar' ? await furtherCalendar(engine, connected, null) : ''
      const target = {
        'another calendar': { calendarId: further },
        'a new calendar': { create: 'Brand new' },
        none: null,
      }[where]
      const choice: ChosenCalendars = { target, sources: [connected.calendarId], conflicts: [] }
      return {
        plan: must(await planChoice(engine.deps, { ...key(), choice })),
        act: async () => void must(await chooseCalendars(engine.deps, { ...key(), choice })),
      }
    },
  })),
  ...(['keep', 'remove'] as const).map(googleEvents => ({
    name: `the end, ${googleEvents}`,
    deed: async ({ engine, key }: Stage) => ({
      plan: must(await planDisconnect(engine.deps, { ...key(), googleEvents })),
      act: async () => void must(await disconnect(engine.deps, { ...key(), googleEvents })),
    }),
  })),
]

/** A dry run is a promise: what it lists is what Google is then asked, line by line, in whatever world. @param isChosen which worlds; left out: all. */
export function plansScenario(
  newEngine: () => Promise<Engine>,
  isChosen: (world: string) => boolean = () => true,
): void {
  let stage: Stage
  beforeEach(async () => {
    stage = onStage(await newEngine())
  })

  describe.each(WORLDS.filter(({ name }) => isChosen(name)))('$name', ({ options, live }) => {
    test.each(DEEDS)('$name does what its plan said', async ({ deed }) => {
      await stage.start(options)
      await live(stage)
      await stage.engine.settle()
      await isDoneAsPlanned(deed)
    })
  })

  describe('with writes that wait for a Google that is down just now', () => {
    test.each(DEEDS.filter(({ name }) => name.startsWith('starting over')))('$name', async ({ deed }) => {
      await stage.start()
      for (const day of [1, 2, 3, 4]) await stage.book(`apt_${day}`, span(NOW + day * DAY))
      await series(stage)
      always(stage.engine, 'events.insert', { status: 503 })
      always(stage.engine, 'events.update', { status: 503 })
      always(stage.engine, 'events.delete', { status: 503 })
      await edit(stage, 'apt_1', { title: 'Renamed' })
      await edit(stage, 'weekly', { title: 'Renamed too' })
      await edit(stage, 'moved', { location: 'Room 9' })
      await stage.cancel('apt_2')
      await stage.book('apt_5', span(NOW + 5 * DAY))
      await stage.book('off_2', { ...span(NOW + 2 * DAY), recurringId: 'weekly', originalStart: slot(NOW + 2 * DAY) })
      await stage.cancel('off_2')
      await stage.engine.settle()
      endTrouble(stage.engine)
      await isDoneAsPlanned(deed)
    })
  })

  const isDoneAsPlanned = async (deed: Deed): Promise<void> => {
    const { plan, act } = await deed(stage)
    await expectAsPlanned(stage.engine, stage.connected, plan, async () => {
      await act()
      await stage.engine.settle()
      await stage.engine.advance(2 * MINUTE)
    })
  }
}
