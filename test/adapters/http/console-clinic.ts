import { SCOPES } from '../../../src/core/model/key-scopes.ts'
import { buildServer } from '../../../src/adapters/http/server.ts'
import { putAppointment } from '../../../src/usecases/appointments/put-appointment.ts'
import { cancelAppointment } from '../../../src/usecases/appointments/cancel-appointment.ts'
import { seedEvents } from '../../../src/simulator/testing.ts'
import { aCalendar, aConnection, aLink, DAY, HOUR, NOW } from '../../support/builders.ts'
import { createEngine, TENANT, type Engine } from '../../support/engine.ts'
import { createMemoryAudit } from '../../support/memory-audit.ts'
import { createMemoryStore } from '../../support/memory-store.ts'
import { personAt } from '../../support/person.ts'

export const ADMIN_TOKEN = 'admin-token-of-the-console-tests'
export const API_KEY = 'lk_key_of_the_console_tests'
export const STRANGERS_KEY = 'lk_key_of_a_stranger'
export const PATIENT = 'Jane Roe'

/**
 * A clinic with every trouble there is: dr-lee's connection is real (engine and simulator) and in step but for one parked write; each other
 * user is named after what is wrong.
 */
export async function aTroubledClinic() {
  const engine = createEngine(createMemoryStore)
  const { store } = engine.deps
  const lee = await engine.connect({
    before: calendarId => {
      const calendar = engine.simulator.world.calendars.get(calendarId)
      if (calendar === undefined) throw new Error('no calendar')
      seedEvents(engine.simulator.world, calendar, [
        {
          summary: 'Dentist, private',
          start: { dateTime: '2026-12-02T15:00:00-05:00', timeZone: 'America/New_York' },
          end: { dateTime: '2026-12-02T16:00:00-05:00', timeZone: 'America/New_York' },
        },
        { summary: 'Congress', start: { date: '2026-12-03' }, end: { date: '2026-12-05' } },
      ])
    },
  })
  await engine.settle()
  await book(engine)
  await engine.settle()
  const person = personAt(engine, lee)
  const first = await store.appointment(TENANT, 'apt_1')
  await person.patch(first?.links[0]?.eventId ?? '', { location: 'Room 5' })
  await engine.settle()
  await addTroubles(engine, lee.connectionId, lee.calendarId)
  await addKeys(engine)
  const audit = createMemoryAudit()
  const released: string[] = []
  const app = await buildServer({
    ...engine.deps,
    adminToken: ADMIN_TOKEN,
    operator: {
      audit,
      meters: async () => [{ meter: 'project', perMinute: 9_600, use: 0.31, waitMs: 0, slowedAt: NOW - HOUR }],
      quarantined: async () => [
        { id: 'job_1', kind: 'pull', tenantId: TENANT, concerns: 'con_poison', since: NOW - HOUR },
      ],
      release: async ids => {
        released.push(...ids)
        return ids.length
      },
    },
  })
  return { engine, app, audit, released, lee, store }
}

const span = (day: string, from: string, to: string) => ({
  start: { dateTime: `${day}T${from}:00-05:00`, timeZone: 'America/New_York' },
  end: { dateTime: `${day}T${to}:00-05:00`, timeZone: 'America/New_York' },
})

async function book(engine: Engine): Promise<void> {
  const bodies: [string, object][] = [
    ['apt_1', { title: `Follow-up, ${PATIENT}`, ...span('2026-12-01', '09:00', '09:30') }],
    ['apt_2', { title: 'First visit, Adam Smith', ...span('2026-12-01', '09:15', '10:00') }],
    [
      'apt_3',
      {
        title: 'Team meeting',
        kind: 'meeting',
        recurrence: ['RRULE:FREQ=DAILY;COUNT=8'],
        ...span('2026-11-30', '12:00', '12:45'),
      },
    ],
    ['apt_4', { title: 'Check-up, Mary Major', ...span('2026-12-03', '14:00', '15:30') }],
    ['apt_5', { title: 'Called off, John Doe', ...span('2026-12-04', '10:00', '10:30') }],
  ]
  for (const [id, body] of bodies) {
    const input = {
      tenantId: TENANT,
      id,
      body: { userId: 'dr-lee', ...body },
      ifMatch: null,
      onConflict: 'allow',
    } as const
    const answer = await putAppointment(engine.deps, input)
    if (!answer.ok) throw new Error(JSON.stringify(answer.error))
  }
  await engine.settle()
  await cancelAppointment(engine.deps, { tenantId: TENANT, id: 'apt_5', reason: 'cancelled', ifMatch: null })
}

async function addTroubles(engine: Engine, connectionId: string, calendarId: string): Promise<void> {
  const tenantId = TENANT
  const named = (name: string, fields: Parameters<typeof aConnection>[0] = {}) =>
    aConnection({
      tenantId,
      id: `con_${name}`,
      userId: name,
      googleEmail: `${name}@example.com`,
      status: 'active',
      ...fields,
    })
  const place = (name: string) => ({
    tenantId,
    connectionId: `con_${name}`,
    calendarId: `cal_${name}`,
    eventId: `event-${name}`,
  })
  const error = { code: 'invalid', message: 'Google refused it: the location is too long.' }
  const waiting = { tenantId, lane: 'people', notBefore: NOW, attempts: 1, intent: null, queuedAt: NOW - HOUR } as const
  await engine.deps.store.transaction(tenantId, async tx => {
    const connections = [
      named('revoked', { status: 'needs_reauth' }),
      named('permission', { missingScopes: ['https://www.googleapis.com/auth/calendar.events'] }),
      named('held', { status: 'held', statusReason: '40 of 50 events were gone from Google at once.' }),
      named('read_only'),
      named('quota', { writesPausedUntil: NOW + 3 * HOUR }),
      named('channel'),
      named('unreadable'),
      named('duplicate'),
      named('fine'),
    ]
    for (const connection of connections) {
      const name = connection.userId
      await tx.saveConnection(connection)
      const calendar = aCalendar({ tenantId, connectionId: connection.id, id: `cal_${name}`, lastPulledAt: NOW })
      await tx.saveCalendars([{ ...calendar, accessRole: name === 'read_only' ? 'reader' : 'owner' }])
      if (name === 'channel') continue
      await tx.saveChannel({
        tenantId,
        id: `ch_${name}`,
        connectionId: connection.id,
        calendarId: calendar.id,
        resourceId: 'resource',
        state: 'live',
        expiresAt: NOW + 5 * DAY,
        createdAt: NOW - DAY,
        lastNotifiedAt: NOW - HOUR,
        expectedAt: null,
        dueAt: NOW + DAY,
      })
    }
    await tx.apply(tenantId, {
      outbox: [{ ...waiting, appointmentId: 'apt_4', connectionId, calendarId, state: 'failed', error }],
      links: [
        {
          ...aLink({ ...place('unreadable'), appointmentId: null }),
          role: 'parked',
          error: { code: 'unreadable', message: 'It has no start.' },
        },
      ],
      duplicates: [
        {
          ...place('duplicate'),
          id: 'dup_1',
          kind: 'exact-twin',
          appointmentId: 'apt_2',
          twinId: null,
          ownEventId: null,
          state: 'open',
          createdAt: NOW,
          settledAt: null,
        },
      ],
    })
    await tx.saveWebhookEndpoint({
      tenantId,
      id: 'whe_1',
      url: 'https://hooks.platform.example/lockstep',
      description: null,
      types: null,
      status: 'disabled',
      disabledReason: 'failing',
      sealedSecret: 's',
      sealedOldSecret: null,
      oldSecretUntil: null,
      cursor: 0,
      failures: 14,
      lastFailureAt: NOW - HOUR,
      failingSince: NOW - 5 * DAY,
      lastDeliveredAt: null,
      restUntil: null,
      createdAt: NOW - 9 * DAY,
    })
  })
}

async function addKeys({ deps }: Engine): Promise<void> {
  const settings = {
    branding: { productName: null, logoUrl: null, colour: null },
    connectRoles: null,
    oauthClient: null,
    policies: {},
  }
  await deps.store.transaction('stranger', tx =>
    tx.saveTenant({ id: 'stranger', name: 'Stranger', settings, createdAt: NOW }),
  )
  for (const [tenantId, key] of [
    [TENANT, API_KEY],
    ['stranger', STRANGERS_KEY],
  ] as const)
    await deps.store.transaction(tenantId, tx =>
      tx.saveApiKey({
        tenantId,
        id: `key_${tenantId}`,
        hash: deps.names.hash(key),
        prefix: 'lk_',
        createdAt: NOW,
        expiresAt: null,
        revokedAt: null,
        scopes: SCOPES,
        lastUsedAt: null,
      }),
    )
}
