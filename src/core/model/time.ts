/** Milliseconds since the epoch. */
export type Instant = number

/**
 * When something takes place, half-open. Timed: two instants, each with the IANA zone it is written in (the start's zone expands a
 * series). All-day: two calendar dates `YYYY-MM-DD`, the end exclusive; no zone.
 */
export type Span =
  | { kind: 'timed'; startAt: Instant; endAt: Instant; startZone: string; endZone: string }
  | { kind: 'all-day'; startDate: string; endDate: string }

/** The place of an occurrence in its series: where the rule put it, however it was moved since. */
export type Slot = { kind: 'timed'; at: Instant } | { kind: 'all-day'; date: string }
