import type { PolicyOverrides } from '../../../src/core/model/policies.ts'
import { addAccount, addCalendar, setRole } from '../../../src/simulator/testing.ts'
import type { Deps } from '../../../src/usecases/deps.ts'
import { registerEndpoint } from '../../../src/usecases/webhooks/register-endpoint.ts'
import { addToList } from '../../../src/simulator/calendars.ts'
import { aCalendar } from '../../support/builders.ts'
import { connectUser, type Connected } from '../../support/engine.ts'
import { personAt } from '../../support/person.ts'
import { LIST_PARAMETERS } from '../../../src/adapters/google/calendar.ts'
import type { Fleet } from './fleet.ts'
import type { FleetStory, Further } from './story.ts'

/** Somebody with a connection. `calendarId` is where their appointments go; `read` all that is read for them. */
export type Member = Connected & { read: string[]; conflicts: string[] }
export type Place = { calendarId: string; email: string; person: ReturnType<typeof personAt> }
export type Cast = { members: Member[]; places: Place[] }

const OTHER_TENANT = 'practice'

/** Brings everybody on stage, lets the first sync run, and registers the platform's endpoint. */
export async function assemble(fleet: Fleet, story: FleetStory): Promise<Cast> {
  const { simulator, clock } = fleet
  const members = await fleet.request(null, deps => gather({ deps, simulator, clock }, story))
  if (!story.knobs.isWatchable) for (const calendar of simulator.world.calendars.values()) calendar.isWatchable = false
  await fleet.advance(60_000)
  const ids = new Set(members.flatMap(each => each.read))
  return { members, places: [...ids].map(calendarId => placeOf(fleet, calendarId)) }
}

async function gather(engine: Engine, { cast, policies, knobs }: FleetStory): Promise<Member[]> {
  const members = [await join(engine, { userId: 'dr-lee', policies })]
  for (const further of cast) await widen(engine, members, further, policies)
  if (knobs.isEndpointThere)
    for (const tenantId of new Set(members.map(each => each.tenantId))) {
      const url = `https://${tenantId}.example/hooks`
      await registerEndpoint(engine.deps, { tenantId, url, description: null, types: null })
    }
  return members
}

type Engine = { deps: Deps; simulator: Fleet['simulator']; clock: { now: number } }

async function join(
  engine: Engine,
  options: { tenantId?: string; userId: string; email?: string; policies: PolicyOverrides },
): Promise<Member> {
  const connected = await connectUser(engine, options)
  return { ...connected, read: [connected.calendarId], conflicts: [] }
}

async function widen(engine: Engine, members: Member[], further: Further, policies: PolicyOverrides): Promise<void> {
  const [first] = members
  if (first === undefined) return
  switch (further) {
    case 'colleague':
      members.push(await join(engine, { userId: 'dr-wu', policies }))
      return
    case 'namesake':
      members.push(
        await join(engine, { tenantId: OTHER_TENANT, userId: 'dr-lee', email: 'dr-lee@example.org', policies }),
      )
      return
    case 'roommate': {
      const mate = await join(engine, { userId: 'dr-wu', policies })
      members.push(await moveIn(engine, mate, first.calendarId))
      return
    }
    case 'second-platform': {
      const other = await join(engine, { tenantId: OTHER_TENANT, userId: 'dr-lee', policies })
      members.push(await moveIn(engine, other, first.calendarId))
      return
    }
    case 'source':
    case 'conflict':
      await readFurther(engine, first, further)
  }
}

/** Another's calendar in the place of one's own. */
async function moveIn({ deps, simulator }: Engine, member: Member, calendarId: string): Promise<Member> {
  const { world } = simulator
  const [account, calendar] = [world.accounts.get(member.email), world.calendars.get(calendarId)]
  if (account === undefined || calendar === undefined) throw new Error('nobody to move in')
  if (!calendar.acl.has(member.email)) setRole(world, calendar, member.email, 'writer')
  addToList(world, account, calendar, { selected: true })
  const { tenantId, connectionId } = member
  await deps.store.transaction(tenantId, async tx => {
    const [own] = await tx.calendarsOf(tenantId, connectionId)
    if (own === undefined) throw new Error('nothing to leave')
    await tx.saveCalendars([
      { ...own, isTarget: false, isSource: false, isConflict: false },
      { ...own, id: calendarId, cursor: FRESH, cursorVersion: 0 },
    ])
  })
  return { ...member, calendarId, read: [calendarId] }
}

const FRESH = { syncToken: null, pageToken: null, generation: 0, parameters: LIST_PARAMETERS, listedFrom: null }

async function readFurther(
  { deps, simulator, clock }: Engine,
  member: Member,
  use: 'source' | 'conflict',
): Promise<void> {
  const owner = simulator.world.accounts.get(member.email)
  if (owner === undefined) throw new Error('nobody to read for')
  const { id } = addCalendar(simulator.world, { owner, summary: use, timeZone: 'America/New_York' })
  const { tenantId, connectionId } = member
  const uses = { isTarget: false, isSource: use === 'source', isConflict: use === 'conflict' }
  const row = aCalendar({
    tenantId,
    connectionId,
    id,
    summary: use,
    cursor: FRESH,
    cursorVersion: 0,
    isPrimary: false,
    ...uses,
    nextPollAt: clock.now,
  })
  await deps.store.transaction(tenantId, tx => tx.saveCalendars([row]))
  member.read.push(id)
  if (use === 'conflict') member.conflicts.push(id)
}

/** Whoever edits in Google may always: what the engine's own account loses is another matter. */
function placeOf({ simulator }: Pick<Engine, 'simulator'>, calendarId: string): Place {
  const { world } = simulator
  const calendar = world.calendars.get(calendarId)
  if (calendar === undefined) throw new Error('a calendar of nobody')
  const { email } = addAccount(world, { email: 'office@example.net' })
  setRole(world, calendar, email, 'owner')
  return { calendarId, email: calendar.dataOwner, person: personAt({ simulator }, { email, calendarId }) }
}

/** Whose bookings an id stands for. */
export const memberOf = ({ members }: Cast, id: string): Member => {
  const member = members[Number(id.slice(4, 5)) % members.length]
  if (member === undefined) throw new Error('nobody is there')
  return member
}
