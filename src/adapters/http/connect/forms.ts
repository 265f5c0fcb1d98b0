import type { ChosenCalendars } from '../../../core/model/calendar-choice.ts'
import type { MaskingWish } from '../../../core/model/masking.ts'

/** A form as browsers send it: a field that comes several times is a list. */
export type Form = Readonly<Record<string, string | string[]>>

/** Reads the form of `choose-page.ts`. Numbers that are none become NaN, which the core refuses by name. */
export function readChoiceForm(form: Form): {
  window: { daysBack: number; daysAhead: number }
  wish: MaskingWish
  choice: ChosenCalendars
} {
  return {
    window: { daysBack: number(form['daysBack']), daysAhead: number(form['daysAhead']) },
    wish: {
      title: text(form['title']),
      description: form['description'] !== undefined,
      location: form['location'] !== undefined,
      kinds: list(form['kinds']),
    },
    choice: {
      target: readTarget(text(form['target']), text(form['createName'])),
      sources: list(form['sources']),
      conflicts: list(form['conflicts']),
    },
  }
}

function readTarget(target: string, name: string): ChosenCalendars['target'] {
  if (target === 'create') return { create: name }
  return target.startsWith('id:') ? { calendarId: target.slice('id:'.length) } : null
}

const text = (field: Form[string] | undefined): string => (typeof field === 'string' ? field : '')
const list = (field: Form[string] | undefined): string[] => (field === undefined ? [] : [field].flat())
const number = (field: Form[string] | undefined): number => (text(field) === '' ? Number.NaN : Number(text(field)))
