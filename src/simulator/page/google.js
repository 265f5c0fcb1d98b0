/** Speaks the simulator's own Calendar API as one account: the page is a client like any other. */

const CLIENT_ID = 'simulator-page'

const tokens = new Map()

/** A request to the control API. */
export async function control(method, path, body) {
  const response = await fetch(`/_control/${path}`, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(answer.error?.message ?? answer.error ?? `status ${response.status}`)
  return answer
}

async function tokenOf(email) {
  if (!tokens.has(email)) {
    const issued = await control('POST', `accounts/${encodeURIComponent(email)}/token`, { clientId: CLIENT_ID })
    tokens.set(email, issued.access_token)
  }
  return tokens.get(email)
}

/** A request to the Calendar API as `email`; an expired token is replaced once. */
export async function google(email, method, path, body) {
  for (const isLastTry of [false, true]) {
    const response = await fetch(`/calendar/v3${path}`, {
      method,
      headers: { authorization: `Bearer ${await tokenOf(email)}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (response.status === 401 && !isLastTry) {
      tokens.delete(email)
      continue
    }
    if (response.status === 204) return undefined
    const answer = await response.json()
    if (!response.ok) throw new Error(answer.error.message)
    return answer
  }
}

export const eventsPath = (calendarId, eventId) =>
  `/calendars/${encodeURIComponent(calendarId)}/events${eventId === undefined ? '' : `/${encodeURIComponent(eventId)}`}`

/** All events of a window as single occurrences, every page of them. */
export async function listEvents(email, calendarId, { from, to }) {
  const items = []
  let pageToken
  do {
    const query = new URLSearchParams({ singleEvents: 'true', maxResults: '2500', timeMin: from, timeMax: to })
    if (pageToken !== undefined) query.set('pageToken', pageToken)
    const page = await google(email, 'GET', `${eventsPath(calendarId)}?${query}`)
    items.push(...page.items)
    pageToken = page.nextPageToken
  } while (pageToken !== undefined)
  return items
}
