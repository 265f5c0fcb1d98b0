/** The two dialogs: the event's form, and the question which occurrences of a series are meant. */
import { addDays, addMinutes, momentOf, wallOf } from './times.js'

const editor = document.querySelector('#editor')
const scope = document.querySelector('#scope')
const problem = document.querySelector('#editor-problem')
const form = editor.querySelector('form')
const field = name => form.elements.namedItem(name)

/** Opens a dialog and waits for the button that closed it; Escape counts as cancel. */
const ask = dialog =>
  new Promise(resolve => {
    dialog.returnValue = 'cancel'
    dialog.addEventListener('close', () => resolve(dialog.returnValue), { once: true })
    dialog.showModal()
  })

/** `this`, `following` or `all`; undefined when the person thought better of it. */
export async function askScope() {
  scope.querySelector('[value=this]').checked = true
  const answer = await ask(scope)
  return answer === 'ok' ? new FormData(scope.querySelector('form')).get('scope') : undefined
}

function showAllDay() {
  const isAllDay = field('allDay').checked
  form.querySelector('.timed').hidden = isAllDay
  form.querySelector('.whole-day').hidden = !isAllDay
  field('start').required = field('end').required = !isAllDay
  field('firstDay').required = field('lastDay').required = isAllDay
}
field('allDay').addEventListener('change', showAllDay)
field('start').addEventListener('change', () => {
  if (field('end').value <= field('start').value) field('end').value = addMinutes(field('start').value, 60)
})

function fill(event, { isNew }) {
  const isAllDay = event.start.date !== undefined
  form.reset()
  field('summary').value = event.summary ?? ''
  field('location').value = event.location ?? ''
  field('description').value = event.description ?? ''
  field('transparency').value = event.transparency ?? 'opaque'
  field('visibility').value = event.visibility ?? 'default'
  field('guests').value = (event.attendees ?? []).map(guest => guest.email).join(', ')
  field('allDay').checked = isAllDay
  field('start').value = isAllDay ? `${event.start.date}T09:00` : wallOf(event.start)
  field('end').value = isAllDay ? `${event.start.date}T10:00` : wallOf(event.end)
  field('firstDay').value = wallOf(event.start).slice(0, 10)
  field('lastDay').value = isAllDay ? addDays(event.end.date, -1) : wallOf(event.end).slice(0, 10)
  form.querySelector('.repeats').hidden = !isNew
  form.querySelector('[value=delete]').hidden = isNew
  document.querySelector('#editor-title').textContent = isNew ? 'New event' : 'Edit event'
  showAllDay()
}

function read(event, timeZone) {
  const isAllDay = field('allDay').checked
  const known = new Map((event.attendees ?? []).map(guest => [guest.email, guest]))
  const guests = field('guests')
    .value.split(/[\s,;]+/)
    .filter(email => email.includes('@'))
  const repeat = field('repeat').value
  return {
    summary: field('summary').value,
    location: field('location').value,
    description: field('description').value,
    transparency: field('transparency').value,
    visibility: field('visibility').value,
    attendees: guests.map(email => known.get(email) ?? { email }),
    start: momentOf(isAllDay ? field('firstDay').value : field('start').value, isAllDay, timeZone),
    end: momentOf(isAllDay ? addDays(field('lastDay').value, 1) : field('end').value, isAllDay, timeZone),
    ...(repeat === '' ? {} : { recurrence: [repeat] }),
  }
}

/**
 * Shows the form until the event is saved, deleted or left alone. `act` does the work; what it throws is shown in the
 * form, which stays open with all that was typed.
 */
export async function edit(event, { isNew, timeZone, act }) {
  fill(event, { isNew })
  problem.hidden = true
  for (;;) {
    const answer = await ask(editor)
    if (answer === 'cancel') return
    try {
      await act(answer, answer === 'save' ? read(event, timeZone) : undefined)
      return
    } catch (error) {
      problem.textContent = error.message
      problem.hidden = false
    }
  }
}
