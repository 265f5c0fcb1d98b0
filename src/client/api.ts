// Made by `npm run client` from the API's description. Not edited by hand: a test compares.
/** Each operation's method and path. */
export const CALLS = {
  acceptProposal: ['POST', '/v1/proposals/{id}/accept'],
  archiveAppointment: ['DELETE', '/v1/appointments/{id}'],
  cancelAppointment: ['POST', '/v1/appointments/{id}/cancel'],
  cancelRun: ['POST', '/v1/runs/{id}/cancel'],
  checkAvailability: ['POST', '/v1/users/{userId}/availability/check'],
  checkConnection: ['POST', '/v1/connections/{id}/check'],
  chooseCalendars: ['PUT', '/v1/connections/{id}/calendars'],
  createConnectLink: ['POST', '/v1/users/{userId}/connect-links'],
  createFeed: ['POST', '/v1/users/{userId}/feed'],
  createKey: ['POST', '/v1/tenants/{id}/keys'],
  createTenant: ['POST', '/v1/tenants'],
  createWebhookEndpoint: ['POST', '/v1/webhook-endpoints'],
  deleteWebhookEndpoint: ['DELETE', '/v1/webhook-endpoints/{id}'],
  disconnect: ['DELETE', '/v1/connections/{id}'],
  eraseTenant: ['DELETE', '/v1/tenants/{id}'],
  exportUser: ['GET', '/v1/users/{userId}/export'],
  getAppointment: ['GET', '/v1/appointments/{id}'],
  getAppointmentHistory: ['GET', '/v1/appointments/{id}/history'],
  getAvailability: ['GET', '/v1/users/{userId}/availability'],
  getConnection: ['GET', '/v1/connections/{id}'],
  getHeldPlan: ['GET', '/v1/connections/{id}/plan'],
  getRun: ['GET', '/v1/runs/{id}'],
  getTenant: ['GET', '/v1/tenants/{id}'],
  getWebhookEndpoint: ['GET', '/v1/webhook-endpoints/{id}'],
  listAppointments: ['GET', '/v1/appointments'],
  listCalendars: ['GET', '/v1/connections/{id}/calendars'],
  listChanges: ['GET', '/v1/changes'],
  listConnections: ['GET', '/v1/users/{userId}/connections'],
  listDeliveries: ['GET', '/v1/webhook-endpoints/{id}/deliveries'],
  listDuplicates: ['GET', '/v1/duplicates'],
  listProposals: ['GET', '/v1/proposals'],
  listWebhookEndpoints: ['GET', '/v1/webhook-endpoints'],
  patchAppointment: ['PATCH', '/v1/appointments/{id}'],
  patchConnection: ['PATCH', '/v1/connections/{id}'],
  patchTenant: ['PATCH', '/v1/tenants/{id}'],
  patchWebhookEndpoint: ['PATCH', '/v1/webhook-endpoints/{id}'],
  pauseConnection: ['POST', '/v1/connections/{id}/pause'],
  pushExisting: ['POST', '/v1/connections/{id}/push-existing'],
  putAppointment: ['PUT', '/v1/appointments/{id}'],
  putAppointments: ['POST', '/v1/appointments/batch'],
  reconcile: ['POST', '/v1/reconcile'],
  rejectProposal: ['POST', '/v1/proposals/{id}/reject'],
  replayDeliveries: ['POST', '/v1/webhook-endpoints/{id}/replay'],
  resetConnection: ['POST', '/v1/connections/{id}/reset'],
  resolveDuplicate: ['POST', '/v1/duplicates/{id}/resolve'],
  resumeConnection: ['POST', '/v1/connections/{id}/resume'],
  retireFeed: ['DELETE', '/v1/users/{userId}/feed'],
  retryDelivery: ['POST', '/v1/webhook-endpoints/{id}/deliveries/{deliveryId}/retry'],
  revokeKey: ['DELETE', '/v1/tenants/{id}/keys/{keyId}'],
  rotateWebhookSecret: ['POST', '/v1/webhook-endpoints/{id}/rotate-secret'],
  splitAppointment: ['POST', '/v1/appointments/{id}/split'],
  streamRun: ['GET', '/v1/runs/{id}/events'],
  syncConnection: ['POST', '/v1/connections/{id}/sync'],
  testWebhookEndpoint: ['POST', '/v1/webhook-endpoints/{id}/test'],
} as const

export interface paths {
  '/v1/appointments': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * List by start
     * @description Without `expand`, series come as series and their exceptions as items with `recurringId`; with `expand=instances` each occurrence is an item.
     */
    get: operations['listAppointments']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/appointments/{id}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Read one
     * @description An archived one is 404 without `?archived=true`.
     */
    get: operations['getAppointment']
    /**
     * Book an appointment under the platform’s own id, or replace it
     * @description Answers 201 where it is new (or was cancelled or archived before: it is booked anew under the same id), else 200. Members left out take their defaults. An exception of a series is an appointment of its own with `recurringId` and `originalStart`.
     */
    put: operations['putAppointment']
    post?: never
    /** Archive: gone from lists and from Google, readable with `?archived=true` */
    delete: operations['archiveAppointment']
    options?: never
    head?: never
    /** Change what the body names; `metadata` is merged, null takes a member away */
    patch: operations['patchAppointment']
    trace?: never
  }
  '/v1/appointments/{id}/cancel': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Call it off */
    post: operations['cancelAppointment']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/appointments/{id}/history': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** What happened to it, in order: the latest `limit` entries, each with its reason */
    get: operations['getAppointmentHistory']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/appointments/{id}/split': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * “This and following” of a series: change them or cancel them
     * @description The series ends before the occurrence at `originalStart`. An appointment of its own, `<series>~R<slot>`, goes on from there with `changes`, and takes the later exceptions along; with `cancel` nothing goes on. One occurrence alone is changed by PUT of an exception (`recurringId`, `originalStart`), all of them by PUT or PATCH of the series.
     */
    post: operations['splitAppointment']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/appointments/batch': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Put up to 1000 appointments; answers per item, one bad item spoils no other
     * @description Each item is answered as its own PUT would be, with its status and either its version or its problem, in the order they came.
     */
    post: operations['putAppointments']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/changes': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Every change, in commit order; long poll with `wait`, or a stream with `Accept: text/event-stream`
     * @description At least once, none skipped; without `after` from the beginning. `data` is the whole resource after the change. As a stream the ids of the events are cursors: a reader that comes back with `Last-Event-ID`, as `EventSource` does, goes on where it was. A stream ends after a quarter of an hour, to be taken up again.
     */
    get: operations['listChanges']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/connections/{id}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** A connection */
    get: operations['getConnection']
    put?: never
    post?: never
    /**
     * End a connection: channels stopped, grant revoked, tokens erased
     * @description `googleEvents=remove` takes our events out of Google as well. With `dryRun: true` nothing happens, and the answer is the plan: each write to Google and each change here.
     */
    delete: operations['disconnect']
    options?: never
    head?: never
    /**
     * Change window, policies or mode; `If-Match` guards against a change meanwhile
     * @description Also while it is `pending`.
     */
    patch: operations['patchConnection']
    trace?: never
  }
  '/v1/connections/{id}/calendars': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Google’s list, and what each calendar may be used for
     * @description Asked of Google now.
     */
    get: operations['listCalendars']
    /**
     * Choose target, sources and conflict calendars; starts the first or the renewed sync
     * @description A target needs the role `writer` or `owner`; a source or conflict calendar may be read-only. The work goes on in a run: ask `GET /v1/runs/{id}` how far it is, or listen to its events. With `dryRun: true` nothing happens, and the answer is the plan: each write to Google and each change here.
     */
    put: operations['chooseCalendars']
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/connections/{id}/check': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Ask Google whether everything works now */
    post: operations['checkConnection']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/connections/{id}/pause': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Read and write nothing until it is resumed */
    post: operations['pauseConnection']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/connections/{id}/plan': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** What resuming a held connection would do with what is gone from Google */
    get: operations['getHeldPlan']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/connections/{id}/push-existing': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Send the appointments in the window that Google does not show yet
     * @description The work goes on in a run: ask `GET /v1/runs/{id}` how far it is, or listen to its events. With `dryRun: true` nothing happens, and the answer is the plan: each write to Google and each change here.
     */
    post: operations['pushExisting']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/connections/{id}/reset': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Start over: forget channels, pairs and imported events, then sync for the first time again
     * @description The work goes on in a run: ask `GET /v1/runs/{id}` how far it is, or listen to its events. With `dryRun: true` nothing happens, and the answer is the plan: each write to Google and each change here.
     */
    post: operations['resetConnection']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/connections/{id}/resume': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Go on and catch up; one that is held by the deletion guard needs `deletions`, else 409 `choice-needed` */
    post: operations['resumeConnection']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/connections/{id}/sync': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Sync now
     * @description The work goes on in a run: ask `GET /v1/runs/{id}` how far it is, or listen to its events.
     */
    post: operations['syncConnection']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/duplicates': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Events in Google that say the same as an appointment, not resolved yet, oldest first */
    get: operations['listDuplicates']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/duplicates/{id}/resolve': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Say what is to become of the two; nothing is deleted in Google without this call */
    post: operations['resolveDuplicate']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/proposals': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Edits and deletions made in Google that wait for the platform, oldest first */
    get: operations['listProposals']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/proposals/{id}/accept': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Take over what was done in Google */
    post: operations['acceptProposal']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/proposals/{id}/reject': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Undo in Google what was done there */
    post: operations['rejectProposal']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/reconcile': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Compare what the platform has with what is here: missing, stale and extra
     * @description Post every appointment’s `{id, version}`, at most 1000 a page, in the order of the ids’ bytes (`ORDER BY id COLLATE "C"`), each page with the cursor of the answer before and the last one with `last: true`. Each answer says what of its page is missing or stale here, and what is here but not listed in the stretch of ids from the page before to this one’s end. Nothing is changed and nothing is kept between calls: a page can be posted again, and a comparison abandoned. What was booked after it began is no extra. Archived, cancelled and no-show appointments that are not listed are no extras; an archived one that is listed is missing.
     */
    post: operations['reconcile']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/runs/{id}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** How far a long piece of work is */
    get: operations['getRun']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/runs/{id}/cancel': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Stop a run where it is; what it has done stays done */
    post: operations['cancelRun']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/runs/{id}/events': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * The same as server-sent events, until it is finished
     * @description One event `run` per change, its data as `GET /v1/runs/{id}` answers; ends with the run.
     */
    get: operations['streamRun']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/tenants': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Make a tenant and its first API key */
    post: operations['createTenant']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/tenants/{id}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** A tenant */
    get: operations['getTenant']
    put?: never
    post?: never
    /** Erase a tenant and everything under it */
    delete: operations['eraseTenant']
    options?: never
    head?: never
    /** Change a tenant’s name or settings */
    patch: operations['patchTenant']
    trace?: never
  }
  '/v1/tenants/{id}/keys': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Make a further API key
     * @description Keys live side by side, so that one can be changed without a pause. A key does only what its scopes allow (else 403), and none makes keys: that takes the admin token.
     */
    post: operations['createKey']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/tenants/{id}/keys/{keyId}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    post?: never
    /** Revoke an API key */
    delete: operations['revokeKey']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/users/{userId}/availability': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * When a user is busy, merged, each stretch with its sources
     * @description Busy time from appointments and from the calendars of the user’s connections. Never a title.
     */
    get: operations['getAvailability']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/users/{userId}/availability/check': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Is each of these slots free? */
    post: operations['checkAvailability']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/users/{userId}/connect-links': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Invite a user to connect a Google account
     * @description Send the browser to `url`, the hosted page, or to `googleUrl` where the platform draws its own. Afterwards the browser comes back to `returnUrl?connectionId=…&status=…`. The same Google account mends the connection that it has; another becomes a further one.
     */
    post: operations['createConnectLink']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/users/{userId}/connections': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** A user’s connections, oldest first */
    get: operations['listConnections']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/users/{userId}/export': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * All that is kept of a user, for the user to have: accounts, appointments, archived ones too, and their histories
     * @description Sent as it is read. An answer that breaks off is not valid JSON: ask again. Tokens and secrets are no part of it.
     */
    get: operations['exportUser']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/users/{userId}/feed': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** A calendar feed for a user; its address is secret, shown this once, and replaces the one before */
    post: operations['createFeed']
    /** Retire a user’s feed */
    delete: operations['retireFeed']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/webhook-endpoints': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** All endpoints, oldest first */
    get: operations['listWebhookEndpoints']
    put?: never
    /**
     * Be told of changes from now on; the secret is shown this once
     * @description A literal private or loopback address is refused now; what a name leads to is judged at each connection.
     */
    post: operations['createWebhookEndpoint']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/webhook-endpoints/{id}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** An endpoint */
    get: operations['getWebhookEndpoint']
    put?: never
    post?: never
    /** Send nothing more there */
    delete: operations['deleteWebhookEndpoint']
    options?: never
    head?: never
    /** Change an endpoint; one that is enabled again gets everything it has missed */
    patch: operations['patchWebhookEndpoint']
    trace?: never
  }
  '/v1/webhook-endpoints/{id}/deliveries': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Deliveries that did not arrive at the first attempt, the newest change first; kept for 30 days */
    get: operations['listDeliveries']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/webhook-endpoints/{id}/deliveries/{deliveryId}/retry': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Send one delivery again now */
    post: operations['retryDelivery']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/webhook-endpoints/{id}/replay': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Send every change since an instant, or after a cursor of the change feed, again */
    post: operations['replayDeliveries']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/webhook-endpoints/{id}/rotate-secret': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** A new secret, shown this once; the one before signs beside it for a day */
    post: operations['rotateWebhookSecret']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/webhook-endpoints/{id}/test': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Send a signed `webhook.test` message now and say how it fared */
    post: operations['testWebhookEndpoint']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
}
export type webhooks = Record<string, never>
export interface components {
  schemas: {
    Appointment: {
      archived: boolean
      busy: boolean
      colour: string | null
      createdAt: string
      description: string | null
      /** @description exclusive */
      end: {
        date?: string
        dateTime?: string
        timeZone?: string
      }
      google: {
        calendarId: string | null
        error: {
          code: string
          message: string
        } | null
        eventId: string | null
        htmlLink: string | null
        /** @enum {string} */
        state: 'none' | 'pending' | 'synced' | 'held' | 'failed' | 'excluded'
      }
      id: string
      /** @enum {string} */
      kind: 'appointment' | 'meeting' | 'task' | 'event' | 'block'
      location: string | null
      /** @description made in Google: only Google changes it */
      locked: boolean
      metadata: {
        [key: string]: unknown
      }
      /** @enum {string} */
      origin: 'platform' | 'google'
      /** @description the slot of the series that an exception replaces */
      originalStart: {
        date?: string
        dateTime?: string
        timeZone?: string
      } | null
      recurrence: string[] | null
      recurringId: string | null
      /** @description `{dateTime, timeZone}` or `{date}` */
      start: {
        date?: string
        dateTime?: string
        timeZone?: string
      }
      /** @enum {string} */
      status: 'tentative' | 'confirmed' | 'completed' | 'cancelled' | 'no_show'
      title: string | null
      updatedAt: string
      userId: string
      /** @description also the ETag */
      version: number
    }
    AppointmentChanges: {
      /** @enum {boolean} */
      readonly archived?: false
      /**
       * @description blocks the user’s time
       * @default true
       */
      busy?: boolean
      /**
       * @description Google’s colour key
       * @enum {unknown}
       */
      colour?: '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9' | '10' | '11' | null
      readonly createdAt?: string
      /** @description a longer text */
      description?: string | null
      end?:
        | {
            /** @description RFC 3339 with offset; without one, local to `timeZone` */
            dateTime: string
            /** @description IANA name; needed for a series; UTC where left out */
            timeZone?: string
          }
        | {
            /** @description YYYY-MM-DD, for whole days; an end is exclusive */
            date: string
          }
      readonly google?: Record<string, never> | null
      /** @description if sent: as in the path */
      id?: string
      /**
       * @default appointment
       * @enum {string}
       */
      kind?: 'appointment' | 'meeting' | 'task' | 'event' | 'block'
      /** @description where */
      location?: string | null
      /** @enum {boolean} */
      readonly locked?: false
      /** @description the platform’s own; never sent to Google */
      metadata?: {
        [key: string]: unknown
      }
      /** @enum {string} */
      readonly origin?: 'platform'
      originalStart?:
        | {
            /** @description RFC 3339 with offset; without one, local to `timeZone` */
            dateTime: string
            /** @description IANA name; needed for a series; UTC where left out */
            timeZone?: string
          }
        | {
            /** @description YYYY-MM-DD, for whole days; an end is exclusive */
            date: string
          }
      /** @description RRULE, EXDATE and RDATE lines; a series is one appointment */
      recurrence?: string[] | null
      /** @description makes this an exception of that series; with `originalStart` */
      recurringId?: string | null
      start?:
        | {
            /** @description RFC 3339 with offset; without one, local to `timeZone` */
            dateTime: string
            /** @description IANA name; needed for a series; UTC where left out */
            timeZone?: string
          }
        | {
            /** @description YYYY-MM-DD, for whole days; an end is exclusive */
            date: string
          }
      /**
       * @default confirmed
       * @enum {string}
       */
      status?: 'tentative' | 'confirmed' | 'completed' | 'cancelled' | 'no_show'
      /** @description what people read */
      title?: string | null
      readonly updatedAt?: string
      /** @description the platform’s own id; fixed once booked */
      userId?: string
      /** @description not compared: `If-Match` is */
      readonly version?: number
    }
    AppointmentInput: {
      /** @enum {boolean} */
      readonly archived?: false
      /**
       * @description blocks the user’s time
       * @default true
       */
      busy?: boolean
      /**
       * @description Google’s colour key
       * @enum {unknown}
       */
      colour?: '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9' | '10' | '11' | null
      readonly createdAt?: string
      /** @description a longer text */
      description?: string | null
      end:
        | {
            /** @description RFC 3339 with offset; without one, local to `timeZone` */
            dateTime: string
            /** @description IANA name; needed for a series; UTC where left out */
            timeZone?: string
          }
        | {
            /** @description YYYY-MM-DD, for whole days; an end is exclusive */
            date: string
          }
      readonly google?: Record<string, never> | null
      /** @description if sent: as in the path */
      id?: string
      /**
       * @default appointment
       * @enum {string}
       */
      kind?: 'appointment' | 'meeting' | 'task' | 'event' | 'block'
      /** @description where */
      location?: string | null
      /** @enum {boolean} */
      readonly locked?: false
      /** @description the platform’s own; never sent to Google */
      metadata?: {
        [key: string]: unknown
      }
      /** @enum {string} */
      readonly origin?: 'platform'
      originalStart?:
        | {
            /** @description RFC 3339 with offset; without one, local to `timeZone` */
            dateTime: string
            /** @description IANA name; needed for a series; UTC where left out */
            timeZone?: string
          }
        | {
            /** @description YYYY-MM-DD, for whole days; an end is exclusive */
            date: string
          }
      /** @description RRULE, EXDATE and RDATE lines; a series is one appointment */
      recurrence?: string[] | null
      /** @description makes this an exception of that series; with `originalStart` */
      recurringId?: string | null
      start:
        | {
            /** @description RFC 3339 with offset; without one, local to `timeZone` */
            dateTime: string
            /** @description IANA name; needed for a series; UTC where left out */
            timeZone?: string
          }
        | {
            /** @description YYYY-MM-DD, for whole days; an end is exclusive */
            date: string
          }
      /**
       * @default confirmed
       * @enum {string}
       */
      status?: 'tentative' | 'confirmed' | 'completed' | 'cancelled' | 'no_show'
      /** @description what people read */
      title?: string | null
      readonly updatedAt?: string
      /** @description the platform’s own id; fixed once booked */
      userId: string
      /** @description not compared: `If-Match` is */
      readonly version?: number
    }
    Availability: {
      busy: {
        end: string
        sources: {
          /** @description the appointment’s id; never a title */
          id: string
          /** @description whose side it comes from */
          kind: 'appointment' | 'calendar'
        }[]
        start: string
      }[]
      /** @description where the user’s whole days begin and end */
      timeZone: string
    }
    Batch: {
      items: {
        /** @enum {boolean} */
        readonly archived?: false
        /**
         * @description blocks the user’s time
         * @default true
         */
        busy?: boolean
        /**
         * @description Google’s colour key
         * @enum {unknown}
         */
        colour?: '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9' | '10' | '11' | null
        readonly createdAt?: string
        /** @description a longer text */
        description?: string | null
        end:
          | {
              /** @description RFC 3339 with offset; without one, local to `timeZone` */
              dateTime: string
              /** @description IANA name; needed for a series; UTC where left out */
              timeZone?: string
            }
          | {
              /** @description YYYY-MM-DD, for whole days; an end is exclusive */
              date: string
            }
        readonly google?: Record<string, never> | null
        id: string
        /**
         * @default appointment
         * @enum {string}
         */
        kind?: 'appointment' | 'meeting' | 'task' | 'event' | 'block'
        /** @description where */
        location?: string | null
        /** @enum {boolean} */
        readonly locked?: false
        /** @description the platform’s own; never sent to Google */
        metadata?: {
          [key: string]: unknown
        }
        /** @enum {string} */
        readonly origin?: 'platform'
        originalStart?:
          | {
              /** @description RFC 3339 with offset; without one, local to `timeZone` */
              dateTime: string
              /** @description IANA name; needed for a series; UTC where left out */
              timeZone?: string
            }
          | {
              /** @description YYYY-MM-DD, for whole days; an end is exclusive */
              date: string
            }
        /** @description RRULE, EXDATE and RDATE lines; a series is one appointment */
        recurrence?: string[] | null
        /** @description makes this an exception of that series; with `originalStart` */
        recurringId?: string | null
        start:
          | {
              /** @description RFC 3339 with offset; without one, local to `timeZone` */
              dateTime: string
              /** @description IANA name; needed for a series; UTC where left out */
              timeZone?: string
            }
          | {
              /** @description YYYY-MM-DD, for whole days; an end is exclusive */
              date: string
            }
        /**
         * @default confirmed
         * @enum {string}
         */
        status?: 'tentative' | 'confirmed' | 'completed' | 'cancelled' | 'no_show'
        /** @description what people read */
        title?: string | null
        readonly updatedAt?: string
        /** @description the platform’s own id; fixed once booked */
        userId: string
        /** @description not compared: `If-Match` is */
        readonly version?: number
      }[]
    }
    BatchAnswer: {
      /** @description in the order of the request */
      items: {
        /** @description as it was sent; null where it was none */
        id: string | null
        problem?: components['schemas']['BatchProblem']
        /** @description as a PUT of its own would be answered */
        status: number
        /** @description where it was written */
        version?: number
      }[]
    }
    /** @description RFC 9457 problem document; some types carry further members */
    BatchProblem: {
      detail: string
      errors?: {
        message: string
        path: string
      }[]
      requestId?: string
      status: number
      title: string
      /** @description a stable slug */
      type: string
    } & {
      [key: string]: unknown
    }
    CalendarChoice: {
      accessRole: string
      canBeConflict: boolean
      canBeSource: boolean
      canBeTarget: boolean
      id: string
      isConflict: boolean
      isPrimary: boolean
      isSource: boolean
      isTarget: boolean
      reason: string | null
      summary: string
      timeZone: string
    }
    Change: {
      at: string
      cursor: string
      /** @description the whole resource after the change */
      data: {
        [key: string]: unknown
      }
      /** @description the same for each delivery of the same change */
      id: string
      type: string
    }
    Changes: {
      /** @description the `after` of the next call */
      cursor: string
      hasMore: boolean
      items: components['schemas']['Change'][]
    }
    Connection: {
      calendars: {
        accessRole: string
        id: string
        isConflict: boolean
        isGone: boolean
        isPrimary: boolean
        isSource: boolean
        isTarget: boolean
        lastPulledAt: string | null
        summary: string
        timeZone: string
      }[]
      counts: {
        linked: number
        missing: number
      }
      /** Format: date-time */
      createdAt: string
      googleAccount: {
        email: string
        sub: string
      }
      id: string
      lastSyncedAt: string | null
      links: {
        [key: string]: string
      }
      /** @description permissions that the user did not grant */
      missingScopes: string[]
      /**
       * @description which ways it syncs
       * @enum {string}
       */
      mode: 'two_way' | 'push_only' | 'off'
      policies: {
        /**
         * @description whether a cancelled appointment leaves Google or stays there, free and marked
         * @enum {string}
         */
        cancelled: 'delete' | 'mark'
        /**
         * @description who wins where both sides changed the same field
         * @enum {string}
         */
        concurrentEdits: 'platform' | 'google' | 'latest'
        /** @description A pull that would cancel more than both holds the connection and asks. */
        deletionGuard: {
          count?: number
          share?: number
        }
        /**
         * @description what becomes of an exact twin found in Google
         * @enum {string}
         */
        duplicates: 'link' | 'flag'
        /**
         * @description its deletion in Google
         * @enum {string}
         */
        googleDeletes: 'cancel' | 'propose' | 'restore'
        /**
         * @description an edit in Google to a platform-origin appointment
         * @enum {string}
         */
        googleEdits: 'accept' | 'propose' | 'revert'
        /**
         * @description what a Google-origin event shows on the platform
         * @enum {string}
         */
        imported: 'full' | 'busy'
        /** @description Which appointments are sent. */
        include: {
          kinds?: ('appointment' | 'meeting' | 'task' | 'event' | 'block')[]
          statuses?: ('tentative' | 'confirmed' | 'completed' | 'cancelled' | 'no_show')[]
        }
        /** @description What leaves for Google; what is left out stays as it is. */
        presentation: {
          /** @description Google’s colour key, `1` to `11` */
          colour?: string | null
          description?: boolean
          location?: boolean
          /** @description `full`, `kind`, `busy`, or a template such as `{{kind}} {{initials}}` */
          title?: string
          /** @enum {string} */
          visibility?: 'default' | 'private' | 'public'
        }
      }
      /** @description the database was restored: nothing is written before everything in Google was matched */
      recovering: boolean
      /**
       * @description where it stands
       * @enum {string}
       */
      status: 'pending' | 'active' | 'needs_reauth' | 'paused' | 'held' | 'disconnected'
      statusReason: string | null
      userId: string
      version: number
      /** @description What is synced; it moves with the calendar day. */
      window: {
        /** @description whole days after today */
        daysAhead: number
        /** @description whole days before today */
        daysBack: number
      }
    }
    ConnectionCheck: {
      checks: {
        detail: string
        name: string
        remedy?: string
        status: 'ok' | 'failed'
      }[]
    }
    ConnectLink: {
      /** Format: date-time */
      expiresAt: string
      /** @description straight to Google’s consent page; ten minutes */
      googleUrl: string
      /** @description the hosted page; single use */
      url: string
    }
    Delivery: {
      appointmentId: string | null
      attempts: number
      /** @description the change’s `id` in the feed */
      changeId: string
      connectionId: string | null
      /** @description the `webhook-id` of each of its attempts */
      id: string
      lastAttemptAt: string | null
      lastError: string | null
      lastStatus: number | null
      nextAttemptAt: string | null
      /** @description `waiting`, `delivered` or `failed` */
      state: string
      type: string
    }
    Duplicate: {
      appointmentId: string
      calendarId: string
      connectionId: string
      /** Format: date-time */
      createdAt: string
      eventId: string
      googleAppointmentId: string | null
      id: string
      /** @description `exact-twin`: it was there first; `feed-copy`: imported from the user’s feed */
      kind: string
      settledAt: string | null
      /** @description `open`, `linked`, `kept`, `removed`, or `gone` where one of the two went by itself */
      state: string
    }
    History: {
      items: {
        action: string
        after?: {
          [key: string]: unknown
        }
        /** Format: date-time */
        at: string
        /** @description of the fields that changed */
        before?: {
          [key: string]: unknown
        }
        /** @description the same in a sentence, for people */
        reason: string
        /** @description the rule that decided */
        rule: string
        /** @enum {string} */
        side: 'platform' | 'google' | 'lockstep'
      }[]
    }
    NewWebhookEndpoint: {
      /** Format: date-time */
      createdAt: string
      description: string | null
      disabledReason: string | null
      failingSince: string | null
      id: string
      lastDeliveredAt: string | null
      /** @description `whsec_…`, the key of the signatures (Standard Webhooks, HMAC-SHA256); shown this once */
      secret: string
      /** @description `enabled` or `disabled` */
      status: string
      types: string[] | null
      url: string
    }
    Plan: {
      counts: {
        delete: number
        insert: number
        local: number
        update: number
      }
      google: {
        /**
         * @description the call that would be made
         * @enum {string}
         */
        action: 'insert' | 'update' | 'delete'
        appointmentId: string | null
        calendarId: string
        eventId: string | null
        summary: string | null
      }[]
      local: {
        /** @description archive: leaves the view, with its history; pair_again, take_in_again: forgotten and found again; let_go: forgotten and not looked for any more; cancel, propose: what the policies say of a deletion */
        action: string
        appointmentId: string
      }[]
    }
    /**
     * Problem
     * @description RFC 9457 problem document; some types carry further members.
     *
     *     | type | status | meaning |
     *     | --- | --- | --- |
     *     | `invalid-request` | 400 | The input is wrong; `errors` names every place. Nothing was changed. |
     *     | `invalid-json` | 400 | The body is not JSON. |
     *     | `bad-request` | 400 | The request itself cannot be read: its path, its headers. |
     *     | `unauthorized` | 401 | No key, or one that is unknown, revoked, expired, or not meant for this route. |
     *     | `rate-limited` | 429 | Too many requests with this key, or without a good one from this address: go on after `Retry-After` seconds. |
     *     | `forbidden` | 403 | The key is good, and this is not allowed to it or to the role that was named. |
     *     | `not-found` | 404 | There is no such object, or it is another tenant’s: the two answer alike. |
     *     | `method-not-allowed` | 405 | The path is known by other methods; `Allow` names them. |
     *     | `slot-taken` | 409 | With `onConflict=reject`: the user is busy then. |
     *     | `idempotency-in-progress` | 409 | The first request with this key is still at work: ask again in a moment. |
     *     | `status-move` | 409 | An appointment in this status cannot take that one. |
     *     | `occurrence-taken` | 409 | Another exception stands for that occurrence already. |
     *     | `series-called-off` | 409 | The series was cancelled, and so are its occurrences. |
     *     | `series-split-before` | 409 | The series was split at this occurrence before. |
     *     | `series-not-splittable` | 409 | The rule cannot be cut in two: book two series instead. |
     *     | `not-a-series` | 409 | It does not recur, so there is nothing to split. |
     *     | `disconnected` | 409 | The connection was ended: connect again. |
     *     | `wrong-status` | 409 | The connection’s status does not allow this now. |
     *     | `choice-needed` | 409 | The deletion guard holds the connection: say `deletions`, `accept` or `restore`. |
     *     | `no-target` | 409 | The connection has no target calendar to write to: choose one. |
     *     | `target-exists` | 409 | The user’s appointments go to another connection already. |
     *     | `syncing-off` | 409 | The tenant has switched calendar sync off for everyone. |
     *     | `feed-active` | 409 | The user has a calendar feed: retire it, or say `replaceFeed: true`. |
     *     | `two-way-active` | 409 | The user syncs both ways, and a feed would show everything twice. |
     *     | `needs-reauth` | 409 | Google does not accept the grant any more: send the user a connect link. |
     *     | `scope-missing` | 409 | The user left out a permission that this needs: send a connect link. |
     *     | `role-too-low` | 409 | The Google account may not do this in that calendar. |
     *     | `gone-in-google` | 409 | Google knows no such calendar, or the account does not see it. |
     *     | `refused-by-google` | 409 | Google refused, for the reason in `detail`. |
     *     | `run-finished` | 409 | The run has ended already. |
     *     | `proposal-settled` | 409 | The proposal was answered, or what it was about has changed since. |
     *     | `duplicate-resolved` | 409 | The duplicate was resolved before. |
     *     | `duplicate-gone` | 409 | One of the two is gone: nothing is left to resolve. |
     *     | `still-being-written` | 409 | The appointment is on its way to Google: try again in a moment. |
     *     | `too-many-endpoints` | 409 | The tenant has as many webhook endpoints as there may be. |
     *     | `endpoint-disabled` | 409 | Nothing is sent to a disabled endpoint: enable it first. |
     *     | `stale-version` | 412 | It was changed since the version that `If-Match` names: read it again. |
     *     | `too-large` | 413 | The body is larger than this route takes. |
     *     | `unsupported-media-type` | 415 | The body is not sent as `application/json`. |
     *     | `idempotency-mismatch` | 422 | The key came before with another request. |
     *     | `google-owned` | 423 | It was made in Google Calendar and is changed there; `htmlLink` leads to it. |
     *     | `internal` | 500 | A fault of ours; the request id leads to it in the log. |
     *     | `unavailable` | 503 | Not possible just now: the instance is closing, or Google does not answer. Ask again. |
     */
    Problem: {
      detail: string
      errors?: {
        message: string
        path: string
      }[]
      requestId: string
      status: number
      title: string
      /** @description a stable slug */
      type: string
    }
    Proposal: {
      appointmentId: string
      calendarId: string
      connectionId: string
      /** Format: date-time */
      createdAt: string
      /**
       * Format: date-time
       * @description without an answer by then, Google is brought back
       */
      expiresAt: string
      id: string
      kind: 'edit' | 'delete'
      settledAt: string | null
      /** @description `open`, `accepted`, `rejected`, `superseded` or `expired` */
      state: string
      /** @description what Google shows now, in the fields that were changed there; none for a deletion */
      values: {
        busy?: boolean
        description?: string | null
        /** @description `{dateTime, timeZone}` or `{date}` */
        end?: {
          date?: string
          dateTime?: string
          timeZone?: string
        }
        location?: string | null
        recurrence?: string[] | null
        /** @description `{dateTime, timeZone}` or `{date}` */
        start?: {
          date?: string
          dateTime?: string
          timeZone?: string
        }
        status?: string
        title?: string | null
      }
    }
    ReconcilePage: {
      /** @description of the answer before; opaque */
      cursor?: string
      /** @description RFC 3339, or a date (UTC): extras only of what ends after it */
      from?: string
      /** @description by id, in the order of their bytes */
      items: {
        /** @description the platform’s own id of the appointment */
        id: string
        /** @description as it was answered last; tells two histories apart that came to the same version */
        updatedAt?: string
        /** @description the one that was answered last */
        version: number
      }[]
      /**
       * @description true: nothing follows; this page may be empty
       * @default false
       */
      last?: boolean
      /**
       * @description what counts as extra: what the platform made, what was made in Google, or both
       * @default platform
       */
      origin?: 'platform' | 'google' | 'any'
      /** @description RFC 3339, or a date (UTC): extras only of what begins before it */
      to?: string
      /** @description only this user’s */
      userId?: string
    }
    Reconciliation: {
      /** @description true: there are more than 1000 extras in this stretch; send the same page again with the new cursor */
      again: boolean
      /** @description send it with the next page; absent: all is compared */
      cursor?: string
      /** @description here and alive, but not listed in the stretch of ids that this page covers: GET, cancel or DELETE them */
      extra: {
        id: string
        origin: string
        status: string
        userId: string
        version: number
      }[]
      /** @description how many of the page are the same on both sides */
      matched: number
      /** @description listed, but not here: PUT them */
      missing: {
        id: string
        version: number
      }[]
      stale: {
        /** @description `lockstep`: PUT it; `platform`: GET it; `unknown`: the same version of another time, so compare the two first */
        behind: 'lockstep' | 'platform' | 'unknown'
        /** @description the version here */
        here: number
        id: string
        /**
         * Format: date-time
         * @description of the version here
         */
        updatedAt: string
        /** @description as listed */
        version: number
      }[]
    }
    Run: {
      connectionId: string
      done: number
      error: string | null
      etaSeconds: number | null
      finishedAt: string | null
      id: string
      kind: string
      phase: string
      startedAt: string | null
      state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled'
      total: number | null
    }
    Split: {
      /**
       * @description true: the series ends, nothing goes on
       * @default false
       */
      cancel?: boolean
      /** @description what the later part shall say otherwise than the series did; `start` and `end` are those of its first occurrence. Without `recurrence` the rule goes on, moved along */
      changes?: {
        /**
         * @description blocks the user’s time
         * @default true
         */
        busy?: boolean
        /**
         * @description Google’s colour key
         * @enum {unknown}
         */
        colour?: '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9' | '10' | '11' | null
        /** @description a longer text */
        description?: string | null
        end?:
          | {
              /** @description RFC 3339 with offset; without one, local to `timeZone` */
              dateTime: string
              /** @description IANA name; needed for a series; UTC where left out */
              timeZone?: string
            }
          | {
              /** @description YYYY-MM-DD, for whole days; an end is exclusive */
              date: string
            }
        /**
         * @default appointment
         * @enum {string}
         */
        kind?: 'appointment' | 'meeting' | 'task' | 'event' | 'block'
        /** @description where */
        location?: string | null
        /** @description the platform’s own; never sent to Google */
        metadata?: {
          [key: string]: unknown
        }
        originalStart?:
          | {
              /** @description RFC 3339 with offset; without one, local to `timeZone` */
              dateTime: string
              /** @description IANA name; needed for a series; UTC where left out */
              timeZone?: string
            }
          | {
              /** @description YYYY-MM-DD, for whole days; an end is exclusive */
              date: string
            }
        /** @description RRULE, EXDATE and RDATE lines; a series is one appointment */
        recurrence?: string[] | null
        /** @description makes this an exception of that series; with `originalStart` */
        recurringId?: string | null
        start?:
          | {
              /** @description RFC 3339 with offset; without one, local to `timeZone` */
              dateTime: string
              /** @description IANA name; needed for a series; UTC where left out */
              timeZone?: string
            }
          | {
              /** @description YYYY-MM-DD, for whole days; an end is exclusive */
              date: string
            }
        /**
         * @default confirmed
         * @enum {string}
         */
        status?: 'tentative' | 'confirmed' | 'completed' | 'cancelled' | 'no_show'
        /** @description what people read */
        title?: string | null
        /** @description the platform’s own id; fixed once booked */
        userId?: string
      }
      originalStart:
        | {
            /** @description RFC 3339 with offset; without one, local to `timeZone` */
            dateTime: string
            /** @description IANA name; needed for a series; UTC where left out */
            timeZone?: string
          }
        | {
            /** @description YYYY-MM-DD, for whole days; an end is exclusive */
            date: string
          }
    }
    /** @description Ask `GET /v1/runs/{id}` how far it is. */
    StartedRun: {
      runId: string
    }
    Tenant: {
      /** Format: date-time */
      createdAt: string
      id: string
      keys: {
        createdAt: string
        expiresAt: string | null
        id: string
        lastUsedAt: string | null
        /** @description how the key begins */
        prefix: string
        revokedAt: string | null
        scopes: ('read' | 'write' | 'connect' | 'webhooks')[]
      }[]
      name: string
      settings: {
        branding: {
          colour: string | null
          logoUrl: string | null
          productName: string | null
        }
        connectRoles: string[] | null
        /** @description policies, or `window`, that no connection and no user overrides */
        locked: string[]
        oauthClient: {
          clientId: string
        } | null
        offers: string[] | null
        policies: {
          [key: string]: unknown
        }
        /** @description false: switched off for everyone */
        syncing: boolean
      }
    }
    UserExport: {
      appointments: {
        appointment: components['schemas']['Appointment']
        history: components['schemas']['History']
      }[]
      connections: components['schemas']['Connection'][]
      /** Format: date-time */
      exportedAt: string
      feedSince: string | null
      userId: string
    }
    WebhookEndpoint: {
      /** Format: date-time */
      createdAt: string
      description: string | null
      disabledReason: string | null
      failingSince: string | null
      id: string
      lastDeliveredAt: string | null
      /** @description `enabled` or `disabled` */
      status: string
      types: string[] | null
      url: string
    }
  }
  responses: never
  parameters: never
  requestBodies: never
  headers: never
  pathItems: never
}
export type $defs = Record<string, never>
export interface operations {
  listAppointments: {
    parameters: {
      query?: {
        /** @description true: the archived ones instead */
        archived?: boolean
        /** @description the `cursor` of the page before; opaque */
        cursor?: string
        /** @description each occurrence as an item; needs from and to, at most 366 days apart */
        expand?: 'instances'
        /** @description RFC 3339, or a date (UTC): only what ends after it */
        from?: string
        /** @description at most so many items */
        limit?: number
        origin?: 'platform' | 'google'
        status?: 'tentative' | 'confirmed' | 'completed' | 'cancelled' | 'no_show'
        /** @description RFC 3339, or a date (UTC): only what begins before it */
        to?: string
        /** @description only of this user */
        userId?: string
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': {
            /** @description there is more: send it to read on */
            cursor?: string
            items: components['schemas']['Appointment'][]
          }
        }
      }
    }
  }
  getAppointment: {
    parameters: {
      query?: {
        archived?: boolean
      }
      header?: never
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Appointment']
        }
      }
    }
  }
  putAppointment: {
    parameters: {
      query?: {
        /** @description `reject`: 409 with the conflicts where the user is busy then, checked in the same transaction */
        onConflict?: 'allow' | 'reject'
      }
      header?: {
        /** @description the ETag that was read; 412 if it is not the present one any more */
        'if-match'?: string
      }
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['AppointmentInput']
      }
    }
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Appointment']
        }
      }
      /** @description Made */
      201: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Appointment']
        }
      }
    }
  }
  archiveAppointment: {
    parameters: {
      query?: never
      header?: {
        /** @description the ETag that was read; 412 if it is not the present one any more */
        'if-match'?: string
      }
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Appointment']
        }
      }
    }
  }
  patchAppointment: {
    parameters: {
      query?: {
        /** @description `reject`: 409 with the conflicts where the user is busy then, checked in the same transaction */
        onConflict?: 'allow' | 'reject'
      }
      header?: {
        /** @description the ETag that was read; 412 if it is not the present one any more */
        'if-match'?: string
      }
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['AppointmentChanges']
      }
    }
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Appointment']
        }
      }
    }
  }
  cancelAppointment: {
    parameters: {
      query?: never
      header?: {
        /** @description the same key and request get the same answer; with another request: 422 */
        'idempotency-key'?: string
        /** @description the ETag that was read; 412 if it is not the present one any more */
        'if-match'?: string
      }
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody?: {
      content: {
        'application/json': {
          /**
           * @description `no_show` sets that status, any other word sets `cancelled`; kept in the history
           * @default cancelled
           */
          reason?: string
        } | null
      }
    }
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Appointment']
        }
      }
    }
  }
  getAppointmentHistory: {
    parameters: {
      query?: {
        /** @description at most so many items */
        limit?: number
      }
      header?: never
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['History']
        }
      }
    }
  }
  splitAppointment: {
    parameters: {
      query?: never
      header?: {
        /** @description the same key and request get the same answer; with another request: 422 */
        'idempotency-key'?: string
        /** @description the ETag that was read; 412 if it is not the present one any more */
        'if-match'?: string
      }
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['Split']
      }
    }
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': {
            /** @description null where the later part was cancelled */
            following: components['schemas']['Appointment'] | null
            series: components['schemas']['Appointment']
          }
        }
      }
    }
  }
  putAppointments: {
    parameters: {
      query?: {
        /** @description `reject`: 409 with the conflicts where the user is busy then, checked in the same transaction */
        onConflict?: 'allow' | 'reject'
      }
      header?: {
        /** @description the same key and request get the same answer; with another request: 422 */
        'idempotency-key'?: string
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['Batch']
      }
    }
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['BatchAnswer']
        }
      }
    }
  }
  listChanges: {
    parameters: {
      query?: {
        /** @description a cursor; left out: from the beginning */
        after?: string
        /** @description at most so many items */
        limit?: number
        /** @description seconds to wait for a change when there is none */
        wait?: number
      }
      header?: {
        /** @description for a stream, instead of `after`: the id of the last event that was read */
        'last-event-id'?: string
      }
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Changes']
          'text/event-stream': string
        }
      }
    }
  }
  getConnection: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Connection']
        }
      }
    }
  }
  disconnect: {
    parameters: {
      query?: {
        /** @description answer with the plan, change nothing */
        dryRun?: boolean
        googleEvents?: 'keep' | 'remove'
      }
      header?: {
        /** @description the ETag that was read; 412 if it is not the present one any more */
        'if-match'?: string
      }
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Connection'] | components['schemas']['Plan']
        }
      }
    }
  }
  patchConnection: {
    parameters: {
      query?: never
      header?: {
        /** @description the ETag that was read; 412 if it is not the present one any more */
        'if-match'?: string
      }
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': {
          mode?: 'two_way' | 'push_only' | 'off'
          /** @description Policies to change; `null` takes one back to the level above. Values as in the answer’s `policies`. */
          policies?: Record<string, never>
          /** @description retire the user’s feed for two-way sync */
          replaceFeed?: boolean
          /** @description What is synced; it moves with the calendar day. */
          window?: {
            /** @description whole days after today */
            daysAhead: number
            /** @description whole days before today */
            daysBack: number
          }
        }
      }
    }
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Connection']
        }
      }
    }
  }
  listCalendars: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': {
            items: components['schemas']['CalendarChoice'][]
          }
        }
      }
    }
  }
  chooseCalendars: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': {
          conflicts?: string[]
          /** @description answer with the plan, change nothing */
          dryRun?: boolean
          /** @description retire the user’s feed for two-way sync */
          replaceFeed?: boolean
          sources?: string[]
          target?:
            | (
                | {
                    create: string
                  }
                | {
                    /** @description a calendar the account may write to */
                    calendarId: string
                  }
              )
            | null
        }
      }
    }
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Plan']
        }
      }
      /** @description Ask `GET /v1/runs/{id}` how far it is. */
      202: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['StartedRun']
        }
      }
    }
  }
  checkConnection: {
    parameters: {
      query?: never
      header?: {
        /** @description the same key and request get the same answer; with another request: 422 */
        'idempotency-key'?: string
      }
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody?: {
      content: {
        'application/json': null | Record<string, never>
      }
    }
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['ConnectionCheck']
        }
      }
    }
  }
  pauseConnection: {
    parameters: {
      query?: never
      header?: {
        /** @description the same key and request get the same answer; with another request: 422 */
        'idempotency-key'?: string
      }
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody?: {
      content: {
        'application/json': null | Record<string, never>
      }
    }
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Connection']
        }
      }
    }
  }
  getHeldPlan: {
    parameters: {
      query?: {
        /** @description what becomes of the deletions in Google that held it: `accept` goes on as the policies say, `restore` writes our events again (events made in Google come back when they are restored there) */
        deletions?: 'accept' | 'restore'
      }
      header?: never
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Plan']
        }
      }
    }
  }
  pushExisting: {
    parameters: {
      query?: never
      header?: {
        /** @description the same key and request get the same answer; with another request: 422 */
        'idempotency-key'?: string
      }
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody?: {
      content: {
        'application/json': {
          /** @description answer with the plan, change nothing */
          dryRun?: boolean
        }
      }
    }
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Plan']
        }
      }
      /** @description Ask `GET /v1/runs/{id}` how far it is. */
      202: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['StartedRun']
        }
      }
    }
  }
  resetConnection: {
    parameters: {
      query?: never
      header?: {
        /** @description the same key and request get the same answer; with another request: 422 */
        'idempotency-key'?: string
      }
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody?: {
      content: {
        'application/json': {
          /** @description answer with the plan, change nothing */
          dryRun?: boolean
          /** @description what becomes of our events: paired again (keep), or deleted and written anew */
          googleEvents?: 'keep' | 'remove'
        }
      }
    }
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Plan']
        }
      }
      /** @description Ask `GET /v1/runs/{id}` how far it is. */
      202: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['StartedRun']
        }
      }
    }
  }
  resumeConnection: {
    parameters: {
      query?: never
      header?: {
        /** @description the same key and request get the same answer; with another request: 422 */
        'idempotency-key'?: string
      }
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody?: {
      content: {
        'application/json': null | {
          /** @description what becomes of the deletions in Google that held it: `accept` goes on as the policies say, `restore` writes our events again (events made in Google come back when they are restored there) */
          deletions?: 'accept' | 'restore'
        }
      }
    }
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Connection']
        }
      }
    }
  }
  syncConnection: {
    parameters: {
      query?: never
      header?: {
        /** @description the same key and request get the same answer; with another request: 422 */
        'idempotency-key'?: string
      }
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody?: {
      content: {
        'application/json': null | Record<string, never>
      }
    }
    responses: {
      /** @description Ask `GET /v1/runs/{id}` how far it is. */
      202: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['StartedRun']
        }
      }
    }
  }
  listDuplicates: {
    parameters: {
      query?: {
        /** @description the `cursor` of the page before; opaque */
        cursor?: string
        /** @description at most so many items */
        limit?: number
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': {
            /** @description there is more: send it to read on */
            cursor?: string
            items: components['schemas']['Duplicate'][]
          }
        }
      }
    }
  }
  resolveDuplicate: {
    parameters: {
      query?: never
      header?: {
        /** @description the same key and request get the same answer; with another request: 422 */
        'idempotency-key'?: string
      }
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': {
          /** @description `link`: the event in Google becomes the appointment’s own, and the one that was written for it goes; `keep_both`: both stay; `remove_google`: the event in Google is deleted */
          action: 'link' | 'keep_both' | 'remove_google'
        }
      }
    }
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Duplicate']
        }
      }
    }
  }
  listProposals: {
    parameters: {
      query?: {
        /** @description the `cursor` of the page before; opaque */
        cursor?: string
        /** @description at most so many items */
        limit?: number
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': {
            /** @description there is more: send it to read on */
            cursor?: string
            items: components['schemas']['Proposal'][]
          }
        }
      }
    }
  }
  acceptProposal: {
    parameters: {
      query?: never
      header?: {
        /** @description the same key and request get the same answer; with another request: 422 */
        'idempotency-key'?: string
      }
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody?: {
      content: {
        'application/json': null | Record<string, never>
      }
    }
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Proposal']
        }
      }
    }
  }
  rejectProposal: {
    parameters: {
      query?: never
      header?: {
        /** @description the same key and request get the same answer; with another request: 422 */
        'idempotency-key'?: string
      }
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody?: {
      content: {
        'application/json': null | Record<string, never>
      }
    }
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Proposal']
        }
      }
    }
  }
  reconcile: {
    parameters: {
      query?: never
      header?: {
        /** @description the same key and request get the same answer; with another request: 422 */
        'idempotency-key'?: string
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['ReconcilePage']
      }
    }
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Reconciliation']
        }
      }
    }
  }
  getRun: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Run']
        }
      }
    }
  }
  cancelRun: {
    parameters: {
      query?: never
      header?: {
        /** @description the same key and request get the same answer; with another request: 422 */
        'idempotency-key'?: string
      }
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody?: {
      content: {
        'application/json': null | Record<string, never>
      }
    }
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Run']
        }
      }
    }
  }
  streamRun: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Server-sent events */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'text/event-stream': string
        }
      }
    }
  }
  createTenant: {
    parameters: {
      query?: never
      header?: {
        /** @description the same key and request get the same answer; with another request: 422 */
        'idempotency-key'?: string
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': {
          /** @description the platform’s name, for people */
          name: string
          /** @description `branding` {productName, logoUrl, colour}, `connectRoles` [role…] or null, `oauthClient` {clientId, clientSecret} or null, `policies`, `syncing` (false: off for everyone, and nobody connects; true again catches up), `locked` [policy or `window`…] (what no connection and no user overrides), `offers` [choice…] or null (what the connect page offers). What is left out stays. */
          settings?: Record<string, never>
        }
      }
    }
    responses: {
      /** @description Made */
      201: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': {
            /** @description shown this once */
            apiKey: string
            id: string
          }
        }
      }
    }
  }
  getTenant: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Tenant']
        }
      }
    }
  }
  eraseTenant: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Done; no body */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  patchTenant: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': {
          /** @description the platform’s name, for people */
          name?: string
          /** @description `branding` {productName, logoUrl, colour}, `connectRoles` [role…] or null, `oauthClient` {clientId, clientSecret} or null, `policies`, `syncing` (false: off for everyone, and nobody connects; true again catches up), `locked` [policy or `window`…] (what no connection and no user overrides), `offers` [choice…] or null (what the connect page offers). What is left out stays. */
          settings?: Record<string, never>
        }
      }
    }
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Tenant']
        }
      }
    }
  }
  createKey: {
    parameters: {
      query?: never
      header?: {
        /** @description the same key and request get the same answer; with another request: 422 */
        'idempotency-key'?: string
      }
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody?: {
      content: {
        'application/json': {
          expiresAt?: string | null
          /** @description `read`, `write` (appointments), `connect` (connections and feeds), `webhooks`; left out: all */
          scopes?: ('read' | 'write' | 'connect' | 'webhooks')[]
        }
      }
    }
    responses: {
      /** @description Made */
      201: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': {
            /** @description shown this once */
            apiKey: string
            id: string
          }
        }
      }
    }
  }
  revokeKey: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description the tenant’s id */
        id: string
        /** @description the key’s id */
        keyId: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Done; no body */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  getAvailability: {
    parameters: {
      query?: {
        /** @description RFC 3339, or a date (UTC) */
        from?: string
        /** @description at most 366 days after from */
        to?: string
      }
      header?: never
      path: {
        /** @description the platform’s own id of the user */
        userId: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Availability']
        }
      }
    }
  }
  checkAvailability: {
    parameters: {
      query?: never
      header?: {
        /** @description the same key and request get the same answer; with another request: 422 */
        'idempotency-key'?: string
      }
      path: {
        /** @description the platform’s own id of the user */
        userId: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': {
          slots: {
            /** @description RFC 3339 with offset */
            end: string
            /** @description RFC 3339 with offset */
            start: string
          }[]
        }
      }
    }
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': {
            slots: {
              conflicts: {
                end: string
                source: {
                  /** @description the appointment’s id; never a title */
                  id: string
                  /** @description whose side it comes from */
                  kind: 'appointment' | 'calendar'
                }
                start: string
              }[]
              end: string
              free: boolean
              start: string
            }[]
          }
        }
      }
    }
  }
  createConnectLink: {
    parameters: {
      query?: never
      header?: {
        /** @description the same key and request get the same answer; with another request: 422 */
        'idempotency-key'?: string
      }
      path: {
        /** @description the platform’s own id of the user */
        userId: string
      }
      cookie?: never
    }
    requestBody?: {
      content: {
        'application/json': {
          /** @description where the browser goes afterwards; http or https */
          returnUrl?: string
          /** @description the user’s role, checked against the tenant’s `connectRoles` */
          role?: string
        }
      }
    }
    responses: {
      /** @description Made */
      201: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['ConnectLink']
        }
      }
    }
  }
  listConnections: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description the platform’s own id of the user */
        userId: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': {
            items: components['schemas']['Connection'][]
          }
        }
      }
    }
  }
  exportUser: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description the platform’s own id of the user */
        userId: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['UserExport']
        }
      }
    }
  }
  createFeed: {
    parameters: {
      query?: never
      header?: {
        /** @description the same key and request get the same answer; with another request: 422 */
        'idempotency-key'?: string
      }
      path: {
        /** @description the platform’s own id of the user */
        userId: string
      }
      cookie?: never
    }
    requestBody?: {
      content: {
        'application/json': null | Record<string, never>
      }
    }
    responses: {
      /** @description Made */
      201: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': {
            /** @description for a calendar to subscribe to */
            url: string
          }
        }
      }
    }
  }
  retireFeed: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description the platform’s own id of the user */
        userId: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Done; no body */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  listWebhookEndpoints: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': {
            items: components['schemas']['WebhookEndpoint'][]
          }
        }
      }
    }
  }
  createWebhookEndpoint: {
    parameters: {
      query?: never
      header?: {
        /** @description the same key and request get the same answer; with another request: 422 */
        'idempotency-key'?: string
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': {
          description?: string | null
          types?:
            | (
                | 'appointment.created'
                | 'appointment.updated'
                | 'appointment.cancelled'
                | 'appointment.sync_failed'
                | 'connection.active'
                | 'connection.needs_reauth'
                | 'connection.held'
                | 'connection.paused'
                | 'connection.disconnected'
                | 'proposal.created'
                | 'duplicate.detected'
                | 'conflict.resolved'
                | 'run.finished'
                | 'webhook_endpoint.disabled'
              )[]
            | null
          /** @description https, on port 443 or 8443, not on a private network; redirects are not followed */
          url: string
        }
      }
    }
    responses: {
      /** @description Made */
      201: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['NewWebhookEndpoint']
        }
      }
    }
  }
  getWebhookEndpoint: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['WebhookEndpoint']
        }
      }
    }
  }
  deleteWebhookEndpoint: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Done; no body */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  patchWebhookEndpoint: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': {
          description?: string | null
          status?: 'enabled' | 'disabled'
          types?:
            | (
                | 'appointment.created'
                | 'appointment.updated'
                | 'appointment.cancelled'
                | 'appointment.sync_failed'
                | 'connection.active'
                | 'connection.needs_reauth'
                | 'connection.held'
                | 'connection.paused'
                | 'connection.disconnected'
                | 'proposal.created'
                | 'duplicate.detected'
                | 'conflict.resolved'
                | 'run.finished'
                | 'webhook_endpoint.disabled'
              )[]
            | null
          /** @description https, on port 443 or 8443, not on a private network; redirects are not followed */
          url?: string
        }
      }
    }
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['WebhookEndpoint']
        }
      }
    }
  }
  listDeliveries: {
    parameters: {
      query?: {
        /** @description the `cursor` of the page before; opaque */
        cursor?: string
        /** @description at most so many items */
        limit?: number
        state?: 'waiting' | 'delivered' | 'failed'
      }
      header?: never
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': {
            cursor: string | null
            items: components['schemas']['Delivery'][]
          }
        }
      }
    }
  }
  retryDelivery: {
    parameters: {
      query?: never
      header?: {
        /** @description the same key and request get the same answer; with another request: 422 */
        'idempotency-key'?: string
      }
      path: {
        /** @description the delivery’s id */
        deliveryId: string
        /** @description the endpoint’s id */
        id: string
      }
      cookie?: never
    }
    requestBody?: {
      content: {
        'application/json': null | Record<string, never>
      }
    }
    responses: {
      /** @description Begun */
      202: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Delivery']
        }
      }
    }
  }
  replayDeliveries: {
    parameters: {
      query?: never
      header?: {
        /** @description the same key and request get the same answer; with another request: 422 */
        'idempotency-key'?: string
      }
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': {
          /** @description a cursor of the change feed */
          after?: string
          /** @description RFC 3339 with offset */
          since?: string
        }
      }
    }
    responses: {
      /** @description Begun */
      202: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': {
            /** @description at most so many */
            changes: number
          }
        }
      }
    }
  }
  rotateWebhookSecret: {
    parameters: {
      query?: never
      header?: {
        /** @description the same key and request get the same answer; with another request: 422 */
        'idempotency-key'?: string
      }
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody?: {
      content: {
        'application/json': null | Record<string, never>
      }
    }
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': {
            /** Format: date-time */
            createdAt: string
            description: string | null
            disabledReason: string | null
            failingSince: string | null
            id: string
            lastDeliveredAt: string | null
            /** Format: date-time */
            oldSecretUntil: string
            /** @description `whsec_…`, the key of the signatures (Standard Webhooks, HMAC-SHA256); shown this once */
            secret: string
            /** @description `enabled` or `disabled` */
            status: string
            types: string[] | null
            url: string
          }
        }
      }
    }
  }
  testWebhookEndpoint: {
    parameters: {
      query?: never
      header?: {
        /** @description the same key and request get the same answer; with another request: 422 */
        'idempotency-key'?: string
      }
      path: {
        /** @description the object’s id */
        id: string
      }
      cookie?: never
    }
    requestBody?: {
      content: {
        'application/json': null | Record<string, never>
      }
    }
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': {
            arrived: boolean
            error: string | null
            status: number | null
          }
        }
      }
    }
  }
}
