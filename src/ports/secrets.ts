import type { Marker } from '../core/model/calendar-event.ts'

/** Seals what must not be read from a database dump. `context` names row and column: a sealed value opens nowhere else. */
export interface Vault {
  seal(plain: string, context: string): string
  /** @throws Error when the value was changed, moved, or sealed with an unknown key. */
  open(sealed: string, context: string): string
  /** True when `sealed` was made with an older key and should be sealed again. */
  isStale(sealed: string): boolean
}

/** Names that only we can make, the same each time: keyed hashes, so that they tell an onlooker nothing. */
export interface Names {
  /** A client-chosen Google event id (base32hex), so that a repeated insert cannot make a second event. */
  eventId(of: { tenantId: string; calendarId: string; appointmentId: string; generation: number }): string
  /** The private mark of an appointment's events. */
  markerKey(of: { tenantId: string; appointmentId: string }): Marker['key']
  /** Whether this mark was made for an appointment of this tenant, be it known or not. */
  isOwnMark(tenantId: string, mark: Marker['key']): boolean
  /** The token of a watch channel; verified without a database read. */
  channelToken(channelId: string): string
  /** Constant in time. */
  isChannelToken(channelId: string, token: string): boolean
  /** What is stored of an API key, a link or a feed secret. */
  hash(secret: string): string
}
