import { element, glyph } from './dom.js'
import { intoLanes } from './lanes.js'
import { addDays, clockOf, dayOf, daysBetween, minutesNowIn, minutesOf, todayIn, told } from './wall-time.js'

const DAY_MINUTES = 24 * 60
/** Minutes that one line of text takes of a box's height, and what its padding takes. */
const LINE_MINUTES = 15
const PADDING_MINUTES = 5
/** From here on two small lines fit. */
const COMPACT_MINUTES = 28
const OFF = ['cancelled', 'no_show']

export const keyOf = item => `${item.side}/${item.calendarId ?? ''}/${item.id}`

/** The days and hours to show so that nothing of either side is out of sight. */
export function frameOf(monday, items, onlyDay) {
  const week = Array.from({ length: 7 }, (_, index) => addDays(monday, index))
  const isUsed = day => items.some(each => coversDay(each, day))
  const shown = week.filter((day, index) => index < 5 || isUsed(day) || (index === 5 && isUsed(week[6])))
  const timed = items.filter(each => !each.isAllDay && week.includes(dayOf(each.from)))
  const earliest = Math.min(8 * 60, ...timed.map(each => minutesOf(each.from)))
  const latest = Math.max(18 * 60, ...timed.map(each => endMinutes(each)))
  return {
    week,
    days: onlyDay ? [onlyDay] : shown,
    fromHour: Math.floor(earliest / 60),
    toHour: Math.min(24, Math.ceil(latest / 60)),
  }
}

const endMinutes = item => (dayOf(item.to) > dayOf(item.from) ? DAY_MINUTES : minutesOf(item.to))
const coversDay = (item, day) =>
  item.isAllDay ? item.from <= day && day < item.to : dayOf(item.from) <= day && day <= dayOf(item.to)

/**
 * Draws one side of the week into `root`.
 * @param calls `open(item)`, `add(day, minutes)`; the boxes are moved by `drag.js`.
 */
export function drawCalendar(root, { side, items, frame, timeZone, fresh, calls }) {
  const { days, fromHour, toHour } = frame
  const today = todayIn(timeZone)
  const scroller = root.querySelector('.scroller')
  const scrollTop = scroller?.scrollTop ?? 0
  const columns = `var(--gutter) repeat(${days.length}, minmax(0, 1fr))`
  const head = element('div', { class: 'head', style: { gridTemplateColumns: columns } }, element('span'))
  for (const day of days)
    head.append(
      element(
        'div',
        { class: day === today ? 'day-name today' : 'day-name' },
        element('span', {}, told(day, 'weekday')),
        element('b', {}, told(day, 'number')),
      ),
    )
  const body = element('div', {
    class: 'body',
    style: { gridTemplateColumns: columns, height: `calc(var(--hour) * ${toHour - fromHour})` },
  })
  const hours = element('div', { class: 'hours', ariaHidden: 'true' })
  for (let hour = fromHour; hour < toHour; hour++)
    hours.append(
      element(
        'span',
        { class: hour === fromHour ? 'first' : '', style: { top: `calc(var(--hour) * ${hour - fromHour})` } },
        hour === fromHour ? '' : String(hour).padStart(2, '0'),
        element('i', {}, ':00'),
      ),
    )
  body.append(hours)
  for (const day of days)
    body.append(dayColumn({ day, side, items, frame, timeZone, fresh, calls, isToday: day === today }))
  const drawn = element('div', { class: 'scroller', tabindex: -1 }, body)
  root.style.setProperty('--from-hour', String(fromHour))
  root.replaceChildren(head, allDayRow({ side, items, frame, columns, fresh, calls }), drawn)
  drawn.scrollTop = scrollTop
}

function dayColumn({ day, side, items, frame, timeZone, fresh, calls, isToday }) {
  const { fromHour, toHour } = frame
  const column = element('div', {
    class: `column${isToday ? ' today' : ''}`,
    data: { day, side },
    ondblclick: event => {
      if (event.target !== column) return
      const minutes = fromHour * 60 + (event.offsetY / column.offsetHeight) * (toHour - fromHour) * 60
      calls.add(day, Math.floor(minutes / 30) * 30)
    },
  })
  const timed = items.filter(
    each => !each.isAllDay && coversDay(each, day) && !(clockOf(each.to) === '00:00' && dayOf(each.to) === day),
  )
  const boxes = timed.map(item => ({
    item,
    from: dayOf(item.from) < day ? 0 : minutesOf(item.from),
    to: dayOf(item.to) > day ? DAY_MINUTES : minutesOf(item.to),
  }))
  const isOff = ({ item }) => OFF.includes(item.status)
  for (const box of boxes.filter(isOff)) column.append(drawBox({ ...box, lane: 0, lanes: 1 }, { frame, fresh, calls }))
  for (const box of intoLanes(boxes.filter(each => !isOff(each)))) column.append(drawBox(box, { frame, fresh, calls }))
  if (isToday) {
    const now = minutesNowIn(timeZone) / 60
    if (now > fromHour && now < toHour)
      column.append(element('div', { class: 'now', style: { top: `calc(var(--hour) * ${now - fromHour})` } }))
  }
  return column
}

function drawBox({ item, from, to, lane, lanes }, { frame, fresh, calls }) {
  const top = from / 60 - frame.fromHour
  const minutes = to - from
  const box = boxElement(item, { fresh, calls })
  const isCompact = minutes >= COMPACT_MINUTES && minutes < 2 * LINE_MINUTES + PADDING_MINUTES
  const lines = isCompact ? 2 : Math.max(1, Math.floor((minutes - PADDING_MINUTES) / LINE_MINUTES))
  box.classList.toggle('compact', isCompact)
  box.classList.toggle('one-line', lines === 1)
  box.classList.toggle('tiny', minutes <= 15)
  box.classList.toggle('timed', lines >= 3)
  box.style.setProperty('--lines', String(lines >= 3 ? lines - 1 : lines))
  Object.assign(box.style, {
    top: `calc(var(--hour) * ${top} + 1px)`,
    height: `calc(var(--hour) * ${minutes / 60} - 2px)`,
    left: `calc(${(100 / lanes) * lane}% + 1px)`,
    width: `calc(${100 / lanes}% - 3px)`,
  })
  const isMovable = !item.isLocked && !OFF.includes(item.status)
  if (isMovable) box.append(element('span', { class: 'handle', ariaHidden: 'true' }))
  return box
}

function boxElement(item, { fresh, calls }) {
  const { title, status, kind, pair, origin, isLocked } = item
  const classes = ['box', `from-${origin}`, `status-${status}`, `kind-${kind}`]
  if (isLocked) classes.push('locked')
  if (item.isFree) classes.push('free')
  if (item.isMasked) classes.push('masked')
  if (fresh.has(keyOf(item))) classes.push('fresh')
  if (item.state === 'pending') classes.push('pending')
  if (['held', 'failed'].includes(item.state)) classes.push('stuck')
  const box = element(
    'div',
    {
      class: classes.join(' '),
      role: 'button',
      tabindex: 0,
      ariaLabel: labelOf(item),
      data: { key: keyOf(item), side: item.side, ...(pair ? { pair } : {}) },
      onclick: () => calls.open(item),
      onkeydown: event => {
        if (event.key !== 'Enter' && event.key !== ' ') return
        event.preventDefault()
        calls.open(item)
      },
    },
    element('span', { class: 'title' }, title),
    ' ',
    element('span', { class: 'when' }, whenOf(item)),
    element('span', { class: 'marks' }, ...marksOf(item)),
  )
  box.setAttribute('aria-describedby', 'drag-help')
  return box
}

function marksOf(item) {
  const marks = []
  if (item.isLocked) marks.push(glyph('lock', 'Made in Google, locked here'))
  if (item.isPrivate && !item.isMasked) marks.push(glyph('eye-off', 'Private in Google'))
  if (item.isMasked) marks.push(glyph('mask', 'Google does not see the details'))
  if (item.isRecurring) marks.push(glyph('repeat', 'Recurring'))
  if (item.status === 'completed') marks.push(glyph('check', 'Completed'))
  return marks
}

const whenOf = item => [item.isAllDay ? '' : clockOf(item.from), item.location].filter(Boolean).join(' · ')

/** Begins with what is to be seen, so that who speaks to the page may say it. */
function labelOf(item) {
  const when = item.isAllDay ? 'all day' : `${clockOf(item.from)} to ${clockOf(item.to)}`
  const more = [
    item.isLocked ? 'locked, made in Google' : '',
    item.isMasked ? 'details hidden' : '',
    item.status === 'confirmed' ? '' : item.status.replace('_', ' '),
  ]
  return [`${item.title} ${whenOf(item)}`.trim(), told(dayOf(item.from), 'long'), when, ...more]
    .filter(Boolean)
    .join(', ')
}

/** Whole days, each as a bar over the days it covers. */
function allDayRow({ side, items, frame, columns, fresh, calls }) {
  const { days } = frame
  const row = element(
    'div',
    { class: 'all-day', data: { side }, style: { gridTemplateColumns: columns } },
    element('span', { class: 'gutter-label' }, 'all day'),
  )
  const first = days[0]
  const last = days[days.length - 1]
  const shown = items
    .filter(each => each.isAllDay && each.from <= last && each.to > first && !OFF.includes(each.status))
    .sort((a, b) => a.from.localeCompare(b.from))
  for (const item of shown) {
    const start = Math.max(
      0,
      days.findIndex(day => day >= item.from),
    )
    const covered = days.filter(day => coversDay(item, day)).length
    if (covered === 0) continue
    const box = boxElement(item, { fresh, calls })
    box.style.gridColumn = `${start + 2} / span ${covered}`
    box.title = `${item.title}, ${daysBetween(item.from, item.to)} day(s)`
    row.append(box)
  }
  return row
}
