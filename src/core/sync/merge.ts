import type { Base } from '../model/link.ts'
import type { Policies } from '../model/policies.ts'
import { FIELDS, type Field, type Projection } from '../model/projection.ts'
import type { Instant } from '../model/time.ts'
import { sameField } from './fingerprint.ts'
import { flowsBack } from './ownership.ts'

export type MergeInput = {
  base: Base
  /** The appointment's present projection. */
  local: Projection
  /** What Google shows now. */
  remote: Projection
  policies: Pick<Policies, 'googleEdits' | 'concurrentEdits' | 'presentation'>
  localChangedAt: Instant
  remoteChangedAt: Instant
}

export type Merge = {
  /** Google's values that the appointment takes. */
  accepted: Field[]
  /** Fields in which Google is to be brought to our value again. */
  pushed: Field[]
  /** Fields both sides changed, and whose value was given up. */
  conflicts: { field: Field; lost: 'platform' | 'google' }[]
  /** Google's edits that wait for the platform's word; Google keeps them until then. */
  proposed: Field[]
  /** Google's edits that change nothing here and are left as they are (masked, or the viewer's own). */
  left: Field[]
}

type FieldOutcome = 'agreed' | 'push' | 'accept' | 'propose' | 'leave' | 'conflict-push' | 'conflict-accept'

/** Field by field: one side's changes merge, the same field changed on both sides goes by `concurrentEdits`. */
export function merge(input: MergeInput): Merge {
  const result: Merge = { accepted: [], pushed: [], conflicts: [], proposed: [], left: [] }
  for (const field of FIELDS) {
    const outcome = settleField(field, input)
    if (outcome === 'accept' || outcome === 'conflict-accept') result.accepted.push(field)
    if (outcome === 'push' || outcome === 'conflict-push') result.pushed.push(field)
    if (outcome === 'propose') result.proposed.push(field)
    if (outcome === 'leave') result.left.push(field)
    if (outcome === 'conflict-accept') result.conflicts.push({ field, lost: 'platform' })
    if (outcome === 'conflict-push') result.conflicts.push({ field, lost: 'google' })
  }
  return result
}

function settleField(field: Field, input: MergeInput): FieldOutcome {
  const isLocalEdited = !sameField(field, input.base.sent, input.local)
  const isRemoteEdited = !sameField(field, input.base.returned, input.remote)
  if (!isRemoteEdited) return isLocalEdited ? 'push' : 'agreed'
  if (sameField(field, input.local, input.remote)) return 'agreed'
  if (!flowsBack(field, input.policies.presentation)) return settleUnowned(field, isLocalEdited, input)
  if (!isLocalEdited) return ANSWER_TO_EDIT[input.policies.googleEdits]
  if (input.policies.googleEdits !== 'accept') return 'conflict-push'
  return remoteWins(input) ? 'conflict-accept' : 'conflict-push'
}

const ANSWER_TO_EDIT = { accept: 'accept', propose: 'propose', revert: 'push' } as const

/** A masked field is never read back. An edit of it is written over where Google's edits are reverted, and left standing otherwise; a colour always is. */
function settleUnowned(field: Field, isLocalEdited: boolean, { policies }: MergeInput): FieldOutcome {
  if (isLocalEdited) return field === 'colour' ? 'leave' : 'push'
  return field === 'colour' || policies.googleEdits !== 'revert' ? 'leave' : 'push'
}

function remoteWins({ policies, localChangedAt, remoteChangedAt }: MergeInput): boolean {
  switch (policies.concurrentEdits) {
    case 'platform':
      return false
    case 'google':
      return true
    case 'latest':
      return remoteChangedAt > localChangedAt
  }
}

/**
 * The base after a merge. Google's present value is what it returned; a field still to be pushed is recorded as sent with
 * Google's value, so that ours differs from it until it is written.
 */
export function baseAfterMerge(outcome: Merge, projected: Projection, remote: Projection): Base {
  const pending = new Set(outcome.pushed)
  return { sent: overlay(projected, remote, field => pending.has(field)), returned: remote }
}

/**
 * What an update writes: our value where it changed since the two agreed, Google's own where it did not, so that what a person
 * left there (a colour, a masked field) survives.
 */
export function contentToWrite(base: Base, local: Projection): Projection {
  return overlay(local, base.returned, field => sameField(field, base.sent, local))
}

/** `ours`, with `theirs` in the fields that `takesTheirs` names. */
export function overlay(ours: Projection, theirs: Projection, takesTheirs: (field: Field) => boolean): Projection {
  const from = (field: Field): Projection => (takesTheirs(field) ? theirs : ours)
  return {
    time: from('time').time,
    recurrence: from('recurrence').recurrence,
    title: from('title').title,
    description: from('description').description,
    location: from('location').location,
    busy: from('busy').busy,
    status: from('status').status,
    colour: from('colour').colour,
  }
}
