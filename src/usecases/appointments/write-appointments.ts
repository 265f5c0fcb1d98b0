import type { Appointment } from '../../core/model/appointment.ts'
import type { DomainError, Result } from '../../core/model/failures.ts'
import { fail, succeed } from '../../core/model/failures.ts'
import { isFields, own } from '../../core/model/input.ts'
import type { JournalEntry } from '../../core/model/journal.ts'
import type { Link } from '../../core/model/link.ts'
import type { OutboxEntry } from '../../core/model/outbox.ts'
import { appointmentResource, type AppointmentResource } from '../../core/model/resource.ts'
import { isOff } from '../../core/model/status-moves.ts'
import type { Paired } from '../../ports/store/appointments.ts'
import type { Tx } from '../../ports/store/store.ts'
import { findConflicts } from '../availability/find-conflicts.ts'
import type { Deps } from '../deps.ts'
import { supersedeProposals } from '../proposals/supersede-proposals.ts'
import { adoptOrphans } from '../sync/adopt-orphans.ts'
import { queueOutbound } from '../sync/queue-outbound.ts'
import { decideWrite, type Write } from './decide-write.ts'
import { readDesk, type Desk } from './desk.ts'

export type WriteDeps = Pick<Deps, 'store' | 'system' | 'names'>

export type OnConflict = 'allow' | 'reject'

/** `unchanged`: it said the same before, so there is no new version, no history and no write to Google. */
export type Written = { outcome: 'created' | 'changed' | 'unchanged'; resource: AppointmentResource }

/**
 * Decides the writes in order and stores all that were accepted within the transaction given, as one change set: a refused one
 * leaves the others alone.
 */
export async function writeAppointments(
  deps: Pick<WriteDeps, 'system' | 'names'>,
  tx: Tx,
  call: { tenantId: string; writes: readonly Write[]; onConflict: OnConflict },
): Promise<Result<Written, DomainError>[]> {
  const { tenantId, writes, onConflict } = call
  const desk = await readDesk(tx, tenantId, deps.system.now(), namedIds(writes))
  const decided: Result<{ id: string; outcome: Written['outcome'] }, DomainError>[] = []
  for (const write of writes) decided.push(await decideOne(tx, desk, write, onConflict))
  const outbox = await storeEdits(deps, tx, desk)
  return decided.map(each => {
    if (!each.ok) return each
    const { id, outcome } = each.value
    return succeed({ outcome, resource: resourceOf(desk, id, outbox) })
  })
}

async function decideOne(
  tx: Tx,
  desk: Desk,
  write: Write,
  onConflict: OnConflict,
): Promise<Result<{ id: string; outcome: Written['outcome'] }, DomainError>> {
  const was = desk.paired.get(write.id) ?? null
  const before =
    onConflict === 'reject'
      ? { paired: new Map(desk.paired), edits: [...desk.edits], forgotten: [...desk.forgotten] }
      : null
  const edit = decideWrite(desk, write)
  if (!edit.ok) return edit
  if (edit.value === null) return succeed({ id: write.id, outcome: 'unchanged' })
  if (before !== null) {
    const conflicts = await findConflicts(tx, desk, edit.value.appointment, was?.appointment ?? null)
    if (!conflicts.ok || conflicts.value.length > 0) {
      Object.assign(desk, before)
      return conflicts.ok ? fail({ kind: 'slot-taken', conflicts: conflicts.value }) : conflicts
    }
  }
  const wasThere = was !== null && was.appointment.archivedAt === null
  return succeed({ id: write.id, outcome: wasThere ? 'changed' : 'created' })
}

/** The appointments named by the calls, and the series that bodies point to. */
function namedIds(writes: readonly Write[]): string[] {
  return writes.flatMap(write => {
    const recurringId = 'body' in write && isFields(write.body) ? own(write.body, 'recurringId') : undefined
    return typeof recurringId === 'string' ? [write.id, recurringId] : [write.id]
  })
}

/**
 * One `apply` for all edits: each appointment once as it stands in the end, each edit as a row of history.
 * @param last those that Google is told of after the others.
 */
export async function storeEdits(
  deps: Pick<WriteDeps, 'names' | 'system'>,
  tx: Tx,
  desk: Desk,
  last: ReadonlySet<string> = new Set(),
): Promise<ReadonlyMap<string, OutboxEntry>> {
  if (desk.edits.length === 0) return new Map()
  const { tenantId, now } = desk
  const changed = new Set(desk.edits.map(edit => edit.appointment.id))
  const adopted = await adoptOrphans(deps, tx, tenantId, createdOn(desk), now)
  for (const link of adopted) showLink(desk, link)
  const pairs = [...desk.paired.values()].filter(each => changed.has(each.appointment.id))
  const { outbox: entries, wakeUps } = await queueOutbound(tx, tenantId, now, pairs, 'people')
  const outbox = entries.map(entry => (last.has(entry.appointmentId) ? { ...entry, queuedAt: now + 1 } : entry))
  const queued = new Map(outbox.map(entry => [entry.appointmentId, entry]))
  const unneeded = pairs.flatMap(paired => (queued.has(paired.appointment.id) ? [] : unneededWrites(paired)))
  for (const { appointmentId } of unneeded) forgetOutbox(desk, appointmentId)
  const answered = await supersedeProposals(deps, tx, { tenantId, now }, pairs)
  await tx.apply(tenantId, {
    appointments: pairs.map(({ appointment }) => ({ ...appointment, markerKey: markerKeyOf(deps, appointment) })),
    journal: [
      ...desk.edits.map((edit): JournalEntry => {
        const { appointment, journal, change } = edit
        const data = { ...resourceOf(desk, appointment.id, queued, appointment) }
        return {
          at: now,
          appointmentId: appointment.id,
          connectionId: null,
          side: 'platform',
          ...journal,
          change: { type: change, data },
        }
      }),
      ...answered.journal,
    ],
    links: adopted,
    proposals: answered.proposals,
    forgetLinks: desk.forgotten,
    outbox,
    sent: unneeded,
  })
  await tx.wake(wakeUps)
  return queued
}

/** Called off before Google was ever written to: the write that waits is not needed any more. One under way must be asked about. */
function unneededWrites({ appointment, links, outbox }: Paired): { appointmentId: string; calendarId: string }[] {
  const isLeaving = isOff(appointment.status) || appointment.archivedAt !== null
  const isUntouched = outbox !== null && outbox.intent === null && links.every(link => link.role !== 'ours')
  return isLeaving && isUntouched ? [{ appointmentId: appointment.id, calendarId: outbox.calendarId }] : []
}

/** Those that were never here, as far as the database knows. */
function createdOn({ edits, paired }: Desk): Appointment[] {
  const created = edits.flatMap(({ change, appointment }) => (change === 'appointment.created' ? [appointment.id] : []))
  return created.flatMap(id => {
    const pair = paired.get(id)
    return pair === undefined || pair.links.length > 0 ? [] : [pair.appointment]
  })
}

/** Its versions go on where Google's revision shows that they had come to. */
function showLink(desk: Desk, link: Link): void {
  const paired = desk.paired.get(link.appointmentId ?? '')
  if (paired === undefined) return
  const { id } = paired.appointment
  const later = (appointment: Appointment): Appointment => ({
    ...appointment,
    version: appointment.version + (link.shownVersion ?? 0),
  })
  desk.paired.set(id, { ...paired, appointment: later(paired.appointment), links: [link] })
  desk.edits = desk.edits.map(edit =>
    edit.appointment.id === id ? { ...edit, appointment: later(edit.appointment) } : edit,
  )
}

function forgetOutbox(desk: Desk, id: string): void {
  const paired = desk.paired.get(id)
  if (paired !== undefined) desk.paired.set(id, { ...paired, outbox: null })
}

const markerKeyOf = ({ names }: Pick<WriteDeps, 'names'>, { tenantId, id }: Appointment): string =>
  names.markerKey({ tenantId, appointmentId: id })

/** @param as the appointment at the time of an edit, where a later one of the same call went on from there. */
export function resourceOf(
  desk: Desk,
  id: string,
  queued: ReadonlyMap<string, OutboxEntry>,
  as?: Appointment,
): AppointmentResource {
  const paired = desk.paired.get(id)
  if (paired === undefined) throw new Error('an appointment was decided on that is not on the desk')
  return appointmentResource(as ?? paired.appointment, paired.links, queued.get(id) ?? paired.outbox)
}
