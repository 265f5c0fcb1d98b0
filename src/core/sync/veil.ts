import type { Presentation } from '../model/policies.ts'
import type { Projection } from '../model/projection.ts'
import { digest } from './digest.ts'
import { flowsBack } from './ownership.ts'

/** No text that a person types begins with it: Google takes control characters away. */
const VEIL = '\u0001'

/** The words that may be masked. */
const TEXTS = ['title', 'description', 'location'] as const

/**
 * What stands for words that must not be kept: the same for the same, so that a change is still seen, and nothing that can be read. An empty
 * text hides nothing.
 */
export function veil(text: string): string {
  return text === '' || isVeiled(text) ? text : `${VEIL}${digest(text)}`
}

export function isVeiled(text: string): boolean {
  return text.startsWith(VEIL)
}

/** Whether two texts are the same, where one or both of them may be hidden. */
export function sameText(a: string, b: string): boolean {
  return a === b || ((isVeiled(a) || isVeiled(b)) && veil(a) === veil(b))
}

/** What may be shown of a text that may be hidden; null: nothing. */
export function unveiled(text: string): string | null {
  return isVeiled(text) ? null : text
}

/**
 * What is kept of an event of ours: a masked field that a person filled in Google is theirs alone, and only what we wrote there is kept in words.
 * @param ours what Google is shown of the appointment.
 */
export function veiledContent(content: Projection, ours: Projection, presentation: Presentation): Projection {
  const kept = { ...content }
  for (const field of TEXTS)
    if (!flowsBack(field, presentation) && content[field] !== ours[field]) kept[field] = veil(content[field])
  return kept
}

/** The part of an event's content that may be told. */
export function tellable(content: Projection, presentation: Presentation): Partial<Projection> {
  const isMasked = (name: string): boolean => TEXTS.some(field => field === name && !flowsBack(field, presentation))
  return Object.fromEntries(Object.entries(content).filter(([name]) => !isMasked(name)))
}
