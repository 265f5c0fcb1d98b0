const PREFIX = 'https://www.googleapis.com/auth/'

const EVENTS_READ = [
  'calendar',
  'calendar.readonly',
  'calendar.events',
  'calendar.events.readonly',
  'calendar.events.owned',
  'calendar.events.owned.readonly',
  'calendar.events.freebusy',
  'calendar.events.public.readonly',
  'calendar.app.created',
]
const EVENTS_WRITE = ['calendar', 'calendar.events', 'calendar.events.owned', 'calendar.app.created']
const LIST_READ = ['calendar', 'calendar.readonly', 'calendar.calendarlist', 'calendar.calendarlist.readonly']
const LIST_WRITE = ['calendar', 'calendar.calendarlist', 'calendar.app.created']
const CALENDARS_WRITE = ['calendar', 'calendar.calendars', 'calendar.app.created']
const ACL_WRITE = ['calendar', 'calendar.acls']
const ACL_READ = [...ACL_WRITE, 'calendar.acls.readonly']
const SETTINGS = ['calendar', 'calendar.readonly', 'calendar.settings.readonly']

/** The scopes each method accepts, any of them; by the method's name in the reference. Source: the generated client. */
const SCOPES_BY_KIND: Record<string, string[]> = {
  'events.list': EVENTS_READ,
  'events.get': EVENTS_READ,
  'events.instances': EVENTS_READ,
  'events.watch': EVENTS_READ,
  'events.insert': EVENTS_WRITE,
  'events.update': EVENTS_WRITE,
  'events.patch': EVENTS_WRITE,
  'events.delete': EVENTS_WRITE,
  'events.import': EVENTS_WRITE,
  'events.quickAdd': EVENTS_WRITE,
  'events.move': EVENTS_WRITE.filter(scope => scope !== 'calendar.app.created'),
  'calendarList.list': LIST_READ,
  'calendarList.watch': LIST_READ,
  'calendarList.get': [...LIST_READ, 'calendar.app.created'],
  'calendarList.insert': ['calendar', 'calendar.calendarlist'],
  'calendarList.patch': LIST_WRITE,
  'calendarList.update': LIST_WRITE,
  'calendarList.delete': LIST_WRITE,
  'calendars.get': [...CALENDARS_WRITE, 'calendar.readonly', 'calendar.calendars.readonly'],
  'calendars.insert': CALENDARS_WRITE,
  'calendars.patch': CALENDARS_WRITE,
  'calendars.update': CALENDARS_WRITE,
  'calendars.delete': CALENDARS_WRITE,
  'calendars.clear': ['calendar', 'calendar.calendars'],
  'acl.list': ACL_READ,
  'acl.watch': ACL_READ,
  'acl.get': [...ACL_READ, 'calendar.readonly'],
  'acl.insert': ACL_WRITE,
  'acl.patch': ACL_WRITE,
  'acl.update': ACL_WRITE,
  'acl.delete': ACL_WRITE,
  'settings.list': SETTINGS,
  'settings.get': SETTINGS,
  'settings.watch': SETTINGS,
  'colors.get': [
    'calendar',
    'calendar.readonly',
    'calendar.calendarlist',
    'calendar.calendarlist.readonly',
    'calendar.app.created',
    'calendar.events.owned',
    'calendar.events.owned.readonly',
    'calendar.events.freebusy',
    'calendar.events.public.readonly',
  ],
  'freebusy.query': ['calendar', 'calendar.readonly', 'calendar.freebusy', 'calendar.events.freebusy'],
  'channels.stop': [...EVENTS_READ, ...LIST_READ, ...ACL_READ, 'calendar.settings.readonly'],
}

/** Whether a token with these scopes may call the method. */
export const mayCall = (kind: string, scopes: Iterable<string>): boolean => {
  const accepted = SCOPES_BY_KIND[kind] ?? []
  for (const scope of scopes) if (accepted.includes(scope.replace(PREFIX, ''))) return true
  return false
}

/** Scopes that only identify the person: the consent page grants them without asking. */
export const SIGN_IN_SCOPES = ['openid', 'email', 'profile', `${PREFIX}userinfo.email`, `${PREFIX}userinfo.profile`]

/** A scope as the token answer spells it: `email` and `profile` come back in their long form. */
export const spelledScope = (scope: string): string =>
  scope === 'email' || scope === 'profile' ? `${PREFIX}userinfo.${scope}` : scope

/** What the consent page says about a scope. */
export const SCOPE_TEXTS: Record<string, string> = {
  [`${PREFIX}calendar`]:
    'See, edit, share, and permanently delete all the calendars you can access using Google Calendar',
  [`${PREFIX}calendar.readonly`]: 'See and download any calendar you can access using your Google Calendar',
  [`${PREFIX}calendar.events`]: 'View and edit events on all your calendars',
  [`${PREFIX}calendar.events.readonly`]: 'View events on all your calendars',
  [`${PREFIX}calendar.events.owned`]: 'See, create, change, and delete events on Google calendars you own',
  [`${PREFIX}calendar.events.freebusy`]: 'See the availability on Google calendars you have access to',
  [`${PREFIX}calendar.calendarlist`]: 'See, add, and remove Google calendars you’re subscribed to',
  [`${PREFIX}calendar.calendarlist.readonly`]: 'See the list of Google calendars you’re subscribed to',
  [`${PREFIX}calendar.calendars`]: 'See and change the properties of Google calendars you have access to',
  [`${PREFIX}calendar.app.created`]:
    'Make secondary Google calendars, and see, create, change, and delete events on them',
  [`${PREFIX}calendar.freebusy`]: 'View your availability in your calendars',
  [`${PREFIX}calendar.settings.readonly`]: 'View your Calendar settings',
}
