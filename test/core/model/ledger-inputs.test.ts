import { expect, test } from 'vitest'
import { draftAppointment, patchedBody, readOriginalStart } from '../../../src/core/model/appointment-draft.ts'
import { checkChoice, sameCalendar, type ChosenCalendars } from '../../../src/core/model/calendar-choice.ts'
import { calendarUse } from '../../../src/core/model/calendar-use.ts'
import { changeCursor, changeItem, parseChangeCursor } from '../../../src/core/model/change-item.ts'
import type { AccessRole } from '../../../src/core/model/connection.ts'
import { canonicalJson, idFault, jsonFault, textFault, unknownMembers } from '../../../src/core/model/input.ts'
import { changedPolicies, readPolicies, readWindow } from '../../../src/core/model/policy-input.ts'
import { DEFAULT_POLICIES } from '../../../src/core/model/policies.ts'
import { missingScopes } from '../../../src/core/model/scopes.ts'
import { NO_SETTINGS, readSettings } from '../../../src/core/model/settings-input.ts'
import { anAppointment, NOW, onDay } from '../../support/builders.ts'
import { combine, expectLedger, short, type Line, type Named } from '../../support/ledger.ts'

/** Everything that may be sent, and the sentence that it is refused with. */

type Outcome = { ok: true; value: unknown } | { ok: false; error: unknown }
const said = (outcome: Outcome): string =>
  outcome.ok
    ? `taken: ${short(outcome.value)}`
    : `refused: ${(outcome.error as { path: string; message: string }[]).map(each => `${each.path} ${each.message}`).join('; ')}`
const NUL = '\0'
const HALF = '\ud83d'

const whole = (over: object = {}): object => ({
  userId: 'dr-lee',
  start: { dateTime: '2026-12-01T09:00:00-05:00', timeZone: 'America/New_York' },
  end: { dateTime: '2026-12-01T09:30:00-05:00', timeZone: 'America/New_York' },
  ...over,
})
const members: Named<object>[] = [
  ['nothing special', {}],
  [
    'everything',
    {
      id: 'a',
      kind: 'task',
      status: 'tentative',
      title: 'T',
      description: 'D',
      location: 'L',
      busy: false,
      colour: '11',
      metadata: { a: [1, { b: null }] },
      recurrence: ['RRULE:FREQ=DAILY;COUNT=2'],
    },
  ],
  [
    'what was read sent back',
    { origin: 'platform', locked: false, archived: false, version: 3, createdAt: 'x', updatedAt: 'y', google: {} },
  ],
  ['google null', { google: null }],
  [
    'claims of the service',
    { origin: 'google', locked: true, archived: true, version: 1.5, createdAt: '', updatedAt: 5, google: 'x' },
  ],
  ['another id', { id: 'b' }],
  ['unknown members', { attendees: [], ['x'.repeat(100)]: 1, [`a${NUL}`]: 1 }],
  ['very many unknown members', Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`m${n}`, n]))],
  ['no user', { userId: undefined }],
  ['an empty user', { userId: '' }],
  ['a user that is a number', { userId: 5 }],
  ['a user with a line break', { userId: 'a\nb' }],
  ['a user of 255 letters', { userId: 'u'.repeat(255) }],
  ['a user of 256 letters', { userId: 'u'.repeat(256) }],
  ['kind and status unknown', { kind: 'party', status: 'done' }],
  ['kind null', { kind: null }],
  [
    'texts null',
    {
      title: null,
      description: null,
      location: null,
      colour: null,
      metadata: null,
      recurrence: null,
      recurringId: null,
      originalStart: null,
    },
  ],
  ['texts that are none', { title: 5, description: {}, location: [] }],
  ['texts with NUL and half a pair', { title: `a${NUL}`, description: HALF, location: 'fine' }],
  ['texts at their limit', { title: 't'.repeat(1_024), location: 'l'.repeat(1_024), description: 'd'.repeat(8_192) }],
  [
    'texts beyond their limit',
    { title: 't'.repeat(1_025), location: 'l'.repeat(1_025), description: 'd'.repeat(8_193) },
  ],
  ['busy in words', { busy: 'yes' }],
  ['colour 0', { colour: '0' }],
  ['colour 12', { colour: '12' }],
  ['metadata that is a list', { metadata: [] }],
  ['metadata too deep', { metadata: { a: { b: { c: { d: { e: { f: { g: { h: {} } } } } } } } } }],
  ['metadata as deep as may be', { metadata: { a: { b: { c: { d: { e: { f: { g: 1 } } } } } } } }],
  ['metadata too long', { metadata: { a: 'x'.repeat(16_400) } }],
  ['metadata with NUL', { metadata: { a: NUL } }],
  ['metadata with a name of half a pair', { metadata: { [HALF]: 1 } }],
  ['metadata with a number beyond all', { metadata: { a: Infinity } }],
  ['no start', { start: undefined }],
  ['no end', { end: undefined }],
  ['start in words', { start: 'tomorrow' }],
  ['start empty', { start: {} }],
  ['start both', { start: { dateTime: '2026-12-01T09:00:00Z', date: '2026-12-01' } }],
  ['start with more', { start: { dateTime: '2026-12-01T09:00:00Z', timeZone: 'UTC', zone: 1 } }],
  ['a day with a zone', { start: { date: '2026-12-01', timeZone: 'UTC' }, end: { date: '2026-12-02' } }],
  ['zone unknown', { start: { dateTime: '2026-12-01T09:00:00Z', timeZone: 'Mars/Base' } }],
  ['zone a number', { start: { dateTime: '2026-12-01T09:00:00Z', timeZone: 1 } }],
  [
    'zone null',
    { start: { dateTime: '2026-12-01T09:00:00Z', timeZone: null }, end: { dateTime: '2026-12-01T10:00:00Z' } },
  ],
  ['local without a zone', { start: { dateTime: '2026-12-01T09:00:00' } }],
  ['dateTime a number', { start: { dateTime: 5 } }],
  ['dateTime in words', { start: { dateTime: 'noon' } }],
  ['date a number', { start: { date: 5 }, end: { date: '2026-12-02' } }],
  ['date that is none', { start: { date: '2026-02-30' }, end: { date: '2026-03-02' } }],
  ['whole days', { start: { date: '2026-12-01' }, end: { date: '2026-12-03' } }],
  ['a whole day of no length', { start: { date: '2026-12-01' }, end: { date: '2026-12-01' } }],
  ['a day and a time', { start: { date: '2026-12-01' } }],
  ['a time and a day', { end: { date: '2026-12-02' } }],
  ['no length', { end: { dateTime: '2026-12-01T09:00:00-05:00' } }],
  ['backwards', { end: { dateTime: '2026-12-01T08:00:00-05:00' } }],
  ['recurrence a text', { recurrence: 'RRULE:FREQ=DAILY' }],
  ['recurrence of numbers', { recurrence: [5] }],
  ['recurrence empty', { recurrence: [] }],
  ['recurrence not to be understood', { recurrence: ['RRULE:FREQ=SOMETIMES'] }],
  ['recurrence without a zone', { start: { dateTime: '2026-12-01T09:00:00-05:00' }, recurrence: ['RRULE:FREQ=DAILY'] }],
  [
    'recurrence of whole days',
    { start: { date: '2026-12-01' }, end: { date: '2026-12-02' }, recurrence: ['RRULE:FREQ=DAILY'] },
  ],
  ['recurrence beside a time that is none', { start: 5, recurrence: ['RRULE:FREQ=SOMETIMES'] }],
  ['one of a series', { recurringId: 's', originalStart: { dateTime: '2026-12-01T09:00:00Z' } }],
  ['one of a series of days', { recurringId: 's', originalStart: { date: '2026-12-01' } }],
  ['one of a series without its slot', { recurringId: 's' }],
  ['a slot without its series', { originalStart: { date: '2026-12-01' } }],
  ['a slot that is none', { recurringId: 's', originalStart: 'x' }],
  [
    'one of a series that is a series',
    { recurringId: 's', originalStart: { date: '2026-12-01' }, recurrence: ['RRULE:FREQ=DAILY'] },
  ],
  ['one of itself', { recurringId: 'a', originalStart: { date: '2026-12-01' } }],
]

test('an appointment as it is sent', async () => {
  const lines = members.map(([name, over]): Line => [name, said(draftAppointment('a', whole(over)))])
  const bodies = [null, 'text', [], 5].map((body): Line => [
    `a body that is ${JSON.stringify(body)}`,
    said(draftAppointment('a', body)),
  ])
  const ids = ['', 'a b', 'a\tb', 'x'.repeat(256), NUL].map((id): Line => [
    `under the id ${JSON.stringify(id).slice(0, 12)}`,
    said(draftAppointment(id, whole({ userId: '' }))),
  ])
  await expectLedger('drafts', [...lines, ...bodies, ...ids])
})

test('the slot that a body must name', async () => {
  const slots: Named<Record<string, unknown>>[] = [
    ['none', {}],
    ['null', { originalStart: null }],
    ['a day', { originalStart: { date: '2026-12-01' } }],
    ['a time', { originalStart: { dateTime: '2026-12-01T09:00:00Z' } }],
    ['a word', { originalStart: 'x' }],
  ]
  await expectLedger(
    'slots',
    slots.map(([name, body]): Line => [name, said(readOriginalStart(body))]),
  )
})

test('a part laid over an appointment', async () => {
  const existing = anAppointment({
    metadata: { keep: 1, nested: { a: 1, b: 2 } },
    recurringId: 's',
    originalStart: { kind: 'timed', at: NOW },
  })
  const parts: Named<Record<string, unknown>>[] = [
    ['nothing', {}],
    ['a title', { title: 'T' }],
    ['metadata, member by member', { metadata: { nested: { b: null, c: 3 }, more: [1] } }],
    ['metadata over something that is none', { metadata: { keep: { deep: 1 } } }],
    ['metadata that is none', { metadata: null }],
    ['metadata deeper than may be', { metadata: { a: { b: { c: { d: { e: { f: { g: { h: { i: null } } } } } } } } } }],
    ['a member named __proto__', JSON.parse('{"metadata":{"__proto__":{"polluted":true}}}') as Record<string, unknown>],
  ]
  const lines = parts.map(([name, part]): Line => [name, short(patchedBody(existing, part))])
  const days = anAppointment({
    time: onDay('2026-12-01', '2026-12-02'),
    originalStart: { kind: 'all-day', date: '2026-12-01' },
    recurringId: 's',
  })
  await expectLedger('patches', [...lines, ['over whole days', short(patchedBody(days, {}))]])
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
})

test('texts, ids and JSON that can be kept', async () => {
  const texts: Named<unknown>[] = [
    ['text', 'a'],
    ['empty', ''],
    ['none', null],
    ['a number', 5],
    ['with NUL', NUL],
    ['half a pair', HALF],
    ['five letters', 'abcde'],
    ['six letters', 'abcdef'],
  ]
  const lines = combine(texts, [
    ['required', true],
    ['optional', false],
  ] as const).map(([name, [text, isRequired]]): Line => [name, textFault(text, 5, isRequired) ?? 'fine'])
  const ids = texts
    .concat([['with a tab', 'a\tb']])
    .map(([name, id]): Line => [`as an id: ${name}`, idFault(id) ?? 'fine'])
  const limits = { depthMax: 2, lengthMax: 20 }
  const json: Named<unknown>[] = [
    ['a text', 'x'],
    ['null', null],
    ['a list in an object', { a: [] }],
    ['three deep', { a: [[]] }],
    ['twenty long', { a: 'x'.repeat(12) }],
    ['twenty-one long', { a: 'x'.repeat(13) }],
    ['not a number', { a: NaN }],
  ]
  const kept = json.map(([name, value]): Line => [`as JSON: ${name}`, jsonFault(value, limits) ?? 'fine'])
  const canonical = [{ b: 1, a: { d: [{ z: 1, y: 2 }], c: null } }, [3, 1, 2], 'x'].map((value): Line => [
    `canonical ${short(value)}`,
    canonicalJson(value),
  ])
  const members: Line[] = [
    ['unknown at the top', short(unknownMembers({ a: 1, b: 2 }, new Set(['a']), ''))],
    ['unknown below', short(unknownMembers({ a: 1, b: 2 }, new Set(['a']), 'x.y'))],
  ]
  await expectLedger('texts', [...lines, ...ids, ...kept, ...canonical, ...members])
})

test('policies as they are sent', async () => {
  const inputs: Named<unknown>[] = [
    ['nothing', {}],
    ['no object', 'accept'],
    ['null', null],
    ['a list', []],
    ['unknown', { googleEdit: 'accept' }],
    [
      'each at its second value',
      {
        googleEdits: 'propose',
        googleDeletes: 'propose',
        concurrentEdits: 'google',
        cancelled: 'mark',
        imported: 'busy',
        duplicates: 'flag',
      },
    ],
    ['each at its third', { googleEdits: 'revert', googleDeletes: 'restore', concurrentEdits: 'latest' }],
    [
      'each at its first',
      {
        googleEdits: 'accept',
        googleDeletes: 'cancel',
        concurrentEdits: 'platform',
        cancelled: 'delete',
        imported: 'full',
        duplicates: 'link',
      },
    ],
    [
      'each wrong',
      { googleEdits: 'x', googleDeletes: 'x', concurrentEdits: 'x', cancelled: 'x', imported: 'x', duplicates: 'x' },
    ],
    ['taken back', { googleEdits: null, presentation: null, include: null, deletionGuard: null }],
    ['presentation in part', { presentation: { title: 'kind' } }],
    [
      'presentation whole',
      { presentation: { title: '{{kind}}', description: false, location: false, visibility: 'private', colour: '1' } },
    ],
    ['presentation public, without a colour', { presentation: { visibility: 'public', colour: null } }],
    [
      'presentation wrong',
      { presentation: { title: 5, description: 1, location: 'no', visibility: 'secret', colour: '0', guests: 1 } },
    ],
    ['presentation one wrong', { presentation: { description: 'x' } }],
    ['presentation location wrong', { presentation: { location: 'x' } }],
    ['presentation visibility wrong', { presentation: { visibility: 'x' } }],
    ['presentation colour a number', { presentation: { colour: 1 } }],
    ['presentation a text', { presentation: 'busy' }],
    ['title default', { presentation: { title: 'default' } }],
    ['template unknown', { presentation: { title: '{{patient}}' } }],
    ['template empty', { presentation: { title: '{{}}' } }],
    ['template torn', { presentation: { title: '{{kind}} {{' } }],
    ['template closed twice', { presentation: { title: '{{kind}} }}' } }],
    ['template of 200', { presentation: { title: `{{kind}}${'x'.repeat(192)}` } }],
    ['template of 201', { presentation: { title: `{{kind}}${'x'.repeat(193)}` } }],
    ['template of all', { presentation: { title: '{{kind}}{{title}}{{initials}}{{location}}{{status}}{{id}}' } }],
    ['include in part', { include: { kinds: ['task', 'task'] } }],
    ['include whole', { include: { kinds: [], statuses: ['cancelled', 'no_show'] } }],
    ['include wrong', { include: { kinds: ['party'], statuses: 'all' } }],
    ['include kinds alone wrong', { include: { kinds: 'task' } }],
    ['include statuses alone wrong', { include: { statuses: ['x'] } }],
    ['include unknown', { include: { colours: [] } }],
    ['guard', { deletionGuard: { count: 0, share: 1 } }],
    ['guard in part', { deletionGuard: { count: 1_000_000 } }],
    ['guard share alone', { deletionGuard: { share: 0 } }],
    ['guard wrong', { deletionGuard: { count: 1_000_001, share: 1.1 } }],
    ['guard more wrong', { deletionGuard: { count: -1, share: -0.1 } }],
    ['guard in words', { deletionGuard: { count: '5', share: '0.5' } }],
    ['guard fractions', { deletionGuard: { count: 1.5 } }],
    ['guard unknown', { deletionGuard: { sum: 1 } }],
    ['window', { window: { daysBack: 0, daysAhead: 1 } }],
    ['window at its end', { window: { daysBack: 3_650, daysAhead: 3_650 } }],
    ['window beyond', { window: { daysBack: 3_651, daysAhead: 3_651 } }],
    ['window none', { window: { daysBack: 0, daysAhead: 0 } }],
    ['window in part', { window: { daysBack: 1 } }],
    ['window null', { window: null }],
  ]
  const lines = inputs.map(([name, input]): Line => [name, said(readPolicies(input, DEFAULT_POLICIES, 'policies'))])
  const windows: Named<unknown>[] = [
    ['alone', { daysBack: 1, daysAhead: 2 }],
    ['alone, unknown', { daysBack: 1, daysAhead: 2, weeks: 1 }],
    ['alone, none', 5],
  ]
  const alone = windows.map(([name, input]): Line => [`window ${name}`, said(readWindow(input, 'window'))])
  const changed = changedPolicies(
    { googleEdits: 'revert', cancelled: 'mark', imported: 'busy' },
    { googleEdits: null, cancelled: 'delete' },
  )
  await expectLedger('policies', [...lines, ...alone, ['one taken back, one changed, one kept', short(changed)]])
})

test("a tenant's settings as they are sent", async () => {
  const before = {
    ...NO_SETTINGS,
    branding: { productName: 'Was', logoUrl: 'https://was.example/', colour: '#000000' },
    connectRoles: ['was'],
    policies: { cancelled: 'mark' as const },
  }
  const inputs: Named<unknown>[] = [
    ['nothing', {}],
    ['no object', 5],
    ['null', null],
    ['a list', []],
    ['unknown', { theme: 1 }],
    ['branding', { branding: { productName: 'Now', logoUrl: 'https://now.example/logo.svg', colour: '#0B6e4f' } }],
    ['branding in part', { branding: { productName: 'Now' } }],
    ['branding taken away', { branding: { productName: null, logoUrl: null, colour: null } }],
    ['branding wrong', { branding: { productName: ' ', logoUrl: 'ftp://x/', colour: 'red', font: 1 } }],
    ['branding a text', { branding: 'x' }],
    ['a name of 100', { branding: { productName: 'n'.repeat(100) } }],
    ['a name of 101', { branding: { productName: 'n'.repeat(101) } }],
    ['a name that is a number', { branding: { productName: 1 } }],
    ...[
      'http://localhost/x',
      'http://127.0.0.1/x',
      'http://[::1]/x',
      'http://example.com/x',
      'https://u@example.com/',
      'https://:p@example.com/',
      'nowhere',
      `https://example.com/${'x'.repeat(1_980)}`,
      `https://example.com/${'x'.repeat(1_981)}`,
    ].map(
      logoUrl =>
        [
          `a logo at ${logoUrl.length > 60 ? `an address of ${logoUrl.length}` : logoUrl}`,
          { branding: { logoUrl } },
        ] as const,
    ),
    ...['#12345', '#1234567', 'x#123456', '#12345g'].map(
      colour => [`colour ${colour}`, { branding: { colour } }] as const,
    ),
    ['roles', { connectRoles: ['doctor', 'doctor', 'nurse'] }],
    ['roles any', { connectRoles: null }],
    ['roles fifty', { connectRoles: Array.from({ length: 50 }, (_, n) => `r${n}`) }],
    ['roles fifty-one', { connectRoles: Array.from({ length: 51 }, (_, n) => `r${n}`) }],
    ['roles empty word', { connectRoles: [''] }],
    ['roles of numbers', { connectRoles: [1] }],
    ['roles a text', { connectRoles: 'doctor' }],
    ['sync off', { syncing: false }],
    ['sync maybe', { syncing: 'maybe' }],
    ['locks in any order, twice', { locked: ['presentation', 'window', 'window'] }],
    ['a lock on nothing', { locked: ['title'] }],
    ['locks null', { locked: null }],
    ['offers', { offers: ['pause', 'sources'] }],
    ['offers everything', { offers: null }],
    ['an offer that is none', { offers: ['everything'] }],
    ['client', { oauthClient: { clientId: 'i', clientSecret: 's' } }],
    ['client none', { oauthClient: null }],
    ['client without a secret', { oauthClient: { clientId: 'i' } }],
    ['client of empty words', { oauthClient: { clientId: '', clientSecret: 's' } }],
    ['client of an empty secret', { oauthClient: { clientId: 'i', clientSecret: '' } }],
    ['client of numbers', { oauthClient: { clientId: 1, clientSecret: 2 } }],
    ['client with more', { oauthClient: { clientId: 'i', clientSecret: 's', uri: 'x' } }],
    ['client a text', { oauthClient: 'x' }],
    ['policies', { policies: { imported: 'busy', window: { daysBack: 1, daysAhead: 2 } } }],
    ['policies taken back', { policies: { cancelled: null } }],
    ['policies wrong', { policies: { imported: 'x' } }],
  ]
  const lines = inputs.map(([name, input]): Line => [name, said(readSettings(input, before))])
  await expectLedger('settings', [...lines, ['elsewhere', said(readSettings({ x: 1 }, NO_SETTINGS, 'body'))]])
})

test('a choice of calendars, and what each role allows', async () => {
  const roles: AccessRole[] = ['freeBusyReader', 'reader', 'writerWithoutPrivateAccess', 'writer', 'owner']
  const listed = roles.map(role => ({ id: role, summary: role, accessRole: role, isPrimary: false, isDeleted: false }))
  const all = [
    ...listed,
    { id: 'gone', summary: 'gone', accessRole: 'owner' as const, isPrimary: false, isDeleted: true },
  ]
  const uses = combine(
    roles.map(role => [role, role] as const),
    [
      ['there', false],
      ['removed', true],
    ] as const,
  ).map(([name, [role, isDeleted]]): Line => [name, short(calendarUse(role, isDeleted))])
  const choice = (over: Partial<ChosenCalendars>): ChosenCalendars => ({
    target: null,
    sources: [],
    conflicts: [],
    ...over,
  })
  const choices: Named<ChosenCalendars>[] = [
    ['nothing', choice({})],
    ['a conflict calendar alone', choice({ conflicts: ['owner'] })],
    ['a source alone', choice({ sources: ['owner'] })],
    ['a new one', choice({ target: { create: 'Practice' } })],
    ['a new one without a name', choice({ target: { create: '  ' } })],
    ['a new one of 100 letters', choice({ target: { create: 'x'.repeat(100) } })],
    ['a new one of 101 letters', choice({ target: { create: 'x'.repeat(101) } })],
    ...[...roles, 'gone', 'unknown'].map(
      id =>
        [
          `${id} for everything`,
          choice({ target: { calendarId: id }, sources: ['owner', id], conflicts: ['owner', id] }),
        ] as const,
    ),
  ]
  const checked = choices.map(([name, one]): Line => [name, said(checkChoice(one, all))])
  const named = [
    ['met', { accessRole: 'owner', isPrimary: false, isDeleted: false, summary: 'Practice' }],
    ['primary', { accessRole: 'owner', isPrimary: true, isDeleted: false, summary: 'Practice' }],
    ['deleted', { accessRole: 'owner', isPrimary: false, isDeleted: true, summary: 'Practice' }],
    ["another's", { accessRole: 'writer', isPrimary: false, isDeleted: false, summary: 'Practice' }],
    ['of another name', { accessRole: 'owner', isPrimary: false, isDeleted: false, summary: 'practice' }],
  ] as const
  const same = named.map(([name, one]): Line => [
    `wished for: ${name}`,
    sameCalendar(' Practice ', [{ id: name, ...one }])?.id ?? 'a new one',
  ])
  await expectLedger('choices', [...uses, ...checked, ...same])
})

test('what the granted scopes lack', async () => {
  const long = 'https://www.googleapis.com/auth/'
  const required = [
    'openid',
    'email',
    'profile',
    `${long}calendar.events`,
    `${long}calendar.calendarlist.readonly`,
    `${long}calendar.calendarlist`,
    `${long}calendar.calendars`,
    `${long}calendar.app.created`,
    `${long}calendar.readonly`,
  ]
  const granted: string[][] = [
    [],
    required,
    ['openid', `${long}userinfo.email`, `${long}userinfo.profile`],
    [`${long}calendar`],
    [`${long}calendar.readonly`],
    [`${long}calendar.calendarlist`],
    [`${long}calendar.calendars`],
    [`${long}calendar.events`],
  ]
  await expectLedger(
    'scopes',
    granted.map((scopes, n): Line => [
      `${n}: ${scopes.map(each => each.replace(long, '')).join(' ')}`,
      missingScopes(required, scopes)
        .map(each => each.replace(long, ''))
        .join(' '),
    ]),
  )
})

test('cursors and items of the change feed', async () => {
  const cursors = [
    'c0',
    'c1',
    'cz',
    'c10',
    'c01',
    'c',
    'C1',
    'x1',
    'c-1',
    'c1 ',
    ' c1',
    `c${'z'.repeat(10)}`,
    `c${'z'.repeat(11)}`,
    `c${'z'.repeat(12)}`,
  ].map((text): Line => [`cursor ${JSON.stringify(text)}`, String(parseChangeCursor(text))])
  const made = [0, 1, 35, 36, 123_456].map((seq): Line => [
    `after ${seq}`,
    `${changeCursor(seq)} ${String(parseChangeCursor(changeCursor(seq)))}`,
  ])
  const row = {
    tenantId: 't',
    seq: 40,
    at: NOW,
    appointmentId: 'a',
    connectionId: null,
    side: 'platform' as const,
    action: 'x',
    rule: 'r',
    reason: '',
    before: null,
    after: null,
  }
  const item = changeItem({ ...row, change: { type: 'appointment.created', data: { id: 'a' } } })
  expect(() => changeItem({ ...row, change: null })).toThrow('row 40 is not an item of the change feed')
  await expectLedger('cursors', [...cursors, ...made, ['an item', short(item)]])
})
