import type { Calendar, Connection } from '../../../src/core/model/connection.ts'
import type { Overlay, View } from '../../support/memory-world.ts'
import { isOpen, keyOf, mayBeWritten, type Bench } from './judge.ts'

/** What a transaction wrote, judged beside what was there. */
export function judgeCommit(bench: Bench, tenantId: string, written: Overlay, before: View, commit: () => void): void {
  if (bench.court.isAsked('S12')) judgeJournal(bench, tenantId, written, before)
  const turned: { was: Calendar; is: Calendar }[] = []
  for (const row of written.calendars.values()) {
    const was = row === null ? null : before.get('calendars', tenantId, row.connectionId, row.id)
    if (row === null || was === null) continue
    noteStop(bench, `${keyOf(row)} ${row.id}`, isOpen(was), isOpen(row))
    turned.push({ was, is: row })
  }
  for (const row of written.connections.values()) {
    const was: Connection | null = row === null ? null : before.get('connections', tenantId, row.id)
    if (row !== null && was !== null)
      noteStop(bench, keyOf({ tenantId, connectionId: row.id }), mayBeWritten(was), mayBeWritten(row))
  }
  commit()
  for (const { was, is } of turned) judgeCursor(bench, before, was, is)
}

function noteStop({ stoppedAt, tick }: Bench, key: string, was: boolean, is: boolean): void {
  if (is) stoppedAt.delete(key)
  else if (was) stoppedAt.set(key, tick())
}

/** Numbers without a gap, and no appointment that changed without a word of it in the same transaction. */
function judgeJournal({ court }: Bench, tenantId: string, written: Overlay, before: View): void {
  let seq = before.get('tenants', tenantId)?.journalSeq ?? 0
  const told = new Set<string>()
  for (const row of written.journal.values()) {
    if (row === null) continue
    if (row.seq !== (seq += 1)) court.accuse('S12', `change ${row.seq} follows ${seq - 1}`)
    if (row.appointmentId !== null) told.add(row.appointmentId)
  }
  for (const row of written.appointments.values()) {
    if (row === null) continue
    const { id, version } = row.appointment
    const was = before.get('appointments', tenantId, id)?.appointment.version ?? 0
    if (version !== was && !told.has(id)) court.accuse('S12', `${id} went to version ${version} and nobody is told`)
  }
}

/** A token is kept with what it stands for: given by Google, for the page that follows the last one kept, its events stored. */
function judgeCursor(bench: Bench, view: View, was: Calendar, is: Calendar): void {
  const { court, issued, held } = bench
  const token = is.cursor.pageToken ?? is.cursor.syncToken
  if (token === null || (is.cursor.pageToken === was.cursor.pageToken && is.cursor.syncToken === was.cursor.syncToken))
    return
  if (is.cursor.pageToken === null && is.cursor.syncToken === was.cursor.syncToken) return // a listing begun anew
  const place = `${keyOf(is)} ${is.id}`
  const given = issued.get(`${place} ${token}`)
  if (given === undefined) return court.accuse('S8', 'a token is kept that Google did not give for this calendar')
  if (given.request.pageToken !== was.cursor.pageToken)
    court.accuse('S8', 'a token is kept of a page that does not follow the last one stored')
  if (given.n < (held.get(place) ?? 0)) court.accuse('S9', 'a token is kept that is older than the one before')
  held.set(place, given.n)
  for (const { eventId, etag } of given.items) {
    const link = view.get('links', is.tenantId, is.connectionId, is.id, eventId)
    if (link === null || etag === null || link.etag === null || link.missing !== null || link.role === 'parked')
      continue
    if (numberOf(link.etag) < numberOf(etag))
      court.accuse('S8', `the token covers ${eventId}, of which an older state is stored`)
  }
}

const numberOf = (etag: string): number => Number(etag.replaceAll('"', ''))
