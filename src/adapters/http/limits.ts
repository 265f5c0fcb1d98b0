/** What a body may weigh, unless a route says otherwise. */
export const BODY_BYTES_MAX = 64 * 1024
/** A batch of a thousand appointments. */
export const BATCH_BYTES_MAX = 1024 * 1024
