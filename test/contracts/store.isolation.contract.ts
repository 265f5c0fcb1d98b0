import { expect, test } from 'vitest'
import type { Reads, Store } from '../../src/ports/store/store.ts'
import { DAY, HOUR, NOW } from '../support/builders.ts'
import { fill, newTenant, someCredentials, type StoreUnderTest } from './store.fixtures.ts'

/** Those that serve the scheduler or look up a secret's hash: they name the tenant in their answer. */
type AcrossTenants =
  | 'apiKeyByHash'
  | 'connectLinkByHash'
  | 'oauthFlowByState'
  | 'calendarsDue'
  | 'channelsDue'
  | 'flushesDue'
  | 'endpointsDue'
  | 'feedByHash'
  | 'proposalsExpired'
  | 'calendarsToCompare'
  | 'divergentSamples'

const scope = { userId: 'dr-lee', connectionId: 'con_1', calendarId: 'cal_1', from: NOW, to: NOW + 9 * DAY }
const keys = {
  connectionId: 'con_1',
  calendarId: 'cal_1',
  eventIds: ['event1'],
  iCalUIDs: ['event1@google.com'],
  markerKeys: ['marker'],
}

/** One call of each read, with what it finds in a filled tenant; a new read does not compile without its row. */
const READS: { [K in Exclude<keyof Reads, AcrossTenants>]: (store: Store, tenantId: string) => Promise<unknown> } = {
  tenant: (store, id) => store.tenant(id),
  apiKeys: (store, id) => store.apiKeys(id),
  connection: (store, id) => store.connection(id, 'con_1'),
  connectionsOfUser: (store, id) => store.connectionsOfUser(id, 'dr-lee'),
  connections: (store, id) => store.connections(id),
  connectionBySub: (store, id) => store.connectionBySub(id, 'dr-lee', 'sub_1'),
  calendar: (store, id) => store.calendar(id, 'con_1', 'cal_1'),
  calendarsOf: (store, id) => store.calendarsOf(id, 'con_1'),
  pullState: (store, id) => store.pullState(id, 'con_1', 'cal_1'),
  targetOf: (store, id) => store.targetOf(id, 'dr-lee'),
  channelsOf: (store, id) => store.channelsOf(id, 'con_1'),
  credentials: (store, id) => store.credentials(id, 'con_1'),
  appointment: (store, id) => store.appointment(id, 'apt_1'),
  appointmentsByIds: (store, id) => store.appointmentsByIds(id, ['apt_1']),
  listAppointments: (store, id) =>
    store.listAppointments(id, {
      userId: null,
      from: null,
      to: null,
      origin: null,
      status: null,
      isArchived: false,
      after: null,
      limit: 9,
    }),
  seriesWithExceptions: (store, id) => store.seriesWithExceptions(id, ['apt_1']),
  history: (store, id) => store.history(id, 'apt_1', 9),
  versionsOf: (store, id) => store.versionsOf(id, ['apt_1']),
  unlisted: (store, id) =>
    store.unlisted(
      id,
      { userId: null, origin: null, from: null, to: null, madeUntil: NOW + DAY, after: null, upTo: null, limit: 9 },
      [],
    ),
  changes: (store, id) => store.changes(id, 0, 9),
  pageContext: async (store, id) => {
    const { links, elsewhere, appointments, markers, outbox } = await store.pageContext(id, keys)
    return [...links, ...elsewhere, ...appointments, ...markers, ...outbox]
  },
  orphans: (store, id) => store.orphans(id, ['mark lost']),
  proposal: (store, id) => store.proposal(id, 'prop_1'),
  openProposals: (store, id) => store.openProposals(id, { appointmentIds: null, afterId: null, limit: 9 }),
  duplicate: (store, id) => store.duplicate(id, 'dup_1'),
  duplicates: (store, id) => store.duplicates(id, { appointmentIds: null, afterId: null, limit: 9 }),
  appointmentsDuring: (store, id) => store.appointmentsDuring(id, 'dr-lee', [{ startAt: NOW, endAt: NOW + 9 * DAY }]),
  missingByCalendar: (store, id) => store.missingByCalendar(id, 'con_1', null),
  missingLinks: (store, id) => store.missingLinks(id, 'con_1', 9),
  countMissing: async (store, id) => {
    const { missing, linked } = await store.countMissing(id, 'con_1')
    return missing + linked === 0 ? null : linked
  },
  linksIn: (store, id) => store.linksIn(id, 'con_1', { calendarIds: ['cal_1'], role: 'ours', after: null, limit: 9 }),
  countBackfill: async (store, id) => (await store.countBackfill(id, 'con_1')) || null,
  outboxDue: (store, id) => store.outboxDue(id, 'con_1', NOW, 9),
  nextOutboxAt: (store, id) => store.nextOutboxAt(id, 'con_1'),
  unsent: (store, id) => store.unsent(id, { ...scope, afterId: null, limit: 9 }),
  run: (store, id) => store.run(id, 'run_1'),
  openRunOf: (store, id) => store.openRunOf(id, 'con_1'),
  rememberedReply: (store, id) => store.rememberedReply(id, 'key'),
  webhookEndpoint: (store, id) => store.webhookEndpoint(id, 'whe_1'),
  webhookEndpoints: (store, id) => store.webhookEndpoints(id),
  waitingDeliveries: (store, id) => store.waitingDeliveries(id, 'whe_1', 9),
  deliveriesAt: (store, id) => store.deliveriesAt(id, 'whe_1', [1]),
  deliveries: (store, id) => store.deliveries(id, 'whe_1', { state: null, beforeSeq: null, limit: 9 }),
  journalHead: async (store, id) => (await store.journalHead(id)) || null,
  journalHeadAt: async (store, id) => (await store.journalHeadAt(id, NOW + DAY)) || null,
  changesAt: (store, id) => store.changesAt(id, [1]),
  changesOfLane: (store, id) =>
    store.changesOfLane(
      id,
      { appointmentId: 'apt_1', connectionId: null },
      { after: 0, upTo: 9, types: null, limit: 9 },
    ),
  feedOf: (store, id) => store.feedOf(id, 'dr-lee'),
  samplesOf: (store, id) => store.samplesOf(id, 'con_1'),
}

const isNothing = (answer: unknown): boolean => answer === null || (Array.isArray(answer) && answer.length === 0)

export function storeIsolationContract(subject: () => StoreUnderTest): void {
  test.each(Object.entries(READS))('%s shows a tenant its own and a stranger nothing', async (_name, read) => {
    const { store } = subject()
    const [owner, stranger] = [await newTenant(store), await newTenant(store)]
    await fill(owner)
    expect(isNothing(await read(store, owner.tenantId))).toBe(false)
    if (read !== READS.tenant) expect(isNothing(await read(store, stranger.tenantId))).toBe(true)
    expect(isNothing(await read(store, `t_${crypto.randomUUID()}`))).toBe(true)
  })

  test('within a transaction a tenant reads its own by the same ids', async () => {
    const { store } = subject()
    const [owner, stranger] = [await newTenant(store), await newTenant(store)]
    await fill(owner)
    await stranger.write(async tx => {
      expect(await tx.appointment(stranger.tenantId, 'apt_1')).toBeNull()
      expect(await tx.connection(stranger.tenantId, 'con_1')).toBeNull()
    })
  })

  test('writes of one tenant do not touch the same ids of another', async () => {
    const { store, rowsOf } = subject()
    const [owner, stranger] = [await newTenant(store), await newTenant(store)]
    const { hash, stateHash } = await fill(owner)
    await fill(stranger)
    const before = await Promise.all(Object.values(READS).map(read => read(store, owner.tenantId)))
    const rows = await rowsOf(owner.tenantId)
    const { tenantId } = stranger
    await stranger.write(async tx => {
      expect(await tx.useConnectLink(hash, NOW)).toBe(false)
      expect(await tx.useOAuthFlow(stateHash, NOW)).toBe(false)
      const calendar = { connectionId: 'con_1', calendarId: 'cal_1', generation: 9, listedFrom: null }
      await tx.flagAbsent(tenantId, calendar, { how: 'absent', since: NOW + 1 })
      await tx.queueUnsent(tenantId, { ...scope, now: NOW })
      await tx.queueShown(tenantId, { connectionId: 'con_1', now: NOW })
      await tx.releaseHeld(tenantId, 'con_1', 'cal_1', NOW)
      await tx.apply(tenantId, {
        appointments: [stranger.appointment({ title: 'theirs' })],
        seen: { connectionId: 'con_1', calendarId: 'cal_1', generation: 8, eventIds: ['event1'] },
        sent: [{ appointmentId: 'apt_1', calendarId: 'cal_1' }],
      })
      await tx.apply(tenantId, { forgetLinks: [{ connectionId: 'con_1', calendarId: 'cal_1', eventId: 'event1' }] })
      await tx.forgetConnection(tenantId, 'con_1')
      await tx.eraseCredentials(tenantId, 'con_1')
      await tx.eraseDeliveries(tenantId, 'whe_1', [1])
      await tx.purgeDeliveries(tenantId, 'whe_1', NOW + DAY)
      await tx.eraseWebhookEndpoint(tenantId, 'whe_1')
      await tx.eraseFeed(tenantId, 'dr-lee')
      await tx.noteCalendar(stranger.calendar({ failures: 9 }))
      expect(await tx.advanceCalendar(stranger.calendar({ cursorVersion: 2 }), 1)).toBe(true)
    })
    expect(await store.leaseCredentials(tenantId, 'con_1', NOW, NOW + HOUR)).toBeNull()
    expect(await store.storeRefreshed({ ...someCredentials(tenantId), sealedAccessToken: 'new' }, 1)).toBe(false)
    expect(await Promise.all(Object.values(READS).map(read => read(store, owner.tenantId)))).toEqual(before)
    expect(await rowsOf(owner.tenantId)).toEqual(rows)
  })
}
