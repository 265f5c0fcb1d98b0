import type { Week, WeekDay, WeekItem } from '../../../usecases/operations/read-week.ts'
import { html, type Html } from '../connect/html.ts'
import { appointmentUrl } from './layout.ts'
import { kindWord } from './words.ts'

/** Five-minute rows: their places are classes of the style sheet, since nothing may be styled inline. */
export const ROW_MINUTES = 5
const COLUMNS = 12
/** From so many rows on a box has room for two lines, and for three. */
const TWO_LINES = 8
const THREE_LINES = 12

/** One side of a week, hour by hour, with its whole days above. */
export function weekGrid(week: Week, side: 'platform' | 'google', tenantId: string): Html {
  const items = side === 'platform' ? week.platform : week.google
  const { days, fromHour, toHour } = week
  const hours = Array.from({ length: toHour - fromHour }, (_, at) => fromHour + at)
  return html`<div class="week d${days.length} h${hours.length}">
    <div class="corner"></div>
    ${days.map(day => html`<div class="day-name ${day.isToday && 'today'}"><span>${day.weekday}</span><b>${day.number}</b></div>`)}
    <div class="hours all-day-label">all day</div>
    ${days.map(day => html`<div class="all-day">${wholeDays(items, day).map(item => chip(item, side, tenantId))}</div>`)}
    <div class="hours" aria-hidden="true">
      ${hours.map(hour => html`<span>${String(hour).padStart(2, '0')}:00</span>`)}
    </div>
    ${days.map(day => dayColumn(items, day, week, side, tenantId))}
  </div>`
}

const wholeDays = (items: readonly WeekItem[], day: WeekDay): WeekItem[] =>
  items.filter(item => item.isAllDay && item.days.includes(day.date))

type Box = { item: WeekItem; from: number; to: number; lane: number; lanes: number }

function dayColumn(
  items: readonly WeekItem[],
  day: WeekDay,
  week: Week,
  side: 'platform' | 'google',
  tenantId: string,
): Html {
  const boxes = items.flatMap((item): Omit<Box, 'lane' | 'lanes'>[] => {
    const part = item.parts.find(each => each.date === day.date)
    return part === undefined ? [] : [{ item, from: part.fromMinute, to: part.toMinute }]
  })
  return html`<ol class="column ${day.isToday && 'today'}" aria-label="${day.long}">
    ${intoLanes(boxes).map(box => boxOf(box, week, side, tenantId))}
  </ol>`
}

/** Side by side where they overlap: each group of overlapping boxes shares the width. */
function intoLanes<B extends { from: number; to: number }>(
  boxes: readonly B[],
): (B & { lane: number; lanes: number })[] {
  const placed: (B & { lane: number; lanes: number })[] = []
  let group: (B & { lane: number })[] = []
  let end = -1
  const close = (): void => {
    const lanes = group.reduce((most, each) => Math.max(most, each.lane + 1), 1)
    placed.push(...group.map(each => ({ ...each, lanes })))
    group = []
  }
  for (const box of boxes.toSorted((a, b) => a.from - b.from || b.to - a.to)) {
    if (box.from >= end) close()
    const taken = new Set(group.filter(each => each.to > box.from).map(each => each.lane))
    let lane = 0
    while (taken.has(lane)) lane += 1
    group.push({ ...box, lane })
    end = Math.max(end, box.to)
  }
  close()
  return placed
}

function boxOf({ item, from, to, lane, lanes }: Box, week: Week, side: 'platform' | 'google', tenantId: string): Html {
  const row = Math.floor((from - week.fromHour * 60) / ROW_MINUTES)
  const rows = Math.max(3, Math.round((to - from) / ROW_MINUTES))
  const width = Math.max(1, Math.floor(COLUMNS / lanes))
  const column = Math.min(COLUMNS - width, lane * width)
  return html`<li class="r${row} s${rows} c${column} w${width}">${link(item, side, tenantId, rows)}</li>`
}

const chip = (item: WeekItem, side: 'platform' | 'google', tenantId: string): Html => link(item, side, tenantId, 0)

function link(item: WeekItem, side: 'platform' | 'google', tenantId: string, rows: number): Html {
  const isShort = rows < TWO_LINES
  const isTall = rows >= THREE_LINES
  const marks = [
    item.mark !== null && 'differs',
    isShort && 'short',
    isTall && 'tall',
    item.isLocked && 'locked',
    item.isOff && 'off',
  ]
  const classes = ['box', `from-${item.origin}`, ...marks.filter(mark => mark !== false)].join(' ')
  const title = item.title ?? kindWord(item.kind)
  return html`<a
    class="${classes}"
    href="${appointmentUrl(tenantId, item.appointmentId)}"
    data-pair="${item.pair}"
    title="${labelOf(item, title)}"
    aria-label="${`${labelOf(item, title)}${side === 'google' ? ', in Google' : ''}`}"
    ><span class="name"
      >${item.isLocked && html`<i class="lock" aria-hidden="true"></i>`}${item.mark !== null && html`<i class="mark-differs" aria-hidden="true">≠</i>`}${title}</span
    >${!isShort && html`<span class="when">${item.clock}</span>`}</a
  >`
}

function labelOf(item: WeekItem, title: string): string {
  const more = [
    item.isLocked ? 'made in Google, locked here' : '',
    item.isOff ? item.status.replace('_', ' ') : '',
    item.mark ?? '',
  ]
  return [title, item.clock, ...more].filter(part => part !== '').join(', ')
}
