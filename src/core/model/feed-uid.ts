const FEED_HOST = 'lockstep'

/**
 * The UID of an appointment in its user's feed: stable, and known again when the feed was imported into Google, where it becomes
 * the event's iCalUID.
 * @param markerKey the keyed hash that marks the appointment's own events, so that the UID tells no more than they do.
 */
export const feedUid = (markerKey: string): string => `${markerKey}@${FEED_HOST}`

/** The marker key in a UID that `feedUid` made; null for any other. */
export function markerKeyOfFeedUid(uid: string): string | null {
  const [key = '', host] = uid.split('@', 2)
  return host === FEED_HOST && key !== '' ? key : null
}
