import type { Policies, Presentation } from './policies.ts'

/**
 * What a user may choose for himself on the connect page: to show Google less than the platform allows, never more. A clinic that
 * masks its patients' names is not overruled by a tick in a form.
 */
export type MaskingWish = { title: string; description: boolean; location: boolean; kinds: readonly string[] }

/** Title modes from the most to the least telling; a template stands beside `full`, since nobody but its author knows what it tells. */
export function titleChoices(limit: Presentation): string[] {
  switch (limit.title) {
    case 'full':
      return ['full', 'kind', 'busy']
    case 'kind':
      return ['kind', 'busy']
    case 'busy':
      return ['busy']
    default:
      return [limit.title, 'busy']
  }
}

/** The wish as far as the limit allows it. */
export function masked(
  limit: Pick<Policies, 'presentation' | 'include'>,
  wish: MaskingWish,
): Pick<Policies, 'presentation' | 'include'> {
  const { presentation, include } = limit
  const choices = titleChoices(presentation)
  const kinds = include.kinds.filter(kind => wish.kinds.includes(kind))
  return {
    presentation: {
      ...presentation,
      title: choices.includes(wish.title) ? wish.title : presentation.title,
      description: presentation.description && wish.description,
      location: presentation.location && wish.location,
    },
    include: { ...include, kinds },
  }
}

/** Only what differs from what is in force: the rest goes on following the platform's own rules, also when those change. */
export function narrowing(
  inForce: Pick<Policies, 'presentation' | 'include'>,
  wished: Pick<Policies, 'presentation' | 'include'>,
): Partial<Pick<Policies, 'presentation' | 'include'>> {
  const differs = (name: 'presentation' | 'include'): boolean =>
    JSON.stringify(inForce[name]) !== JSON.stringify(wished[name])
  return {
    ...(differs('presentation') ? { presentation: wished.presentation } : {}),
    ...(differs('include') ? { include: wished.include } : {}),
  }
}
