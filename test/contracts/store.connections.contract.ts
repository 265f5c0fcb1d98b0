import { describe, expect, test } from 'vitest'
import { DAY, HOUR, NOW } from '../support/builders.ts'
import { aChannel, aRun, fill, newTenant, someCredentials, type StoreUnderTest } from './store.fixtures.ts'

const LIMIT = 10_000

export function storeConnectionsContract(subject: () => StoreUnderTest): void {
  describe('of a user', () => ofUser(subject))
  describe('calendars', () => calendars(subject))
  describe('the scheduler', () => scheduler(subject))
  describe('notifications', () => notifications(subject))
  describe('secrets', () => secrets(subject))
  describe('keys, runs and replies', () => operations(subject))
}

function ofUser(subject: () => StoreUnderTest): void {
  test('come oldest first, by user, and by Google account: the one that is not ended, else the newest', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    const [ended, other, live] = [
      t.connection({ id: 'z', createdAt: NOW, status: 'disconnected' }),
      t.connection({ id: 'y', createdAt: NOW + 1, userId: 'dr-wu' }),
      t.connection({
        id: 'x',
        createdAt: NOW - 1,
        policies: { duplicates: 'flag' },
        grantedScopes: ['s'],
        lastSyncedAt: NOW,
      }),
    ]
    await t.write(async tx => {
      for (const each of [ended, other, live]) await tx.saveConnection(each)
    })
    expect(await store.connections(t.tenantId)).toEqual([live, ended, other])
    expect(await store.connectionsOfUser(t.tenantId, 'dr-lee')).toEqual([live, ended])
    expect(await store.connectionBySub(t.tenantId, 'dr-lee', 'sub_1')).toEqual(live)
    await t.write(tx => tx.saveConnection({ ...live, status: 'disconnected' }))
    expect((await store.connectionBySub(t.tenantId, 'dr-lee', 'sub_1'))?.id).toBe('z')
    expect(await store.connectionBySub(t.tenantId, 'dr-lee', 'sub_9')).toBeNull()
    expect(await store.connection(t.tenantId, 'unknown')).toBeNull()
  })

  test('the target is a calendar of one that is not ended, and none where there is none', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    const connection = t.connection()
    const [target, source] = [t.calendar(), t.calendar({ id: 'cal_0', isTarget: false })]
    await t.write(async tx => {
      await tx.saveConnection(connection)
      await tx.saveCalendars([source])
    })
    expect(await store.targetOf(t.tenantId, 'dr-lee')).toBeNull()
    await t.write(tx => tx.saveCalendars([target]))
    expect(await store.targetOf(t.tenantId, 'dr-lee')).toEqual({ connection, calendar: target })
    expect(await store.targetOf(t.tenantId, 'dr-wu')).toBeNull()
    await t.write(tx => tx.saveConnection({ ...connection, status: 'disconnected' }))
    expect(await store.targetOf(t.tenantId, 'dr-lee')).toBeNull()
  })
}

function calendars(subject: () => StoreUnderTest): void {
  test('advance only from the version they were read at', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    await t.write(tx => tx.saveCalendars([t.calendar(), t.calendar({ id: 'cal_0' })]))
    const cursor = { syncToken: null, pageToken: 'page', generation: 2, parameters: 'q', listedFrom: null }
    const next = t.calendar({ cursor, cursorVersion: 2, lastPulledAt: NOW, holdOffUntil: NOW + 1 })
    expect(await t.write(tx => tx.advanceCalendar(next, 1))).toBe(true)
    expect(await store.calendar(t.tenantId, 'con_1', 'cal_1')).toEqual(next)
    expect(await t.write(tx => tx.advanceCalendar({ ...next, summary: 'overtaken' }, 1))).toBe(false)
    expect(await store.calendarsOf(t.tenantId, 'con_1')).toEqual([t.calendar({ id: 'cal_0' }), next])
    expect(await t.write(tx => tx.advanceCalendar(t.calendar({ id: 'unknown' }), 1))).toBe(false)
    expect(await store.calendar(t.tenantId, 'con_1', 'unknown')).toBeNull()
  })

  test('advance and tell at once what is known, or neither', async () => {
    const { store, counted } = subject()
    const t = await newTenant(store)
    await t.write(async tx => {
      await tx.saveCalendars([t.calendar({ wakeSeq: 3 })])
      await tx.apply(t.tenantId, { appointments: [t.appointment()], links: [t.link()] })
    })
    const link = t.link()
    const keys = { eventIds: [link.eventId], iCalUIDs: [], markerKeys: [] }
    const next = t.calendar({ cursorVersion: 2, wakeSeq: 1, lastPulledAt: NOW })
    let found: unknown = null
    const statements = await counted(() =>
      t.write(async tx => {
        found = await tx.advanceAndRead(next, 1, keys)
      }),
    )
    const place = { connectionId: next.connectionId, calendarId: next.id }
    expect(found).toEqual({ wakeSeq: 3, context: await store.pageContext(t.tenantId, { ...place, ...keys }) })
    expect(await store.calendar(t.tenantId, 'con_1', 'cal_1')).toEqual({ ...next, wakeSeq: 3 })
    expect(statements === null ? 2 : statements).toBe(2) // the tenant's lock, and this
    expect(await t.write(tx => tx.advanceAndRead({ ...next, summary: 'overtaken' }, 1, keys))).toBeNull()
    expect(await store.calendar(t.tenantId, 'con_1', 'cal_1')).toEqual({ ...next, wakeSeq: 3 })
  })

  test('are read for a pull with all it begins with', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    const mine = aChannel(t.tenantId, `${t.tenantId}-1`)
    const other = { ...aChannel(t.tenantId, `${t.tenantId}-2`), calendarId: 'cal_0' }
    await t.write(async tx => {
      await tx.saveConnection(t.connection())
      await tx.saveCalendars([t.calendar()])
      await tx.saveChannel(mine)
      await tx.saveChannel(other)
    })
    const tenant = await store.tenant(t.tenantId)
    expect(await store.pullState(t.tenantId, 'con_1', 'cal_1')).toEqual({
      connection: t.connection(),
      calendar: t.calendar(),
      policies: tenant?.settings.policies,
      channels: [mine],
    })
    expect(await store.pullState(t.tenantId, 'con_1', 'cal_0')).toBeNull()
    expect(await store.pullState(t.tenantId, 'con_0', 'cal_1')).toBeNull()
  })

  test('F37: one of two pulls that read the same version is overtaken', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    await t.write(tx => tx.saveCalendars([t.calendar()]))
    const pull = () => t.write(tx => tx.advanceCalendar(t.calendar({ cursorVersion: 2 }), 1))
    expect((await Promise.all([pull(), pull(), pull()])).sort()).toEqual([false, false, true])
    expect((await store.calendar(t.tenantId, 'con_1', 'cal_1'))?.cursorVersion).toBe(2)
  })

  test('noting a pull changes what it names and nothing else', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    await t.write(tx => tx.saveCalendars([t.calendar({ wakeSeq: 3 })]))
    const noted = { lastPulledAt: NOW, nextPollAt: NOW + 1, holdOffUntil: NOW + 2, failures: 3, pulledSeq: 4 }
    const other = { summary: 'other', cursorVersion: 9, wakeSeq: 0, isGone: true }
    await t.write(tx => tx.noteCalendar(t.calendar({ ...noted, ...other })))
    expect(await store.calendar(t.tenantId, 'con_1', 'cal_1')).toEqual(t.calendar({ wakeSeq: 3, ...noted }))
    await t.write(tx => tx.noteCalendar(t.calendar({ id: 'unknown' })))
    expect(await store.calendar(t.tenantId, 'con_1', 'unknown')).toBeNull()
  })
}

function scheduler(subject: () => StoreUnderTest): void {
  test('polls calendars in use of active connections whose time has come, the longest waiting first', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    const unused = { isTarget: false, isSource: false, isConflict: false }
    await t.write(async tx => {
      await tx.saveConnection(t.connection())
      await tx.saveConnection(t.connection({ id: 'paused', status: 'paused' }))
      await tx.saveConnection(t.connection({ id: 'off', mode: 'off' }))
      await tx.saveCalendars([
        t.calendar({ id: 'due', nextPollAt: NOW - 1 }),
        t.calendar({ id: 'longest', nextPollAt: NOW - 2, ...unused, isConflict: true }),
        t.calendar({ id: 'now', nextPollAt: NOW, holdOffUntil: NOW }),
        t.calendar({ id: 'later', nextPollAt: NOW + 1 }),
        t.calendar({ id: 'held off', holdOffUntil: NOW + 1 }),
        t.calendar({ id: 'gone', isGone: true }),
        t.calendar({ id: 'unused', ...unused }),
        t.calendar({ connectionId: 'paused' }),
        t.calendar({ connectionId: 'off' }),
        t.calendar({ connectionId: 'unknown' }),
      ])
    })
    const due = (await store.calendarsDue(NOW, LIMIT)).filter(each => each.tenantId === t.tenantId)
    expect(due.map(each => each.calendarId)).toEqual(['longest', 'due', 'now'])
    expect(due[0]).toEqual({ tenantId: t.tenantId, connectionId: 'con_1', calendarId: 'longest' })
    expect(await store.calendarsDue(NOW, 1)).toHaveLength(1)
  })

  test('flushes active connections that have something due', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    await t.write(async tx => {
      await tx.saveConnection(t.connection())
      await tx.saveConnection(t.connection({ id: 'older' }))
      await tx.saveConnection(t.connection({ id: 'waiting' }))
      await tx.saveConnection(t.connection({ id: 'reauth', status: 'needs_reauth' }))
      const row = (appointmentId: string, connectionId: string, fields = {}) =>
        t.outbox({ appointmentId, connectionId, ...fields })
      await tx.apply(t.tenantId, {
        outbox: [
          row('a', 'con_1'),
          row('b', 'con_1'),
          row('c', 'older', { notBefore: NOW - 1 }),
          row('d', 'waiting', { notBefore: NOW + 1 }),
          row('e', 'waiting', { state: 'held' }),
          row('f', 'reauth'),
        ],
      })
    })
    const due = (await store.flushesDue(NOW, LIMIT)).filter(each => each.tenantId === t.tenantId)
    expect(due.map(each => each.connectionId)).toEqual(['older', 'con_1'])
    expect(await store.flushesDue(NOW, 1)).toHaveLength(1)
  })

  test('lets the writes of an account rest', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    await t.write(async tx => {
      await tx.saveConnection(t.connection({ writesPausedUntil: NOW + 1, writeRefusals: 3 }))
      await tx.apply(t.tenantId, { outbox: [t.outbox()] })
    })
    const due = async (now: number) => (await store.flushesDue(now, LIMIT)).filter(each => each.tenantId === t.tenantId)
    expect(await due(NOW)).toEqual([])
    expect(await due(NOW + 1)).toHaveLength(1)
    expect(await store.connection(t.tenantId, 'con_1')).toMatchObject({ writesPausedUntil: NOW + 1, writeRefusals: 3 })
  })

  test('looks at channels that are due, of connections that run', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    const channel = (id: string, fields: object) => ({ ...aChannel(t.tenantId, `${t.tenantId}-${id}`), ...fields })
    const [soon, sooner] = [
      channel('soon', { dueAt: NOW + 2, state: 'stopping', expectedAt: NOW }),
      channel('sooner', { dueAt: NOW + 1, calendarId: null }),
    ]
    await t.write(async tx => {
      await tx.saveConnection(t.connection())
      await tx.saveConnection(t.connection({ id: 'reauth', status: 'needs_reauth' }))
      for (const each of [
        soon,
        sooner,
        channel('late', { dueAt: NOW + 10 }),
        channel('retired', { dueAt: NOW, state: 'retired' }),
        channel('revoked', { dueAt: NOW, connectionId: 'reauth' }),
      ])
        await tx.saveChannel(each)
    })
    const due = (await store.channelsDue(NOW + 9, LIMIT)).filter(each => each.tenantId === t.tenantId)
    expect(due).toEqual([sooner, soon])
    expect(await store.channelsOf(t.tenantId, 'con_1')).toHaveLength(4)
    expect(await store.channelsOf(t.tenantId, 'con_2')).toEqual([])
    await t.write(tx => tx.forgetChannels(t.tenantId, [soon.id, 'unknown']))
    expect(await store.channelsOf(t.tenantId, 'con_1')).toHaveLength(3)
  })

  test('gives a calendar another id, with all that belongs to it', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    await fill(t)
    await t.write(tx => tx.renameCalendar(t.tenantId, 'con_1', { from: 'cal_1', to: 'new@example.com' }))
    expect(await store.calendar(t.tenantId, 'con_1', 'cal_1')).toBeNull()
    expect((await store.calendar(t.tenantId, 'con_1', 'new@example.com'))?.cursor.syncToken).toBe('token')
    const pair = await store.appointment(t.tenantId, 'apt_1')
    expect([...(pair?.links ?? []), pair?.outbox].map(each => each?.calendarId)).toEqual([
      'new@example.com',
      'new@example.com',
    ])
    expect((await store.channelsOf(t.tenantId, 'con_1')).map(each => each.calendarId)).toEqual(['new@example.com'])
  })
}

function notifications(subject: () => StoreUnderTest): void {
  test('count up beside pulls, which never take one back', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    const { channelId } = await fill(t)
    const notification = { channelId, resourceId: 'resource', at: NOW + 1 }
    const read = await store.calendar(t.tenantId, 'con_1', 'cal_1')
    expect(await store.noteNotification(notification)).toEqual({
      tenantId: t.tenantId,
      connectionId: 'con_1',
      calendarId: 'cal_1',
    })
    await store.noteNotification({ ...notification, at: NOW })
    expect((await store.channelsOf(t.tenantId, 'con_1'))[0]?.lastNotifiedAt).toBe(NOW + 1)
    await t.write(tx => tx.advanceCalendar({ ...read!, cursorVersion: 2, pulledSeq: 0 }, 1))
    await t.write(tx => tx.saveCalendars([read!]))
    expect((await store.calendar(t.tenantId, 'con_1', 'cal_1'))?.wakeSeq).toBe(2)
    await Promise.all([...Array(10)].map(() => store.noteNotification(notification)))
    expect((await store.calendar(t.tenantId, 'con_1', 'cal_1'))?.wakeSeq).toBe(12)
  })

  test('that come together are each answered for themselves', async () => {
    const { store } = subject()
    const [one, other] = [await newTenant(store), await newTenant(store)]
    const [mine, theirs] = [(await fill(one)).channelId, (await fill(other)).channelId]
    const noted = await Promise.all([
      store.noteNotification({ channelId: mine, resourceId: 'resource', at: NOW + 5 }),
      store.noteNotification({ channelId: mine, resourceId: 'another', at: NOW + 9 }),
      store.noteNotification({ channelId: 'nobody', resourceId: 'resource', at: NOW + 5 }),
      store.noteNotification({ channelId: theirs, resourceId: 'resource', at: NOW + 6 }),
      store.noteNotification({ channelId: mine, resourceId: 'resource', at: NOW + 4 }),
      store.noteNotification({ channelId: theirs, resourceId: 'resource', at: NOW + 7, isGreeting: true }),
    ])
    const expected = [one, null, null, other, one, other].map(each => each?.tenantId ?? null)
    expect(noted.map(each => each?.tenantId ?? null)).toEqual(expected)
    const wakeSeqOf = async (tenantId: string) => (await store.calendar(tenantId, 'con_1', 'cal_1'))?.wakeSeq
    expect([await wakeSeqOf(one.tenantId), await wakeSeqOf(other.tenantId)]).toEqual([2, 1])
    expect((await store.channelsOf(one.tenantId, 'con_1'))[0]?.lastNotifiedAt).toBe(NOW + 5)
    expect((await store.channelsOf(other.tenantId, 'con_1'))[0]?.lastNotifiedAt).toBe(NOW + 7)
  })

  test('are told apart: the first wakes the calendar, later ones find it awake until a pull answers; its poll is due at once', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    const { channelId } = await fill(t)
    const note = async (at: number) =>
      (await store.noteNotification({ channelId, resourceId: 'resource', at }))?.isAwake
    const calendar = async () => (await store.calendar(t.tenantId, 'con_1', 'cal_1'))!
    const quiet = await calendar()
    await t.write(tx => tx.noteCalendar({ ...quiet, nextPollAt: NOW + 900_000 }))
    expect([await note(NOW + 1), await note(NOW + 2)]).toEqual([undefined, true])
    const noted = await calendar()
    expect(noted.nextPollAt).toBe(NOW + 1)
    await t.write(tx => tx.noteCalendar({ ...noted, pulledSeq: noted.wakeSeq }))
    expect(await note(NOW + 3)).toBeUndefined()
  })

  test('that greet tell that the channel lives, and wake nothing', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    const { channelId } = await fill(t)
    const [stale] = await store.channelsOf(t.tenantId, 'con_1')
    const greeting = { channelId, resourceId: 'resource', at: NOW, isGreeting: true }
    expect(await store.noteNotification(greeting)).not.toBeNull()
    expect((await store.calendar(t.tenantId, 'con_1', 'cal_1'))?.wakeSeq).toBe(0)
    await t.write(tx => tx.saveChannel(stale!))
    expect((await store.channelsOf(t.tenantId, 'con_1'))[0]?.lastNotifiedAt).toBe(NOW)
  })

  test('are owed after a write of ours, from the first one that was not answered', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    const { channelId } = await fill(t)
    await t.write(tx => tx.saveChannel({ ...aChannel(t.tenantId, channelId), dueAt: NOW + 9 }))
    const of = { tenantId: t.tenantId, connectionId: 'con_1', calendarId: 'cal_1' }
    await store.expectNotification({ ...of, at: NOW, dueAt: NOW + 5 })
    await store.expectNotification({ ...of, at: NOW + 1, dueAt: NOW + 6 })
    expect(await store.channelsOf(t.tenantId, 'con_1')).toMatchObject([{ expectedAt: NOW, dueAt: NOW + 5 }])
    await store.noteNotification({ channelId, resourceId: 'resource', at: NOW + 2 })
    await store.expectNotification({ ...of, calendarId: 'cal_2', at: NOW + 3, dueAt: NOW + 8 })
    expect(await store.channelsOf(t.tenantId, 'con_1')).toMatchObject([{ expectedAt: NOW }])
    await store.expectNotification({ ...of, at: NOW + 3, dueAt: NOW + 8 })
    expect(await store.channelsOf(t.tenantId, 'con_1')).toMatchObject([{ expectedAt: NOW + 3, dueAt: NOW + 5 }])
  })

  test('on a channel that is done with ask for it to be stopped, but not right after it was', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    const { channelId } = await fill(t)
    const orphan = (settledBefore: number) =>
      store.noteOrphan({ channelId, resourceId: 'theirs', at: NOW + 5, settledBefore })
    expect(await orphan(NOW)).toBe(false)
    await t.write(tx => tx.saveChannel({ ...aChannel(t.tenantId, channelId), state: 'retired', resourceId: null }))
    expect(await orphan(NOW - 1)).toBe(false)
    expect(await orphan(NOW)).toBe(true)
    expect(await orphan(NOW)).toBe(false)
    const stopping = { state: 'stopping', resourceId: 'theirs', dueAt: NOW + 5 }
    expect(await store.channelsOf(t.tenantId, 'con_1')).toMatchObject([stopping])
    expect(await store.noteOrphan({ channelId: 'unknown', resourceId: 'r', at: NOW, settledBefore: NOW })).toBe(false)
  })

  test('for an unknown, retired or expired channel or another resource change nothing', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    const { channelId } = await fill(t)
    const note = (fields: object) => store.noteNotification({ channelId, resourceId: 'resource', at: NOW, ...fields })
    expect(await note({ channelId: 'unknown' })).toBeNull()
    expect(await note({ channelId: 'un\0known' })).toBeNull()
    expect(await note({ resourceId: 'other' })).toBeNull()
    expect(await note({ at: NOW + DAY })).toBeNull()
    await t.write(tx => tx.saveChannel({ ...aChannel(t.tenantId, channelId), state: 'retired' }))
    expect(await note({})).toBeNull()
    expect((await store.calendar(t.tenantId, 'con_1', 'cal_1'))?.wakeSeq).toBe(0)
    expect((await store.channelsOf(t.tenantId, 'con_1'))[0]?.lastNotifiedAt).toBeNull()
  })

  test('count while a channel is opening, its resource not yet known, and for the list of calendars', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    const { channelId } = await fill(t)
    await t.write(tx => tx.saveChannel({ ...aChannel(t.tenantId, channelId), state: 'opening', resourceId: null }))
    expect(await store.noteNotification({ channelId, resourceId: 'any', at: NOW })).not.toBeNull()
    expect((await store.calendar(t.tenantId, 'con_1', 'cal_1'))?.wakeSeq).toBe(1)
    await t.write(tx => tx.saveChannel({ ...aChannel(t.tenantId, channelId), calendarId: null }))
    const woken = await store.noteNotification({ channelId, resourceId: 'resource', at: NOW })
    expect(woken).toEqual({ tenantId: t.tenantId, connectionId: 'con_1', calendarId: null })
    expect((await store.calendar(t.tenantId, 'con_1', 'cal_1'))?.wakeSeq).toBe(1)
  })
}

function secrets(subject: () => StoreUnderTest): void {
  test('F37: one of many takes the lease; it ends with its time, or with the refreshed tokens', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    await fill(t)
    const lease = (now: number) => store.leaseCredentials(t.tenantId, 'con_1', now, now + 30_000)
    const taken = await Promise.all([...Array(8)].map(() => lease(NOW)))
    const [won, ...others] = taken.filter(each => each !== null)
    expect(won).toEqual({ ...someCredentials(t.tenantId), refreshLeaseUntil: NOW + 30_000 })
    expect(others).toEqual([])
    expect(await lease(NOW + 29_999)).toBeNull()
    expect(await lease(NOW + 30_000)).not.toBeNull()
    const refreshed = { ...someCredentials(t.tenantId), sealedAccessToken: 'new', accessTokenExpiresAt: NOW + 2 * HOUR }
    expect(await store.storeRefreshed(refreshed, 1)).toBe(true)
    expect(await store.credentials(t.tenantId, 'con_1')).toEqual({ ...refreshed, version: 2, refreshLeaseUntil: null })
    expect(await store.storeRefreshed({ ...refreshed, sealedAccessToken: 'late' }, 1)).toBe(false)
    expect((await store.credentials(t.tenantId, 'con_1'))?.sealedAccessToken).toBe('new')
    expect(await lease(NOW)).not.toBeNull()
  })

  test('erased ones are gone and cannot be leased or stored', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    await fill(t)
    await t.write(tx => tx.eraseCredentials(t.tenantId, 'con_1'))
    expect(await store.credentials(t.tenantId, 'con_1')).toBeNull()
    expect(await store.leaseCredentials(t.tenantId, 'con_1', NOW, NOW + 1)).toBeNull()
    expect(await store.storeRefreshed(someCredentials(t.tenantId), 1)).toBe(false)
  })

  test('a connect link and an OAuth flow are used once, also by two at a time', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    const { hash, stateHash } = await fill(t)
    const links = await Promise.all([1, 2, 3].map(() => t.write(tx => tx.useConnectLink(hash, NOW + 1))))
    const flows = await Promise.all([1, 2, 3].map(() => t.write(tx => tx.useOAuthFlow(stateHash, NOW + 2))))
    expect([links.sort(), flows.sort()]).toEqual([
      [false, false, true],
      [false, false, true],
    ])
    expect((await store.connectLinkByHash(hash))?.usedAt).toBe(NOW + 1)
    expect(await store.oauthFlowByState(stateHash)).toMatchObject({
      usedAt: NOW + 2,
      sealedCodeVerifier: 'sealed',
      tenantId: t.tenantId,
    })
    expect(await store.connectLinkByHash('unknown')).toBeNull()
    expect(await store.oauthFlowByState('unknown')).toBeNull()
    expect(await t.write(tx => tx.useConnectLink('unknown', NOW))).toBe(false)
  })
}

function operations(subject: () => StoreUnderTest): void {
  test('a key is found by its hash while it lives', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    const key = {
      tenantId: t.tenantId,
      id: 'k',
      hash: crypto.randomUUID(),
      prefix: 'lk',
      createdAt: NOW,
      expiresAt: NOW + 1,
      revokedAt: null,
      scopes: ['read'] as const,
      lastUsedAt: null,
    }
    await t.write(tx => tx.saveApiKey(key))
    await t.write(tx => tx.saveApiKey({ ...key, id: 'j', hash: crypto.randomUUID(), createdAt: NOW - 1 }))
    expect(await store.apiKeyByHash(key.hash, NOW)).toEqual(key)
    for (const at of [NOW + 5, NOW + 3]) await store.noteKeyUse(t.tenantId, 'k', at)
    await store.noteKeyUse(t.tenantId, 'nobody', NOW)
    await t.write(tx => tx.saveApiKey(key))
    expect(await store.apiKeyByHash(key.hash, NOW)).toEqual({ ...key, lastUsedAt: NOW + 5 })
    expect(await store.apiKeyByHash(key.hash, NOW + 1)).toBeNull()
    expect(await store.apiKeyByHash('unknown', NOW)).toBeNull()
    await t.write(tx => tx.saveApiKey({ ...key, expiresAt: null, revokedAt: NOW }))
    expect(await store.apiKeyByHash(key.hash, NOW)).toBeNull()
    expect((await store.apiKeys(t.tenantId)).map(each => each.id)).toEqual(['j', 'k'])
  })

  test('the open run of a connection is the newest that is not over', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    const run = aRun(t.tenantId)
    await t.write(async tx => {
      await tx.saveRun(run)
      await tx.saveRun({ ...run, id: 'run_2', state: 'queued', createdAt: NOW + 1 })
      await tx.saveRun({ ...run, id: 'run_3', state: 'done', createdAt: NOW + 2 })
    })
    expect((await store.openRunOf(t.tenantId, 'con_1'))?.id).toBe('run_2')
    expect(await store.openRunOf(t.tenantId, 'con_2')).toBeNull()
    await t.write(tx => tx.saveRun({ ...run, id: 'run_2', state: 'done', createdAt: NOW + 1 }))
    expect(await store.openRunOf(t.tenantId, 'con_1')).toEqual(run)
    expect(await store.run(t.tenantId, 'unknown')).toBeNull()
  })

  test.each([[{ id: 1, list: [null, 'a'] }], ['a text'], [null], [7], [[]]])(
    'a remembered answer comes back: %j',
    async body => {
      const { store } = subject()
      const t = await newTenant(store)
      const reply = { tenantId: t.tenantId, key: 'k', requestHash: 'h', status: 201, body, createdAt: NOW }
      await t.write(tx => tx.rememberReply(reply))
      expect(await store.rememberedReply(t.tenantId, 'k')).toEqual(reply)
      expect(await store.rememberedReply(t.tenantId, 'other')).toBeNull()
    },
  )
}
