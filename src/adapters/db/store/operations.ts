import { and, desc, eq, inArray } from 'drizzle-orm'
import type { OperationReads, OperationWrites } from '../../../ports/store/operations.ts'
import { rememberedReplies, runs } from '../schema.ts'
import { first, type Db } from '../statements.ts'
import { codecs } from './rows.ts'
import { save, type Scope } from './scope.ts'

export function operationReads(db: () => Db): OperationReads {
  return {
    run: (tenantId, id) =>
      first(
        db()
          .select()
          .from(runs)
          .where(and(eq(runs.tenantId, tenantId), eq(runs.id, id))),
      ),
    openRunOf: (tenantId, connectionId) =>
      first(
        db()
          .select()
          .from(runs)
          .where(
            and(
              eq(runs.tenantId, tenantId),
              eq(runs.connectionId, connectionId),
              inArray(runs.state, ['queued', 'running']),
            ),
          )
          .orderBy(desc(runs.createdAt), desc(runs.id))
          .limit(1),
      ),
    rememberedReply: (tenantId, key) =>
      first(
        db()
          .select()
          .from(rememberedReplies)
          .where(and(eq(rememberedReplies.tenantId, tenantId), eq(rememberedReplies.key, key))),
      ),
  }
}

export function operationWrites(scope: Scope): OperationWrites {
  return {
    saveRun: run => save(scope, codecs.runs, [run]),
    rememberReply: reply => save(scope, codecs.rememberedReplies, [reply]),
  }
}
