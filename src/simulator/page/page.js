/** The simulator's page: a week of one calendar of one account, edited as in Google. */
import { askScope, edit } from './dialogs.js'
import { control, eventsPath, google, listEvents } from './google.js'
import { refreshRequests } from './requests.js'
import { addMinutes, momentOf, shifted, wallOf, wallOfDate } from './times.js'

const REFRESH_MS = 1000
const accountSelect = document.querySelector('#account')
const calendarSelect = document.querySelector('#calendar')
const notice = document.querySelector('#notice')

let accounts = []
let version = ''
let hasUnsavedDrag = false

const account = () => accountSelect.value
const calendarId = () => calendarSelect.value
const timeZone = () => calendarSelect.selectedOptions[0]?.dataset.timeZone ?? 'UTC'
const mayWrite = () =>
  ['owner', 'writer', 'writerWithoutPrivateAccess'].includes(calendarSelect.selectedOptions[0]?.dataset.role)

function tell(error) {
  notice.textContent = error.message
  notice.hidden = false
  setTimeout(() => (notice.hidden = true), 6000)
}

const option = (value, text) => Object.assign(document.createElement('option'), { value, textContent: text })

async function loadAccounts() {
  const answer = await control('GET', 'accounts')
  if (JSON.stringify(answer.accounts) === JSON.stringify(accounts)) return
  accounts = answer.accounts
  const chosen = account()
  accountSelect.replaceChildren(...accounts.map(one => option(one.email, `${one.name} (${one.email})`)))
  if (accounts.some(one => one.email === chosen)) accountSelect.value = chosen
  showCalendars()
}

function showCalendars() {
  const chosen = calendarId()
  const calendars = accounts.find(one => one.email === account())?.calendars ?? []
  calendarSelect.replaceChildren(
    ...calendars.map(calendar => {
      const made = option(calendar.id, calendar.summary)
      made.dataset.timeZone = calendar.timeZone
      made.dataset.role = calendar.accessRole
      return made
    }),
  )
  if (calendars.some(calendar => calendar.id === chosen)) calendarSelect.value = chosen
  version = ''
  document.querySelector('#create').disabled = !mayWrite()
  week.setOption('editable', mayWrite())
  week.setOption('selectable', mayWrite())
}

/** An event of the API as the week view takes it: its wall clock as local time. */
function shown(event) {
  const isAllDay = event.start.date !== undefined
  const classes = [
    event.extendedProperties?.private ? 'from-app' : '',
    event.transparency === 'transparent' ? 'is-free' : '',
    event.status === 'tentative' ? 'is-tentative' : '',
  ]
  return {
    id: event.id,
    title: event.summary ?? (event.visibility === 'private' ? 'Private' : '(No title)'),
    start: wallOf(event.start),
    end: wallOf(event.end),
    allDay: isAllDay,
    classNames: classes.filter(Boolean),
    extendedProps: { event },
  }
}

const SHORT_MS = 45 * 60_000

/** Short events have one line: what it is comes before when it is. */
function content({ event, timeText }) {
  if (event.allDay || event.end - event.start >= SHORT_MS) return undefined
  const line = Object.assign(document.createElement('span'), { className: 'one-line' })
  line.append(Object.assign(document.createElement('strong'), { textContent: event.title }), ` ${timeText}`)
  return { domNodes: [line] }
}

async function fetchShown({ start, end }) {
  if (calendarId() === '') return []
  const day = date => `${wallOfDate(date).slice(0, 10)}T00:00:00Z`
  const margin = 86_400_000
  const from = day(new Date(start.getTime() - margin))
  const to = day(new Date(end.getTime() + margin))
  return (await listEvents(account(), calendarId(), { from, to })).map(shown)
}

/** Writes to one occurrence, to it and what follows, or to the whole series. */
async function save(event, changes, scope) {
  const path = eventsPath(calendarId(), event.id)
  if (event.recurringEventId === undefined || scope === 'this') return google(account(), 'PATCH', path, changes)
  if (scope === 'following') {
    const body = { instanceId: event.id, changes }
    return control('POST', `calendars/${encodeURIComponent(calendarId())}/split`, body)
  }
  const masterPath = eventsPath(calendarId(), event.recurringEventId)
  const master = await google(account(), 'GET', masterPath)
  return google(account(), 'PATCH', masterPath, { ...changes, ...movedMaster(master, event, changes) })
}

/** Times of a whole series follow its one occurrence that was moved; it stays where it is when none was. */
function movedMaster(master, event, changes) {
  const isAllDay = changes.start.date !== undefined
  if (isAllDay !== (master.start.date !== undefined)) return { start: changes.start, end: changes.end }
  const wall = moment => wallOf({ date: moment.date ?? undefined, dateTime: moment.dateTime ?? undefined })
  const from = { start: wallOf(event.start), end: wallOf(event.end) }
  const moved = shifted(master, { from, to: { start: wall(changes.start), end: wall(changes.end) } })
  return { start: momentOf(moved.start, isAllDay, timeZone()), end: momentOf(moved.end, isAllDay, timeZone()) }
}

async function remove(event, scope) {
  if (event.recurringEventId !== undefined && scope === 'following') {
    return control('POST', `calendars/${encodeURIComponent(calendarId())}/end-series`, { instanceId: event.id })
  }
  const id = event.recurringEventId !== undefined && scope === 'all' ? event.recurringEventId : event.id
  return google(account(), 'DELETE', eventsPath(calendarId(), id))
}

const scopeFor = event => (event.recurringEventId === undefined ? Promise.resolve('this') : askScope())

async function openEditor(event, isNew) {
  const act = async (answer, changes) => {
    if (isNew) return google(account(), 'POST', eventsPath(calendarId()), changes)
    const scope = await scopeFor(event)
    if (scope === undefined) return undefined
    return answer === 'delete' ? remove(event, scope) : save(event, changes, scope)
  }
  await edit(event, { isNew, timeZone: timeZone(), act })
  week.unselect()
  week.refetchEvents()
}

function newEvent(start, end, isAllDay) {
  const draft = { start: momentOf(start, isAllDay, timeZone()), end: momentOf(end, isAllDay, timeZone()) }
  const clean = moment => (isAllDay ? { date: moment.date } : { dateTime: moment.dateTime, timeZone: moment.timeZone })
  return openEditor({ start: clean(draft.start), end: clean(draft.end) }, true)
}

/** An event was dragged or stretched: ask how much of a series is meant, write it, or put it back. */
async function dragged({ event: moved, revert }) {
  hasUnsavedDrag = true
  const { event } = moved.extendedProps
  const start = wallOfDate(moved.start)
  const end = moved.end ? wallOfDate(moved.end) : addMinutes(start, moved.allDay ? 24 * 60 : 60)
  try {
    const scope = await scopeFor(event)
    if (scope === undefined) return revert()
    const changes = { start: momentOf(start, moved.allDay, timeZone()), end: momentOf(end, moved.allDay, timeZone()) }
    await save(event, changes, scope)
  } catch (error) {
    revert()
    tell(error)
  } finally {
    hasUnsavedDrag = false
    week.refetchEvents()
  }
}

let focusedId

/** A refresh makes the events anew; who was on one with the keyboard stays on it. */
function reload() {
  focusedId = document.activeElement?.closest('.ec-event')?.dataset.eventId
  week.refetchEvents()
}

function keepFocus() {
  if (focusedId === undefined || document.activeElement !== document.body) return
  document.querySelector(`.ec-event[data-event-id="${CSS.escape(focusedId)}"]`)?.focus()
}

const week = window.EventCalendar.create(document.querySelector('#week'), {
  view: matchMedia('(width < 40rem)').matches ? 'timeGridDay' : 'timeGridWeek',
  headerToolbar: { start: 'prev,next today', center: 'title', end: 'dayGridMonth,timeGridWeek,timeGridDay,listWeek' },
  buttonText: { today: 'Today', dayGridMonth: 'Month', timeGridWeek: 'Week', timeGridDay: 'Day', listWeek: 'List' },
  firstDay: 1,
  scrollTime: '07:30:00',
  slotDuration: '00:30:00',
  slotHeight: 32,
  eventContent: content,
  eventDidMount: ({ el, event }) => (el.dataset.eventId = event.id),
  eventAllUpdated: keepFocus,
  slotLabelFormat: { hour: '2-digit', minute: '2-digit', hour12: false },
  eventTimeFormat: { hour: '2-digit', minute: '2-digit', hour12: false },
  editable: true,
  selectable: true,
  lazyFetching: false,
  eventSources: [{ events: info => fetchShown(info).catch(error => (tell(error), [])) }],
  eventClick: ({ event, jsEvent }) => {
    jsEvent.preventDefault() // or the Enter that opens the form would press its button as well
    return openEditor(event.extendedProps.event, false)
  },
  eventDrop: dragged,
  eventResize: dragged,
  select: ({ start, end, allDay }) => newEvent(wallOfDate(start), wallOfDate(end), allDay),
})

accountSelect.addEventListener('change', () => {
  showCalendars()
  week.refetchEvents()
})
calendarSelect.addEventListener('change', () => {
  showCalendars()
  week.refetchEvents()
})
document.querySelector('#create').addEventListener('click', () => {
  const day = wallOfDate(week.getView().currentStart).slice(0, 10)
  const now = wallOfDate(new Date())
  const isNowShown = week.getView().activeStart <= new Date() && new Date() < week.getView().activeEnd
  const start = `${isNowShown ? now.slice(0, 13) : `${day}T09`}:00`
  return newEvent(start, addMinutes(start, 60), false)
})

/** Looks for changes once a second; only a calendar that changed is read again. */
async function refresh() {
  await loadAccounts()
  if (calendarId() !== '') {
    const answer = await control('GET', `calendars/${encodeURIComponent(calendarId())}/version`)
    document.querySelector('#clock').textContent =
      `${answer.now.slice(0, 16).replace('T', ' ')} UTC · shown in ${timeZone()}`
    if (answer.version !== version && !hasUnsavedDrag) {
      version = answer.version
      reload()
    }
  }
  await refreshRequests()
}

async function watch() {
  try {
    await refresh()
  } catch (error) {
    tell(error)
  }
  setTimeout(watch, REFRESH_MS)
}

const { now, isVirtual } = await control('GET', 'time')
if (isVirtual) week.setOption('date', now)
await watch()
