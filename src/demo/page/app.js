import { drawCalendar, frameOf, keyOf } from './calendar.js'
import { byId, element, toast } from './dom.js'
import { makeMovable } from './drag.js'
import { openEditor } from './editor.js'
import { drawStory } from './story.js'
import { addDays, todayIn, told } from './wall-time.js'

const NARROW = window.matchMedia('(max-width: 760px)')
const SIDES = ['platform', 'google']
const FRESH_MS = 2_500

const state = {
  setup: null,
  userId: '',
  monday: '',
  day: '',
  week: { platform: [], google: [] },
  seen: new Map(),
  fresh: new Set(),
}

async function ask(path, method = 'GET', body) {
  const response = await fetch(`/demo/api/${path}`, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const value = text === '' ? null : JSON.parse(text)
  if (!response.ok) throw new Error(value?.message ?? `It did not work (${response.status}).`)
  return value
}

const member = () => state.setup.members.find(each => each.userId === state.userId)
const itemsOf = () => [...state.week.platform, ...state.week.google]
const find = key => itemsOf().find(each => keyOf(each) === key)

// Looking again: one look at a time, and one more if something happened meanwhile.
let looking = null
let isDue = false
let visit = 0

async function look() {
  if (looking) {
    isDue = true
    return looking
  }
  looking = lookOnce()
  try {
    await looking
  } catch (error) {
    toast(error.message)
  } finally {
    looking = null
  }
  if (isDue) {
    isDue = false
    await look()
  }
}

async function lookOnce() {
  const { userId, monday } = state
  const mine = visit
  const [week, story] = await Promise.all([ask(`week?${new URLSearchParams({ userId, week: monday })}`), ask('story')])
  if (mine !== visit) {
    isDue = true
    return
  }
  markFresh(week)
  state.week = week
  draw()
  drawStory(story, { names: new Map(state.setup.members.map(each => [each.userId, each.name])), show })
}

/** What looks otherwise than at the last look is lit up for a moment. */
function markFresh(week) {
  const now = new Map(
    [...week.platform, ...week.google].map(each => [keyOf(each), `${each.from}${each.to}${each.title}${each.status}`]),
  )
  if (state.seen.size > 0)
    for (const [key, looks] of now) {
      if (state.seen.get(key) === looks) continue
      state.fresh.add(key)
      setTimeout(() => state.fresh.delete(key), FRESH_MS)
    }
  state.seen = now
}

let drawn = ''

/** Only when something looks otherwise: a box that somebody points at is not replaced by its like. */
function draw() {
  const { setup, week, monday } = state
  const looks = JSON.stringify([week, monday, state.userId, NARROW.matches && state.day])
  if (looks === drawn || document.querySelector('.is-held')) return
  drawn = looks
  const { timeZone } = member()
  const focused = document.activeElement?.dataset?.key
  const onlyDay = NARROW.matches ? state.day : null
  const frame = frameOf(monday, itemsOf(), onlyDay)
  for (const side of SIDES)
    drawCalendar(byId(side), {
      side,
      items: week[side],
      frame,
      timeZone,
      fresh: state.fresh,
      calls: { open: item => open(item), add: (day, minutes) => add(side, day, minutes) },
    })
  if (focused) document.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true })
  drawDays(frame)
  const change = setup.clockChanges.find(each => each.date >= monday && each.date <= addDays(monday, 7))
  byId('platform-about').textContent =
    `The clinic’s bookings, ${timeZone.replace(/^.*\//, '').replaceAll('_', ' ')} time`
  byId('google-about').textContent = change ? `${change.title} on ${told(change.date, 'short')}` : member().shows
  byId('google-about').classList.toggle('clock-change', Boolean(change))
}

function drawDays(frame) {
  const row = byId('days')
  row.hidden = !NARROW.matches
  row.replaceChildren(
    ...frame.week.map(day =>
      element(
        'button',
        { class: 'day-chip', ariaPressed: String(day === state.day), onclick: () => ((state.day = day), draw()) },
        element('span', {}, told(day, 'weekday')),
        element('b', {}, told(day, 'number')),
      ),
    ),
  )
}

function open(item) {
  const box = document.querySelector(`[data-key="${CSS.escape(keyOf(item))}"]`)
  if (box?.dataset.dragged) return
  openEditor({
    item,
    side: item.side,
    simulator: simulatorLink(item),
    calls: { save: edit => change(item, edit), remove: () => remove(item) },
  })
}

function add(side, day, minutes) {
  openEditor({ side, day, minutes, calls: { save: edit => act(() => ask(`${side}/${state.userId}`, 'POST', edit)) } })
}

const simulatorLink = item =>
  item.link?.startsWith(state.setup.links.simulator) ? item.link : state.setup.links.simulator

const pathOf = item =>
  item.side === 'platform'
    ? `platform/${state.userId}/${encodeURIComponent(item.id)}`
    : `google/${state.userId}/${encodeURIComponent(item.calendarId)}/${encodeURIComponent(item.id)}`

function change(item, edit) {
  if (Object.keys(edit).length === 0) return
  Object.assign(item, edit)
  draw()
  return act(() => ask(pathOf(item), 'PATCH', edit))
}

const remove = item => act(() => ask(pathOf(item), 'DELETE'))

async function act(work) {
  try {
    await work()
  } catch (error) {
    toast(error.message)
  }
  await look()
}

function refuse(item, box) {
  box.classList.add('shake')
  setTimeout(() => box.classList.remove('shake'), 400)
  toast('This was made in Google, so it is locked here. Move it in Google and it moves here.', {
    text: 'Open it in the simulator',
    href: simulatorLink(item),
  })
}

/** Takes the page to what a line of the panel is about. */
async function show(line) {
  if (line.userId !== state.userId) choosePerson(line.userId)
  await look()
  const item = state.week.platform.find(
    each => each.id === line.appointmentId || each.id.startsWith(`${line.appointmentId}_`),
  )
  if (!item) return toast('It is in another week, or was called off.')
  const box = document.querySelector(`[data-key="${CSS.escape(keyOf(item))}"]`)
  box?.scrollIntoView({ block: 'center', behavior: 'smooth' })
  box?.focus({ preventScroll: true })
}

function choosePerson(userId) {
  visit += 1
  state.userId = userId
  state.seen = new Map()
  for (const button of byId('people').children)
    button.setAttribute('aria-pressed', String(button.dataset.userId === userId))
  remember()
}

function chooseWeek(monday) {
  visit += 1
  state.monday = monday
  if (state.day < monday || state.day >= addDays(monday, 7)) state.day = monday
  state.seen = new Map()
  byId('week').value = monday
  remember()
}

const remember = () => history.replaceState(null, '', `#${state.userId}/${state.monday}`)

function fillChoices() {
  const { setup } = state
  byId('clinic').textContent = setup.clinic
  byId('people').replaceChildren(
    ...setup.members.map(each =>
      element(
        'button',
        { class: 'person', data: { userId: each.userId }, onclick: () => (choosePerson(each.userId), look()) },
        element('b', {}, each.name),
        element('span', { class: 'muted' }, each.profession),
      ),
    ),
  )
  const current = mondayOf(todayIn(setup.members[0].timeZone))
  const options = []
  for (let monday = addDays(setup.weeks.from, -7); monday <= addDays(setup.weeks.to, 7); monday = addDays(monday, 7)) {
    const hasChange = setup.clockChanges.some(each => each.date >= monday && each.date < addDays(monday, 7))
    const text = `${told(monday, 'short')} – ${told(addDays(monday, 6), 'short')}${monday === current ? ' · this week' : ''}${hasChange ? ' · clocks change' : ''}`
    options.push(element('option', { value: monday }, text))
  }
  byId('week').replaceChildren(...options)
  byId('link-simulator').href = setup.links.simulator
  byId('link-docs').href = setup.links.docs
  byId('link-console').hidden = setup.links.console === null
  byId('link-console').href = setup.links.console ?? ''
}

const mondayOf = day => addDays(day, -((new Date(`${day}T00:00Z`).getUTCDay() + 6) % 7))

function listen() {
  const stream = new EventSource('/demo/api/stream')
  const live = byId('live')
  stream.addEventListener('open', () => {
    live.textContent = 'live'
    live.classList.add('on')
    void look()
  })
  stream.addEventListener('error', () => {
    live.textContent = 'reconnecting'
    live.classList.remove('on')
  })
  stream.addEventListener('changed', () => void look())
}

function wire() {
  const step = days => () => (chooseWeek(addDays(state.monday, days)), look())
  byId('previous').addEventListener('click', step(-7))
  byId('next').addEventListener('click', step(7))
  byId('today').addEventListener('click', () => (chooseWeek(mondayOf(todayIn(member().timeZone))), look()))
  byId('week').addEventListener('change', event => (chooseWeek(event.target.value), look()))
  byId('connect').addEventListener('click', async () => {
    const page = window.open('', '_blank')
    try {
      const { url } = await ask(`connect-link/${state.userId}`, 'POST')
      page.location = url
    } catch (error) {
      page?.close()
      toast(error.message)
    }
  })
  for (const button of document.querySelectorAll('.add'))
    button.addEventListener('click', () => add(button.dataset.side, NARROW.matches ? state.day : freeDay(), 10 * 60))
  NARROW.addEventListener('change', draw)
  for (const side of SIDES)
    makeMovable(byId(side), {
      find,
      calls: { move: (item, from, to) => change(item, { from, to }), refuse, released: draw },
    })
  highlightPairs()
  scrollTogether()
}

/** Today where it is shown, else the week's first day. */
function freeDay() {
  const today = todayIn(member().timeZone)
  return today >= state.monday && today < addDays(state.monday, 7) ? today : state.monday
}

/** Pointing at one of a pair, or reaching it by keyboard, lights up both. */
function highlightPairs() {
  const light = event => {
    const pair = event.target.closest?.('.box')?.dataset.pair
    for (const lit of document.querySelectorAll('.box.lit')) lit.classList.remove('lit')
    document.body.classList.toggle('has-lit', Boolean(pair))
    if (pair)
      for (const box of document.querySelectorAll(`.box[data-pair="${CSS.escape(pair)}"]`)) box.classList.add('lit')
  }
  for (const name of ['pointerover', 'focusin']) document.querySelector('main').addEventListener(name, light)
}

function scrollTogether() {
  document.addEventListener(
    'scroll',
    event => {
      if (!event.target.classList?.contains('scroller')) return
      for (const other of document.querySelectorAll('.scroller'))
        if (other !== event.target && other.scrollTop !== event.target.scrollTop)
          other.scrollTop = event.target.scrollTop
    },
    { capture: true, passive: true },
  )
}

async function start() {
  state.setup = await ask('setup')
  const [userId, monday] = location.hash.slice(1).split('/')
  fillChoices()
  const known = state.setup.members.find(each => each.userId === userId)
  choosePerson((known ?? state.setup.members[0]).userId)
  state.day = todayIn(member().timeZone)
  chooseWeek(/^\d{4}-\d{2}-\d{2}$/.test(monday ?? '') ? mondayOf(monday) : state.setup.firstWeek)
  wire()
  listen()
  await look()
  document.documentElement.dataset.ready = 'true'
}

start().catch(error => toast(error.message))
