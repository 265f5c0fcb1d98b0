import { hasCalendars } from '../../core/model/connection-resource.ts'
import { nextStatus } from '../../core/model/connection-status.ts'
import type { Instant } from '../../core/model/time.ts'
import type { Tx } from '../../ports/store/store.ts'
import type { Deps } from '../deps.ts'
import { changeConnection } from './connection-change.ts'

/**
 * Google no longer accepts the grant: told to the platform once, and nothing is asked of Google until the user connects again.
 * @param credentialsVersion the credentials that were refused; others meanwhile (the user has connected again) are not to blame. Null: any.
 */
export async function markNeedsReauth(
  { store, system }: Pick<Deps, 'store' | 'system'>,
  of: { tenantId: string; connectionId: string; credentialsVersion: number | null },
): Promise<void> {
  await store.transaction(of.tenantId, async tx => {
    const connection = await tx.connection(of.tenantId, of.connectionId)
    if (connection === null) return
    const credentials = await tx.credentials(of.tenantId, of.connectionId)
    if (of.credentialsVersion !== null && credentials?.version !== of.credentialsVersion) return
    const calendars = await tx.calendarsOf(of.tenantId, of.connectionId)
    const status = nextStatus(connection.status, 'revoked', hasCalendars(calendars))
    if (status === null || status === connection.status) return
    await changeConnection(
      tx,
      connection,
      { ...connection, status, statusReason: 'access_revoked' },
      {
        at: system.now(),
        side: 'google',
        action: 'revoked',
        rule: 'grant-revoked',
        reason: 'Google no longer accepts the grant; the user must connect again.',
        type: 'connection.needs_reauth',
      },
    )
  })
}

/** Google says that the grant lacks a permission, whatever was granted once: named, and nothing is asked until the user grants it. */
export async function markScopeMissing(
  tx: Tx,
  of: { tenantId: string; connectionId: string; scope: string },
  now: Instant,
): Promise<void> {
  const connection = await tx.connection(of.tenantId, of.connectionId)
  if (connection === null) return
  const calendars = await tx.calendarsOf(of.tenantId, of.connectionId)
  const status = nextStatus(connection.status, 'revoked', hasCalendars(calendars))
  if (status === null || status === connection.status) return
  const missingScopes = [...new Set([...connection.missingScopes, of.scope])]
  await changeConnection(
    tx,
    connection,
    { ...connection, status, statusReason: 'scopes_missing', missingScopes },
    {
      at: now,
      side: 'google',
      action: 'revoked',
      rule: 'scope-missing',
      reason: 'The grant lacks a permission; the user must connect again and grant it.',
      type: 'connection.needs_reauth',
    },
  )
}
