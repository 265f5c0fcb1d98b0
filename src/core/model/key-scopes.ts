/**
 * What an API key may do for its tenant. `read`: look, all of it; `write`: appointments and what is decided about them; `connect`: users'
 * connections, calendars and feeds; `webhooks`: where changes are posted, and the secrets they are signed with.
 */
export const SCOPES = ['read', 'write', 'connect', 'webhooks'] as const
export type Scope = (typeof SCOPES)[number]
