const PREFIX = 'https://www.googleapis.com/auth/'

/** Reading and writing events; seeing the account's list of calendars. */
export const EVENTS_SCOPE = `${PREFIX}calendar.events`
export const LIST_SCOPE = `${PREFIX}calendar.calendarlist.readonly`

/** Wider grants that contain narrower ones, and the long names Google answers with. Source: accepted scopes in Google's discovery document. */
const ALSO_GRANTED_BY: Readonly<Record<string, readonly string[]>> = {
  email: [`${PREFIX}userinfo.email`],
  profile: [`${PREFIX}userinfo.profile`],
  [`${PREFIX}calendar.events`]: [`${PREFIX}calendar`],
  [`${PREFIX}calendar.calendarlist.readonly`]: [
    `${PREFIX}calendar`,
    `${PREFIX}calendar.readonly`,
    `${PREFIX}calendar.calendarlist`,
  ],
  [`${PREFIX}calendar.calendarlist`]: [`${PREFIX}calendar`],
  [`${PREFIX}calendar.calendars`]: [`${PREFIX}calendar`],
  [`${PREFIX}calendar.app.created`]: [`${PREFIX}calendar`, `${PREFIX}calendar.calendars`],
  [`${PREFIX}calendar.readonly`]: [`${PREFIX}calendar`],
}

/** Required scopes that the user did not tick on Google's consent page. */
export function missingScopes(required: readonly string[], granted: readonly string[]): string[] {
  const has = new Set(granted)
  return required.filter(scope => !has.has(scope) && !(ALSO_GRANTED_BY[scope] ?? []).some(wider => has.has(wider)))
}
