import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FIELDS, type Projection } from '../../../src/core/model/projection.ts'
import { RAW_WITHHELD } from '../../../src/core/model/link.ts'
import { sameField } from '../../../src/core/sync/fingerprint.ts'
import { oursLink } from '../../../src/core/sync/links.ts'
import { merge, overlay } from '../../../src/core/sync/merge.ts'
import { flowsBack } from '../../../src/core/sync/ownership.ts'
import { project } from '../../../src/core/sync/projection.ts'
import { isVeiled, sameText, tellable, unveiled, veil, veiledContent } from '../../../src/core/sync/veil.ts'
import { aLiveEvent, anAppointment, aProjection, policiesWith } from '../../support/builders.ts'

const PRESENTATION = {
  title: 'busy',
  description: false,
  location: false,
  visibility: 'default' as const,
  colour: null,
}
const policies = policiesWith({ presentation: PRESENTATION })
const texts = fc.string().filter(text => !text.startsWith('\u0001'))

describe('a veil', () => {
  test('is the same for the same, another for another, and nothing for nothing', () => {
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        expect(veil(veil(a))).toBe(veil(a))
        expect(veil(a) === veil(b)).toBe(a === b)
        expect(sameText(a, veil(b))).toBe(a === b)
        expect(sameText(veil(a), b)).toBe(a === b)
        expect(sameText(a, b)).toBe(a === b)
        expect(isVeiled(veil(a))).toBe(a !== '')
        expect(unveiled(a)).toBe(a)
      }),
    )
    expect(unveiled(veil('a'))).toBeNull()
  })

  test('hides what is masked and not ours, and nothing else', () => {
    const ours = project(anAppointment(), policies)
    const content = aProjection({ title: 'Theirs', description: 'Theirs', location: '' })
    expect(veiledContent(content, ours, PRESENTATION)).toEqual({
      ...content,
      title: veil('Theirs'),
      description: veil('Theirs'),
    })
    expect(veiledContent(ours, ours, PRESENTATION)).toEqual(ours)
    const open = { ...PRESENTATION, title: 'full', description: true, location: true }
    expect(veiledContent(content, ours, open)).toEqual(content)
    expect(Object.keys(tellable(content, PRESENTATION))).toEqual(
      FIELDS.filter(field => field === 'colour' || flowsBack(field, PRESENTATION)),
    )
    expect(tellable(content, open)).toEqual(content)
  })

  test("keeps Google's representation only where it holds no word that is hidden", () => {
    const place = { tenantId: 't', connectionId: 'c', calendarId: 'k', listing: 1 }
    const linkOf = (content: Projection) =>
      oursLink(
        aLiveEvent({ content }),
        anAppointment(),
        place,
        { base: { sent: content, returned: content }, shownVersion: 1, generation: 0 },
        policies,
      )
    const ours = project(anAppointment(), policies)
    expect(linkOf(ours)).toMatchObject({ raw: { id: 'event1' }, base: { sent: ours, returned: ours } })
    const theirs = linkOf({ ...ours, description: 'Theirs' })
    expect(theirs).toMatchObject({ raw: RAW_WITHHELD, base: { returned: { description: veil('Theirs') } } })
    expect(JSON.stringify(theirs)).not.toContain('Theirs')
  })

  test('changes no decision: hidden or not, a merge comes to the same', () => {
    const value = fc.constantFrom('', 'Busy', 'Ours', 'Theirs', 'Others')
    const any = fc
      .record({ title: value, description: value, location: value })
      .map(words => ({ ...project(anAppointment(), policies), ...words }))
    const edits = fc.constantFrom('accept' as const, 'propose' as const, 'revert' as const)
    fc.assert(
      fc.property(any, any, any, any, edits, (sent, returned, local, remote, googleEdits) => {
        const hide = (content: Projection): Projection => veiledContent(content, local, PRESENTATION)
        const input = { local, remote, policies: { ...policies, googleEdits }, localChangedAt: 1, remoteChangedAt: 2 }
        const plain = merge({ ...input, base: { sent, returned } })
        expect(merge({ ...input, base: { sent: hide(sent), returned: hide(returned) } })).toEqual(plain)
        expect(merge({ ...input, remote: hide(remote), base: { sent: hide(sent), returned: hide(returned) } })).toEqual(
          plain,
        )
      }),
    )
  })

  test('compares field by field like the words it hides', () => {
    const plain = aProjection({ title: 'a', description: 'b', location: 'c' })
    const hidden = overlay(
      { ...plain, title: veil('a'), description: veil('b'), location: veil('c') },
      plain,
      () => false,
    )
    for (const field of FIELDS) expect(sameField(field, plain, hidden)).toBe(true)
    expect(sameField('title', plain, { ...hidden, title: veil('x') })).toBe(false)
  })
})
