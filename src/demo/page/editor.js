import { byId, element, glyph } from './dom.js'
import { addDays, at, clockOf, dayOf, told } from './wall-time.js'

const STATE = {
  none: 'Not for Google.',
  pending: 'On its way to Google.',
  synced: 'In Google as it should be.',
  held: 'Waits: see its history.',
  failed: 'Could not be written to Google: a person is needed.',
  excluded: 'Not sent to Google, by policy.',
}

/** Opens the dialog on an item, or on a new one. @param calls `save(edit)`, `remove()`. */
export function openEditor({ item, side, day, minutes, simulator, calls }) {
  const dialog = byId('editor')
  const isNew = item === undefined
  const form = element('form', { method: 'dialog' }, ...(isNew ? newHead(side) : itemHead(item, simulator)))
  const isReadOnly = !isNew && (item.isLocked || ['cancelled', 'no_show'].includes(item.status))
  if (!isReadOnly)
    form.append(
      ...fields(
        isNew ? { title: '', from: at(day, minutes), to: at(day, minutes + 30), isAllDay: false } : item,
        isNew,
      ),
    )
  form.append(buttons({ isNew, isReadOnly, side, dialog, calls }))
  form.addEventListener('submit', event => {
    event.preventDefault()
    const edit = readForm(form, item)
    dialog.close()
    if (!isReadOnly) calls.save(edit)
  })
  dialog.replaceChildren(form)
  dialog.showModal()
}

function newHead(side) {
  const text = side === 'platform' ? 'New appointment' : 'New event in Google'
  const about =
    side === 'platform'
      ? 'Made through the API; it is in Google a moment later.'
      : 'Made by the practitioner in Google; it arrives on the platform, locked.'
  return [element('h3', { id: 'editor-title' }, text), element('p', { class: 'muted' }, about)]
}

function itemHead(item, simulator) {
  const when = item.isAllDay
    ? spanOfDays(item)
    : `${told(dayOf(item.from), 'long')}, ${clockOf(item.from)} – ${clockOf(item.to)}`
  const head = [
    element(
      'p',
      { class: `badge from-${item.origin}` },
      item.origin === 'google' ? 'Made in Google' : 'Made on the platform',
    ),
    element('h3', { id: 'editor-title' }, item.title),
    element('p', { class: 'muted' }, [when, item.location].filter(Boolean).join(' · ')),
  ]
  if (item.isLocked)
    head.push(
      element(
        'p',
        { class: 'note' },
        glyph('lock'),
        'Google owns this one, so it cannot be moved or changed here: the API answers 423. Change it in Google, and it changes here. ',
        element('a', { href: simulator, target: '_blank', rel: 'noreferrer' }, 'Open it in the simulator'),
      ),
    )
  if (item.isMasked)
    head.push(
      element(
        'p',
        { class: 'note' },
        glyph('mask'),
        'Google sees only this much. Whatever is typed over the title in Google never reaches the platform.',
      ),
    )
  if (item.side === 'platform' && item.origin === 'platform')
    head.push(element('p', { class: 'state' }, STATE[item.state] ?? ''))
  return head
}

const spanOfDays = item => {
  const last = addDays(item.to, -1)
  return last === item.from ? told(item.from, 'long') : `${told(item.from, 'long')} – ${told(last, 'long')}`
}

function fields(item, isNew) {
  const title = element(
    'label',
    {},
    'Title',
    element('input', { name: 'title', value: item.title, required: true, maxLength: 200, autocomplete: 'off' }),
  )
  if (item.isAllDay) return [title]
  const times = element(
    'div',
    { class: 'times' },
    element(
      'label',
      {},
      'Day',
      element('input', { type: 'date', name: 'day', value: dayOf(item.from), required: true }),
    ),
    element(
      'label',
      {},
      'From',
      element('input', { type: 'time', name: 'from', value: clockOf(item.from), step: 300, required: true }),
    ),
    element(
      'label',
      {},
      'To',
      element('input', { type: 'time', name: 'to', value: clockOf(item.to), step: 300, required: true }),
    ),
  )
  if (isNew) queueMicrotask(() => title.querySelector('input').focus())
  return [title, times]
}

/** Only what was changed, so that a title that Google masks is not sent back by saving a time. */
function readForm(form, item) {
  const read = name => form.elements.namedItem(name)?.value
  const edit = {}
  if (read('title') !== undefined && read('title') !== item?.title) edit.title = read('title')
  if (read('day') === undefined) return edit
  const from = `${read('day')}T${read('from')}`
  const isPastMidnight = read('to') <= read('from')
  const to = `${isPastMidnight ? addDays(read('day'), 1) : read('day')}T${read('to')}`
  return from === item?.from && to === item?.to ? edit : { ...edit, from, to }
}

function buttons({ isNew, isReadOnly, side, dialog, calls }) {
  const row = element('div', { class: 'buttons' })
  if (!isNew && !isReadOnly) {
    const text = side === 'platform' ? 'Cancel appointment' : 'Delete event'
    row.append(
      element('button', { type: 'button', class: 'danger', onclick: () => (dialog.close(), calls.remove()) }, text),
    )
  }
  row.append(
    element('span', { class: 'spring' }),
    element('button', { type: 'button', class: 'plain', onclick: () => dialog.close() }, 'Close'),
  )
  if (!isReadOnly) row.append(element('button', { class: 'primary' }, isNew ? 'Add' : 'Save'))
  return row
}
