import { chooseCalendars } from '../../../src/usecases/calendars/choose-calendars.ts'
import { createConnectLink } from '../../../src/usecases/connections/create-connect-link.ts'
import { finishOAuth } from '../../../src/usecases/connections/finish-oauth.ts'
import type { Member } from './cast.ts'
import type { Fleet } from './fleet.ts'

/** The user goes through Google's consent page again and, where the connection has lost its calendars, chooses the same ones. */
export async function reconnect(fleet: Fleet, member: Member): Promise<void> {
  const { tenantId, userId, connectionId } = member
  const { simulator } = fleet
  const link = await fleet.request(tenantId, deps =>
    createConnectLink(deps, { tenantId, userId, role: null, returnUrl: null }),
  )
  if (!link.ok) throw new Error(JSON.stringify(link.error))
  simulator.oauth.autoConsent = { account: member.email, denyScopes: [] }
  const url = new URL(link.value.googleUrl)
  const page = simulator.handle({ method: 'GET', path: url.pathname, query: url.searchParams, headers: {}, body: '' })
  const back = new URL(page.headers['location'] ?? 'http://nowhere').searchParams
  const [state, code] = [back.get('state') ?? '', back.get('code')]
  await fleet.request(tenantId, deps => finishOAuth(deps, { state, code, error: null, browserSecret: null }))
  const connection = await fleet.world.store.connection(tenantId, connectionId)
  if (connection?.status !== 'pending') return
  const sources = member.read.filter(id => !member.conflicts.includes(id))
  const choice = { target: { calendarId: member.calendarId }, sources, conflicts: member.conflicts }
  fleet.world.turns.spare() // who waits for a choice under way waits in its process, which here all instances share
  await fleet.request(tenantId, deps => chooseCalendars(deps, { tenantId, connectionId, choice }))
}
