import { byId, element } from './dom.js'

const SIDES = { platform: 'Platform', google: 'Google', lockstep: 'Lockstep' }
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })

/** Draws the panel; lines that were not there before slide in. @param find opens what a line is about. */
export function drawStory({ lines, requests }, { names, show }) {
  const list = byId('story')
  const known = new Set([...list.children].map(each => each.dataset.id))
  const isFirst = known.size === 0
  list.replaceChildren(...lines.map(line => drawLine(line, { names, show, isNew: !isFirst && !known.has(line.id) })))
  if (lines.length === 0)
    list.append(
      element(
        'li',
        { class: 'empty' },
        'Nothing yet. Drag an appointment on the left, or an event on the right: the other side follows, and the reason is told here.',
      ),
    )
  drawRequests(requests)
}

function drawLine(line, { names, show, isNew }) {
  return element(
    'li',
    { class: `line ${line.side}${isNew ? ' new' : ''}`, data: { id: line.id } },
    element(
      'p',
      { class: 'meta' },
      element('span', { class: 'who' }, SIDES[line.side]),
      element('time', { dateTime: line.at }, clock.format(new Date(line.at))),
    ),
    element('p', { class: 'headline' }, line.headline),
    element(
      'button',
      { class: 'about', onclick: () => show(line) },
      line.title,
      element('span', { class: 'muted' }, ` · ${names.get(line.userId) ?? line.userId}`),
    ),
    line.detail && element('p', { class: 'detail' }, line.detail),
    element('p', { class: 'reason' }, line.reason, ' ', element('code', {}, line.rule)),
  )
}

const WORDS = {
  'events.list': 'list',
  'events.insert': 'insert',
  'events.update': 'update',
  'events.patch': 'patch',
  'events.delete': 'delete',
  'events.get': 'get',
}

function drawRequests({ total, ofLastChange }) {
  const counts = new Map()
  for (const kind of ofLastChange) counts.set(WORDS[kind] ?? kind, (counts.get(WORDS[kind] ?? kind) ?? 0) + 1)
  const parts = [...counts].map(([word, count]) => (count === 1 ? word : `${count} × ${word}`))
  byId('requests').replaceChildren(
    element(
      'div',
      {},
      element('b', { id: 'requests-total' }, total.toLocaleString('en')),
      element('span', {}, 'Google requests so far'),
    ),
    element(
      'div',
      {},
      element('b', { id: 'requests-last' }, String(ofLastChange.length)),
      element('span', {}, parts.length > 0 ? `for the last change: ${parts.join(', ')}` : 'for the last change'),
    ),
  )
}
