import { expect, test } from 'vitest'
import { decideArrival, type Arrival, type DatabaseFingerprint } from '../../../src/core/operations/installation.ts'

const HERE: DatabaseFingerprint = { systemIdentifier: '7', timeline: 1, databaseOid: 5, tableOid: 9 }
const stored = (instanceId: string | null, fields: Partial<DatabaseFingerprint> = {}) => ({
  instanceId,
  fingerprint: { ...HERE, ...fields },
})

const cases: [sentence: string, was: ReturnType<typeof stored> | null, instanceId: string | null, arrival: Arrival][] =
  [
    ['a database that nobody was in is new', null, 'production', 'new'],
    ['all as it was left is the same', stored('production'), 'production', 'same'],
    ['without a name on either side it is the same', stored(null), null, 'same'],
    ['one that had no name is given one', stored(null), 'production', 'same'],
    ['another server is a restore', stored('production', { systemIdentifier: '8' }), 'production', 'restored'],
    [
      'another timeline is a restore to a point in time, or a fail-over',
      stored(null, { timeline: 2 }),
      null,
      'restored',
    ],
    ['another database on the server is a copy', stored(null, { databaseOid: 6 }), null, 'restored'],
    ['another table is a database loaded from a dump', stored(null, { tableOid: 10 }), null, 'restored'],
    [
      'what a server does not tell says nothing',
      stored(null, { systemIdentifier: null, timeline: null }),
      null,
      'same',
    ],
    ['another name is a clone, whatever else is the same', stored('production'), 'staging', 'foreign'],
    ['no name is another name', stored('production'), null, 'foreign'],
    ['a restored clone is a clone first', stored('production', { databaseOid: 6 }), 'staging', 'foreign'],
  ]
test.each(cases)('%s', (_sentence, was, instanceId, arrival) =>
  expect(decideArrival(was, HERE, instanceId)).toBe(arrival),
)
