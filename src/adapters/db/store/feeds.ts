import { and, eq } from 'drizzle-orm'
import type { FeedReads, FeedWrites } from '../../../ports/store/feeds.ts'
import { feeds } from '../schema.ts'
import { first, run, type Db } from '../statements.ts'
import { codecs } from './rows.ts'
import { mustOwn, save, type Scope } from './scope.ts'

export function feedReads(db: () => Db): FeedReads {
  return {
    feedOf: (tenantId, userId) =>
      first(
        db()
          .select()
          .from(feeds)
          .where(and(eq(feeds.tenantId, tenantId), eq(feeds.userId, userId))),
      ),
    feedByHash: hash => first(db().select().from(feeds).where(eq(feeds.hash, hash)).limit(1)),
  }
}

export function feedWrites(scope: Scope): FeedWrites {
  return {
    saveFeed: feed => save(scope, codecs.feeds, [feed]),
    eraseFeed: async (tenantId, userId) => {
      mustOwn(scope, [tenantId])
      await run(scope.db(), 'delete from feeds where tenant_id = $1 and user_id = $2', [tenantId, userId])
    },
  }
}
