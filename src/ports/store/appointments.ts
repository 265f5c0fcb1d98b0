import type { Appointment, Origin } from '../../core/model/appointment.ts'
import type { Calendar } from '../../core/model/connection.ts'
import type { Duplicate } from '../../core/model/duplicate.ts'
import type { JournalEntry, JournalRow } from '../../core/model/journal.ts'
import type { Link, LinkKey, Missing } from '../../core/model/link.ts'
import type { OutboxEntry } from '../../core/model/outbox.ts'
import type { Proposal } from '../../core/model/proposal.ts'
import type { Instant, Range } from '../../core/model/time.ts'

/** An appointment with the events that show it (none, one; more where the same meeting lies in several calendars). */
export type Paired = { appointment: Appointment; links: Link[]; outbox: OutboxEntry | null }

export type AppointmentFilter = {
  userId: string | null
  from: Instant | null
  to: Instant | null
  origin: Origin | null
  status: string | null
  /** True: archived ones alone. */
  isArchived: boolean
  /** Ordered by (`seriesBounds` start, id); the last one of the page before. */
  after: { startAt: Instant; id: string } | null
  limit: number
}

/** What a page of events is decided against. */
export type PageKeys = {
  connectionId: string
  calendarId: string
  /** The listed events' own ids and the series they belong to. */
  eventIds: readonly string[]
  iCalUIDs: readonly string[]
  markerKeys: readonly string[]
}

export type PageContext = {
  /** Links in this calendar with one of the event ids, or whose series is one of them. */
  links: Link[]
  /** Links of the same user in other calendars with one of the iCalUIDs. */
  elsewhere: Link[]
  /** Links of the appointments that the marker keys name, wherever they are. */
  own: Link[]
  /** Appointments of those links, of the marker keys, and masters and exceptions of those that are series. */
  appointments: Appointment[]
  /** markerKey → appointment id, for those keys that are this tenant's. */
  markers: ReadonlyMap<string, string>
  /** Outbox rows of those appointments. */
  outbox: OutboxEntry[]
}

export interface AppointmentReads {
  appointment(tenantId: string, id: string): Promise<Paired | null>
  appointmentsByIds(tenantId: string, ids: readonly string[]): Promise<Paired[]>
  /** Series whose range touches the window come whole; their exceptions come as items of their own. */
  listAppointments(tenantId: string, filter: AppointmentFilter): Promise<Paired[]>
  /** Masters and exceptions of the series with these ids. */
  seriesWithExceptions(tenantId: string, masterIds: readonly string[]): Promise<Paired[]>
  /** The newest `limit` rows, in the order in which they happened. */
  history(tenantId: string, appointmentId: string, limit: number): Promise<JournalRow[]>
  /** Change-feed items with `seq` above `after`, in commit order. */
  changes(tenantId: string, after: number, limit: number): Promise<JournalRow[]>
  pageContext(tenantId: string, keys: PageKeys): Promise<PageContext>
  proposal(tenantId: string, id: string): Promise<Proposal | null>
  /** Open ones, oldest first, after `afterId`. */
  openProposals(
    tenantId: string,
    filter: { appointmentIds: readonly string[] | null; afterId: string | null; limit: number },
  ): Promise<Proposal[]>
  /** Open ones whose time is over at `now`, across tenants, the longest waiting first. */
  proposalsExpired(now: Instant, limit: number): Promise<{ tenantId: string; id: string }[]>
  duplicate(tenantId: string, id: string): Promise<Duplicate | null>
  /** Whatever their state, those of some appointments only, or the open ones of all. Oldest first, after `afterId`. */
  duplicates(
    tenantId: string,
    filter: { appointmentIds: readonly string[] | null; afterId: string | null; limit: number },
  ): Promise<Duplicate[]>
  /** What of a user may block time in any of these spans, by id: neither archived nor called off, series by their whole range. */
  appointmentsDuring(tenantId: string, userId: string, spans: readonly Range[]): Promise<Appointment[]>
  /** Links flagged missing, oldest first. */
  missingLinks(tenantId: string, connectionId: string, limit: number): Promise<Link[]>
  /** Events of appointments that a restored database does not know, by their `contentHash` (`orphanHash`). */
  orphans(tenantId: string, contentHashes: readonly string[]): Promise<Link[]>
  /** Links of the connection that are flagged missing, and all its links. */
  countMissing(tenantId: string, connectionId: string): Promise<{ missing: number; linked: number }>
  /** By calendar, for those with links flagged missing after `after` (null: ever): how many, and all that are linked there. */
  missingByCalendar(
    tenantId: string,
    connectionId: string,
    after: Instant | null,
  ): Promise<{ calendarId: string; missing: number; linked: number }[]>
  /** Queued outbox rows due at `now`: people first, then by age; masters before their exceptions. */
  outboxDue(tenantId: string, connectionId: string, now: Instant, limit: number): Promise<Paired[]>
  /** Links of one role in these calendars, by (calendar, event), after `after`. */
  linksIn(
    tenantId: string,
    connectionId: string,
    filter: { calendarIds: readonly string[]; role: Link['role']; after: LinkKey | null; limit: number },
  ): Promise<Link[]>
  /** Queued rows of the connection that are not a person's own: what a run has still to write. */
  countBackfill(tenantId: string, connectionId: string): Promise<number>
  /** When the next queued row of the connection falls due; null: none waits. */
  nextOutboxAt(tenantId: string, connectionId: string): Promise<Instant | null>
  /** Platform-origin appointments of a user in the window that have no link in this calendar, archived ones aside, by id, after `afterId`. */
  unsent(
    tenantId: string,
    scope: {
      userId: string
      connectionId: string
      calendarId: string
      from: Instant
      to: Instant
      afterId: string | null
      limit: number
    },
  ): Promise<string[]>
}

/** One change of state, written whole: a constant number of statements however many rows. Journal rows are numbered under the tenant's lock. */
export type ChangeSet = {
  /** With the marker key for platform-origin ones. Inserted or replaced. */
  appointments?: readonly (Appointment & { markerKey: string | null })[]
  links?: readonly Link[]
  /** Events that a full list showed unchanged: only their links' seenGeneration. */
  seen?: { connectionId: string; calendarId: string; generation: number; eventIds: readonly string[] }
  proposals?: readonly Proposal[]
  duplicates?: readonly Duplicate[]
  forgetLinks?: readonly LinkKey[]
  journal?: readonly JournalEntry[]
  outbox?: readonly OutboxEntry[]
  /** Outbox rows done with. */
  sent?: readonly { appointmentId: string; calendarId: string }[]
}

export interface AppointmentWrites {
  /**
   * `advanceCalendar` and `pageContext` in one statement. Null: overtaken, nothing stored. `wakeSeq` counts the notifications up to now; until
   * the transaction ends no other is counted.
   */
  advanceAndRead(
    calendar: Calendar,
    expected: number,
    keys: Omit<PageKeys, 'connectionId' | 'calendarId'>,
  ): Promise<{ wakeSeq: number; context: PageContext } | null>
  apply(tenantId: string, changes: ChangeSet): Promise<void>
  /** Journal rows from now on are numbered above `past`: after a restore no number is given out twice. */
  skipJournal(tenantId: string, past: number): Promise<void>
  /**
   * After a full list: flags every link of the calendar with an older seenGeneration whose event ends after `listedFrom` as absent.
   * @returns how many were flagged.
   */
  flagAbsent(
    tenantId: string,
    calendar: { connectionId: string; calendarId: string; generation: number; listedFrom: Instant | null },
    missing: Missing,
  ): Promise<number>
  /** Before a full list of a new generation there is nothing to do; the generation on the links tells. Erases all links and outbox rows of a connection. */
  forgetConnection(tenantId: string, connectionId: string): Promise<void>
  /** Queued rows of this calendar wait for a reason that must go away first. @returns how many. */
  holdQueued(
    tenantId: string,
    connectionId: string,
    calendarId: string,
    reason: { code: string; message: string },
  ): Promise<number>
  /** Held rows of this calendar are due again at `now`, their reason gone. */
  releaseHeld(tenantId: string, connectionId: string, calendarId: string, now: Instant): Promise<number>
  /**
   * Queues every appointment that an event of ours shows through this connection in the backfill lane, unless it waits already; what was
   * parked gets another try. @param scope `calendarId`: those in this calendar only. @returns how many were queued.
   */
  queueShown(tenantId: string, scope: { connectionId: string; calendarId?: string; now: Instant }): Promise<number>
  /** Queues what `unsent` lists in the backfill lane, unless it waits already; what was parked gets another try. @returns how many were queued. */
  queueUnsent(
    tenantId: string,
    scope: { userId: string; connectionId: string; calendarId: string; from: Instant; to: Instant; now: Instant },
  ): Promise<number>
}
