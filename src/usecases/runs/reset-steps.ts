import { seriesBounds } from '../../core/recurrence/expand.ts'
import type { Paired } from '../../ports/store/appointments.ts'
import type { Deps } from '../deps.ts'
import { archive } from '../connections/archive-imported.ts'
import { removeEvents } from '../connections/remove-events.ts'
import { linksOf } from '../connections/walk-links.ts'
import { noteProgress, readOpenRun, type PhaseOutcome, type RunKey } from './run-progress.ts'
import { letCalendarsBeRead, restCalendars } from './rest-calendars.ts'

type ResetDeps = Pick<Deps, 'store' | 'system' | 'google' | 'log'>

const AGAIN_MS = 60_000
const PAGE = 500
const PAGES_MAX = 2_000

/** Every event that an appointment of ours has in Google goes; the calendars are not read meanwhile. */
export async function removeOurEvents(deps: ResetDeps, key: RunKey): Promise<PhaseOutcome> {
  const { store, system } = deps
  const { tenantId, connectionId } = key
  const calendarIds = (await store.calendarsOf(tenantId, connectionId)).map(calendar => calendar.id)
  const why = { rule: 'reset', reason: 'The connection starts over, and its events were to be removed from Google.' }
  for await (const page of linksOf(store, { tenantId, connectionId, calendarIds, role: 'ours' })) {
    const isOn = await store.transaction(tenantId, async tx => {
      await restCalendars(tx, key, calendarIds, system.now())
      return (await readOpenRun(tx, key)) !== null
    })
    if (!isOn) return { kind: 'stopped' }
    const removal = await removeEvents(deps, key, page, why)
    if (removal === 'refused') return { kind: 'failed', reason: 'Google no longer accepts the grant: connect again.' }
    if (removal === 'later') return { kind: 'again', at: system.now() + AGAIN_MS }
    await store.transaction(tenantId, tx => noteProgress(tx, key, run => ({ done: run.done + page.length })))
  }
  return { kind: 'finished' }
}

/** Every pair and every waiting write is forgotten; the listings that follow find the events again. */
export async function forgetPairs({ store }: ResetDeps, key: RunKey): Promise<PhaseOutcome> {
  const isOn = await store.transaction(key.tenantId, async tx => {
    if ((await readOpenRun(tx, key)) === null) return false
    await tx.forgetConnection(key.tenantId, key.connectionId)
    await letCalendarsBeRead(tx, key)
    return true
  })
  return { kind: isOn ? 'finished' : 'stopped' }
}

/** What was taken in before and was not found again is gone from Google; older than the window, it was not looked for. */
export async function sweepImported({ store, system }: ResetDeps, key: RunKey): Promise<PhaseOutcome> {
  const { tenantId, connectionId } = key
  const open = await readOpenRun(store, key)
  if (open === null) return { kind: 'stopped' }
  const listedFrom = await firstListed({ store }, key)
  const why = { rule: 'reset', reason: 'It was not found in Google when the connection started over.', connectionId }
  const filter = {
    userId: open.connection.userId,
    to: null,
    origin: 'google',
    status: null,
    isArchived: false,
  } as const
  let after: { startAt: number; id: string } | null = null
  for (let page = 0; page < PAGES_MAX; page++) {
    const found: Paired[] = await store.listAppointments(tenantId, { ...filter, from: listedFrom, after, limit: PAGE })
    const lost = found.filter(({ appointment, links }) => links.length === 0 && appointment.status !== 'cancelled')
    if (lost.length > 0)
      await store.transaction(tenantId, tx => archive(tx, tenantId, lost, { ...why, now: system.now() }))
    const last = found.at(-1)
    if (last === undefined || found.length < PAGE) break
    const { id, time, recurrence } = last.appointment
    after = { startAt: seriesBounds(time, recurrence).startAt, id }
  }
  return { kind: 'finished' }
}

async function firstListed({ store }: Pick<Deps, 'store'>, key: RunKey): Promise<number | null> {
  const from = (await store.calendarsOf(key.tenantId, key.connectionId)).flatMap(each => each.cursor.listedFrom ?? [])
  return from.length === 0 ? null : Math.max(...from)
}
