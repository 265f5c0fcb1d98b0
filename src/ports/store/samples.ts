import type { Divergence } from '../../core/operations/divergence.ts'
import type { Instant } from '../../core/model/time.ts'

/** What the last comparison of a calendar with Google found. One per calendar. */
export type Sample = {
  tenantId: string
  connectionId: string
  calendarId: string
  at: Instant
  /** Events that Google showed. */
  compared: number
  /** How many pairs differed, and the first of them. */
  differing: number
  findings: readonly Divergence[]
}

export type SampledCalendar = { tenantId: string; connectionId: string; calendarId: string }

export interface SampleReads {
  /**
   * Calendars in use of active connections, across tenants, those that were never compared and the longest ago first; and how many there
   * are of them in all.
   */
  calendarsToCompare(limit: number): Promise<{ total: number; calendars: SampledCalendar[] }>
  samplesOf(tenantId: string, connectionId: string): Promise<Sample[]>
  /** Those that found a difference, the newest first; across tenants. */
  divergentSamples(limit: number): Promise<Omit<Sample, 'findings'>[]>
}

export interface SampleWrites {
  saveSample(sample: Sample): Promise<void>
}
