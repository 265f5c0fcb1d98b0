import type { Instant } from '../../core/model/time.ts'

/** A user's calendar feed; its secret is stored as a hash. */
export type Feed = { tenantId: string; userId: string; hash: string; createdAt: Instant }

export interface FeedReads {
  feedOf(tenantId: string, userId: string): Promise<Feed | null>
  /** Across tenants. */
  feedByHash(hash: string): Promise<Feed | null>
}

export interface FeedWrites {
  /** In place of the one the user has, if any. */
  saveFeed(feed: Feed): Promise<void>
  eraseFeed(tenantId: string, userId: string): Promise<void>
}
