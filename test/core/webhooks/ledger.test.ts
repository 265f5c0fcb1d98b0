import { expect, test } from 'vitest'
import type { JournalRow } from '../../../src/core/model/journal.ts'
import { readDestination } from '../../../src/core/webhooks/endpoint-url.ts'
import {
  deliveryId,
  deliveryResource,
  endpointResource,
  isWanted,
  laneKey,
  seqOfDeliveryId,
  type Delivery,
  type WebhookEndpoint,
} from '../../../src/core/webhooks/endpoint.ts'
import type { Sign } from '../../../src/core/webhooks/health.ts'
import { messageBody, testBody } from '../../../src/core/webhooks/message.ts'
import { nextLookAt, PAGE_MAX, planPage, planRound, WAITING_MAX } from '../../../src/core/webhooks/round.ts'
import { settleRound, waitingDelivery, type Attempt, type LaneOutcome } from '../../../src/core/webhooks/settle.ts'
import { HOUR, MINUTE, NOW } from '../../support/builders.ts'
import { expectLedger, short, type Line, type Named } from '../../support/ledger.ts'
import { aDelivery, anEndpoint } from '../../support/webhook-builders.ts'

/** What is sent, in which order, and what is stored of it. */

const row = (seq: number, appointmentId: string | null = 'apt_1', fields: Partial<JournalRow> = {}): JournalRow => ({
  seq,
  at: NOW,
  appointmentId,
  connectionId: null,
  side: 'platform',
  action: 'created',
  rule: 'r',
  reason: '',
  before: null,
  after: null,
  change: { type: 'appointment.created', data: { id: appointmentId } },
  ...fields,
})
const delivery = (seq: number, appointmentId: string, fields: Partial<Delivery> = {}): Delivery =>
  aDelivery({ seq, appointmentId, ...fields })

test('which deliveries a round takes up', async () => {
  const many = Array.from({ length: 60 }, (_, n) => delivery(n + 1, `apt_${n}`, { nextAttemptAt: NOW - n }))
  const cases: Named<[Partial<WebhookEndpoint>, Delivery[]]>[] = [
    ['nothing waits', [{}, []]],
    ['resting', [{ restUntil: NOW + 1 }, [delivery(1, 'a')]]],
    ['rested', [{ restUntil: NOW }, [delivery(1, 'a')]]],
    ['of a lane the oldest', [{}, [delivery(3, 'a'), delivery(1, 'a'), delivery(2, 'a')]]],
    ['not before it is due', [{}, [delivery(1, 'a', { nextAttemptAt: NOW + 1 }), delivery(2, 'a'), delivery(3, 'b')]]],
    [
      'what has waited longest first',
      [{}, [delivery(1, 'a'), delivery(2, 'b', { nextAttemptAt: NOW - 1 }), delivery(3, 'c')]],
    ],
    ['of the same moment the older change first', [{}, [delivery(9, 'a'), delivery(2, 'b')]]],
    ['what is detached beside its lane', [{}, [delivery(1, 'a'), delivery(2, 'a', { isDetached: true })]]],
    ['fifty at a time', [{}, many]],
    ['an ailing endpoint gets one', [{ failures: 10 }, many]],
    ['an ailing endpoint, nothing waits', [{ failures: 10 }, []]],
    ['one failure short of ailing', [{ failures: 9 }, [delivery(1, 'a'), delivery(2, 'b')]]],
    ['too many wait', [{}, Array.from({ length: WAITING_MAX }, (_, n) => delivery(n + 1, 'a'))]],
    ['one less than too many', [{}, Array.from({ length: WAITING_MAX - 1 }, (_, n) => delivery(n + 1, 'a'))]],
    [
      'ailing, too many wait and none is due',
      [
        { failures: 10 },
        Array.from({ length: WAITING_MAX }, (_, n) => delivery(n + 1, 'a', { nextAttemptAt: NOW + 1 })),
      ],
    ],
  ]
  const lines = cases.map(([name, [endpoint, waiting]]): Line => {
    const planned = planRound(anEndpoint(endpoint), waiting, NOW)
    if (planned.kind === 'rest') return [name, `rest until ${planned.until - NOW} ms from now`]
    const seqs = planned.heads.map(each => each.seq)
    return [
      name,
      `send ${seqs.length > 5 ? `${seqs.length}, from ${seqs[0]}` : seqs.join(', ')}; ${planned.changesMax} new ones`,
    ]
  })
  const looks = cases.map(([name, [endpoint, waiting]]): Line => {
    const at = nextLookAt(anEndpoint(endpoint), waiting)
    return [`${name}; looked at again`, at === null ? 'when something changes' : `${at - NOW} ms from now`]
  })
  await expectLedger('rounds', [...lines, ...looks])
})

test('which new changes are begun', async () => {
  const changes = [
    row(11, 'a'),
    row(12, 'b'),
    row(13, 'a'),
    row(14, null),
    row(15, null, { connectionId: 'con_1' }),
    row(16, 'c', { change: null }),
    row(17, 'd', { change: { type: 'proposal.created', data: {} } }),
    row(18, 'e'),
  ]
  const cases: Named<[Partial<WebhookEndpoint>, Delivery[], JournalRow[], number]>[] = [
    ['all', [{}, [], changes, PAGE_MAX]],
    ['none to be had', [{ cursor: 10 }, [], [], PAGE_MAX]],
    ['three at most', [{}, [], changes, 3]],
    ['none at most', [{ cursor: 10 }, [], changes, 0]],
    ['behind a waiting one of its lane', [{}, [delivery(5, 'a')], changes, PAGE_MAX]],
    ['beside a detached one of its lane', [{}, [delivery(5, 'a', { isDetached: true })], changes, PAGE_MAX]],
    ['wanted types only', [{ types: ['proposal.created'] }, [], changes, PAGE_MAX]],
    ['unwanted ones are passed over even at the bound', [{ types: ['proposal.created'] }, [], changes, 0]],
  ]
  const lines = cases.map(([name, [endpoint, waiting, rows, max]]): Line => {
    const { lanes, cursor } = planPage(anEndpoint(endpoint), waiting, rows, max)
    return [
      name,
      `${lanes.map(lane => `[${lane.messages.map(each => each.row.seq).join(' ')}${lane.isDetached ? ' detached' : ''}]`).join(' ')} up to ${cursor}`,
    ]
  })
  await expectLedger('pages', lines)
})

test('what is stored after a round', async () => {
  const signs = {
    ok: { kind: 'delivered' },
    no: { kind: 'failed', retryAfterMs: 0 },
    late: { kind: 'failed', retryAfterMs: HOUR },
    gone: { kind: 'gone' },
  } as const satisfies Record<string, Sign>
  const tried = (message: Attempt['message'], sign: Sign, at = NOW): Attempt => ({
    message,
    sign,
    status: sign.kind === 'delivered' ? 200 : 500,
    error: sign.kind === 'delivered' ? null : 'answered',
    at,
  })
  const lane = (messages: Attempt['message'][], told: Sign[], isDetached = false): LaneOutcome => ({
    messages,
    isDetached,
    attempts: told.map((sign, n) => tried(messages[n]!, sign)),
  })
  const fresh = (seq: number, id = 'a') => ({ row: row(seq, id), delivery: null })
  const waited = (seq: number, id = 'a', fields: Partial<Delivery> = {}) => ({
    row: row(seq, id),
    delivery: delivery(seq, id, fields),
  })
  const cases: Named<{
    endpoint?: Partial<WebhookEndpoint>
    heads?: LaneOutcome[]
    page?: LaneOutcome[]
    waiting?: Delivery[]
    began?: number
  }>[] = [
    ['nothing was sent', {}],
    ['new ones arrive', { page: [lane([fresh(11), fresh(12)], [signs.ok, signs.ok])] }],
    ['the second of a lane fails', { page: [lane([fresh(11), fresh(12), fresh(13)], [signs.ok, signs.no])] }],
    ['the first fails and asks for an hour', { page: [lane([fresh(11)], [signs.late])] }],
    ['the endpoint is gone', { page: [lane([fresh(11)], [signs.gone])] }],
    [
      'some were not even tried',
      { page: [lane([fresh(11), fresh(12)], [signs.ok]), lane([fresh(13, 'b')], [signs.ok])] },
    ],
    ['a waiting one arrives', { heads: [lane([waited(5)], [signs.ok])], waiting: [delivery(5, 'a')] }],
    [
      'one that was never tried arrives',
      { heads: [lane([waited(5, 'a', { attempts: 0 })], [signs.ok])], waiting: [delivery(5, 'a', { attempts: 0 })] },
    ],
    [
      'a detached one arrives',
      {
        heads: [lane([waited(5, 'a', { attempts: 0, isDetached: true })], [signs.ok], true)],
        waiting: [delivery(5, 'a', { isDetached: true })],
      },
    ],
    ['a waiting one fails again', { heads: [lane([waited(5)], [signs.no])], waiting: [delivery(5, 'a')] }],
    [
      'a waiting one fails for the last time',
      { heads: [lane([waited(5, 'a', { attempts: 9 })], [signs.no])], waiting: [delivery(5, 'a')] },
    ],
    [
      'a detached one fails for the last time',
      { heads: [lane([waited(5, 'a', { attempts: 9 })], [signs.no], true)], waiting: [delivery(5, 'a')] },
    ],
    [
      'it was settled otherwise meanwhile',
      { heads: [lane([waited(5)], [signs.ok])], waiting: [delivery(5, 'a', { state: 'delivered' })] },
    ],
    ['it is gone meanwhile', { heads: [lane([waited(5)], [signs.no])] }],
    ['a head that was not tried', { heads: [lane([waited(5)], [])], waiting: [delivery(5, 'a')] }],
    [
      'somebody moved the cursor meanwhile',
      {
        began: 9,
        page: [lane([fresh(11)], [signs.ok])],
        heads: [lane([waited(5)], [signs.ok])],
        waiting: [delivery(5, 'a')],
      },
    ],
    [
      'a failure and a success in the order of time',
      {
        page: [
          { messages: [fresh(11)], isDetached: false, attempts: [tried(fresh(11), signs.ok, NOW + 1)] },
          { messages: [fresh(12, 'b')], isDetached: false, attempts: [tried(fresh(12, 'b'), signs.no, NOW)] },
        ],
      },
    ],
  ]
  const lines = cases.map(([name, { endpoint, heads = [], page = [], waiting = [], began = 10 }]): Line => {
    const before = anEndpoint({ cursor: 10, ...endpoint })
    const settled = settleRound(
      before,
      { heads, page: { lanes: [], cursor: 20 }, pageOutcomes: page, began },
      waiting,
      () => 0,
    )
    const differs = Object.entries(settled.endpoint).filter(
      ([key, value]) => before[key as keyof WebhookEndpoint] !== value,
    )
    const saved = settled.save.map(each => short({ ...each, tenantId: undefined, endpointId: undefined }))
    return [
      name,
      `endpoint ${short(Object.fromEntries(differs))} | save ${saved.join(' ')} | erase ${settled.erase.join(' ')} | go on ${short(settled.goOn)}`,
    ]
  })
  const waiting = waitingDelivery(anEndpoint(), row(7), NOW)
  expect(() => waitingDelivery(anEndpoint(), row(7, 'a', { change: null }), NOW)).toThrow(
    'row 7 is not an item of the change feed',
  )
  await expectLedger('settled', [...lines, ['a delivery that waits', short(waiting)]])
})

test('endpoints and deliveries as they are told', async () => {
  const lines: Line[] = [
    ['an endpoint', short(endpointResource(anEndpoint()))],
    [
      'one that fails',
      short(
        endpointResource(
          anEndpoint({
            status: 'disabled',
            disabledReason: 'failing',
            failingSince: NOW - HOUR,
            lastDeliveredAt: NOW - 2 * HOUR,
            types: ['proposal.created'],
            description: 'D',
          }),
        ),
      ),
    ],
    ['a delivery that waits', short(deliveryResource(aDelivery()))],
    ['one that arrived', short(deliveryResource(aDelivery({ state: 'delivered', lastAttemptAt: null })))],
    [
      'wanted',
      [
        isWanted({ types: null }, 'proposal.created'),
        isWanted({ types: ['proposal.created'] }, 'proposal.created'),
        isWanted({ types: [] }, 'proposal.created'),
      ].join(' '),
    ],
    [
      'lanes',
      [
        laneKey({ appointmentId: 'a', connectionId: 'c' }),
        laneKey({ appointmentId: null, connectionId: 'c' }),
        laneKey({ appointmentId: null, connectionId: null }),
      ].join(', '),
    ],
    ['ids', deliveryId({ endpointId: 'whe_1', seq: 7 })],
    ...[
      'whe_1_7',
      'whe_1_07',
      'whe_1_0',
      'whe_2_7',
      'whe_1_',
      'whe_1_7x',
      `whe_1_${'9'.repeat(15)}`,
      `whe_1_${'9'.repeat(16)}`,
    ].map((id): Line => [`the number in ${id}`, String(seqOfDeliveryId('whe_1', id))]),
    ['a test message', testBody('2026-01-01T00:00:00.000Z')],
  ]
  await expectLedger('endpoints', lines)
})

test('bodies of messages, cut down to what fits', async () => {
  const big = 'x'.repeat(19_000)
  const bodies: Named<Record<string, unknown>>[] = [
    ['small', { id: 'a', title: 'T' }],
    ['metadata too large', { id: 'a', metadata: { big }, description: 'D', title: 'T', more: 'y'.repeat(1_000) }],
    [
      'description too large as well',
      { id: 'a', metadata: { big }, description: big, title: 'T', more: 'y'.repeat(1_000) },
    ],
    [
      'everything too large',
      {
        id: 'a',
        metadata: big,
        description: big,
        recurrence: [big],
        calendars: [big],
        policies: { big },
        location: big,
        title: big,
        more: 'y',
      },
    ],
    ['too large without what can be spared', { id: 'a', other: big, more: big, title: 'T' }],
    ['too large in letters of two bytes', { id: 'a', title: 'é'.repeat(9_950) }],
  ]
  const lines = bodies.map(([name, data]): Line => {
    const body = JSON.parse(messageBody(row(7, 'a', { change: { type: 'appointment.created', data } }))) as {
      data: Record<string, unknown>
    }
    return [
      name,
      short({
        ...body,
        data: Object.fromEntries(
          Object.entries(body.data).map(([key, value]) => [
            key,
            JSON.stringify(value).length > 200 ? `${JSON.stringify(value).length} long` : value,
          ]),
        ),
      }),
    ]
  })
  await expectLedger('bodies', lines)
})

test('addresses that may be written to, and why others may not', async () => {
  const addresses = [
    'https://hooks.example.com/lockstep?a=b#c',
    'https://hooks.example.com:8443/',
    'https://hooks.example.com:9000/',
    'http://hooks.example.com/',
    'ftp://hooks.example.com/',
    'hooks.example.com',
    'https://user:pass@hooks.example.com/',
    'https://user@hooks.example.com/',
    'https://localhost/',
    'https://a.localhost/',
    'https://notlocalhost/',
    'https://x.internal/',
    'https://x.home.arpa/',
    'https://127.0.0.1/',
    'https://0x7f.1/',
    'https://10.0.0.1/',
    'https://8.8.8.8/',
    'https://[::1]/',
    'https://[2606:4700::1111]/',
    'https://hooks.example.com./',
    `https://hooks.example.com/${'x'.repeat(1_974)}`,
    `https://hooks.example.com/${'x'.repeat(1_975)}`,
    'http://10.0.0.1:8080/x',
    'http://other.test:8080/',
  ]
  const allowances = [
    ['none', []],
    ['any', 'any'],
    ['named', ['10.0.0.1:8080', 'other.test:8080', 'localhost:443']],
  ] as const
  const lines = addresses.flatMap(address =>
    allowances.map(([name, allowed]): Line => {
      const read = readDestination(address, allowed)
      return [
        `${address.length > 60 ? `${address.length} letters` : address}; private ones allowed: ${name}`,
        read.ok ? short({ ...read.value, url: undefined, path: read.value.path.slice(0, 20) }) : read.error,
      ]
    }),
  )
  await expectLedger('addresses', lines)
})

test('a round in the middle of the night is the same', () => {
  expect(planRound(anEndpoint(), [delivery(1, 'a', { nextAttemptAt: NOW + 12 * MINUTE })], NOW + HOUR)).toMatchObject({
    kind: 'send',
    heads: [{ seq: 1 }],
  })
})
