/**
 * The page's one script: what changed on the server is fetched at once, but not more often than every second, and put in the place of the old,
 * so that nothing is reloaded; the two halves
 * of a pair light up together; a link to hand on is selected by a click. Everything works without it.
 */
export const CONSOLE_JS = `
const TOGETHER_MS = 80
const REST_MS = 1000
const live = document.body.dataset.live
const sign = document.querySelector('.live')
let due = 0
let refreshedAt = -REST_MS

async function refresh() {
  due = 0
  refreshedAt = performance.now()
  const active = document.activeElement
  const main = document.getElementById('main')
  if (active instanceof HTMLElement && main.contains(active) && active.matches('input, select, textarea')) return later()
  const answer = await fetch(location.href, { headers: { accept: 'text/html' } }).catch(() => null)
  if (answer === null || !answer.ok) return
  if (answer.redirected) return location.reload()
  const read = new DOMParser().parseFromString(await answer.text(), 'text/html')
  const next = read.getElementById('main')
  if (next === null) return
  const open = [...main.querySelectorAll('details[open][id]')].map(each => each.id)
  const focused = active instanceof HTMLElement && main.contains(active) ? active.id : ''
  const scrolls = [...main.querySelectorAll('.scroller')].map(each => [each.scrollLeft, each.scrollTop])
  next.querySelectorAll('.notice').forEach(each => each.remove())
  const said = main.querySelector('.notice')
  main.replaceChildren(...(said === null ? [] : [said]), ...next.childNodes)
  main.querySelectorAll('.scroller').forEach((each, at) => scrolls[at] && each.scrollTo(...scrolls[at]))
  for (const id of open) document.getElementById(id)?.setAttribute('open', '')
  if (focused !== '') document.getElementById(focused)?.focus()
}

function later() {
  if (due === 0) due = setTimeout(refresh, Math.max(TOGETHER_MS, refreshedAt + REST_MS - performance.now()))
}

if (live !== undefined) {
  const source = new EventSource(live)
  const show = state => { if (sign !== null) { sign.textContent = state; sign.dataset.state = state } }
  source.onopen = () => show('live')
  source.onerror = () => show('reconnecting')
  source.addEventListener('change', later)
  addEventListener('pagehide', () => source.close())
}

document.addEventListener('pointerover', event => light(event.target))
document.addEventListener('focusin', event => light(event.target))
function light(target) {
  const pair = target instanceof Element ? target.closest('[data-pair]')?.dataset.pair : undefined
  document.querySelectorAll('[data-pair]').forEach(each => each.classList.toggle('lit', each.dataset.pair === pair))
}
document.addEventListener('click', event => {
  if (event.target instanceof HTMLInputElement && event.target.classList.contains('copy')) event.target.select()
})
`

/** Two halves that overlap. */
export const ICON_SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect x="3" y="6" width="15" height="20" rx="4" fill="#0f766e"/><rect x="14" y="6" width="15" height="20" rx="4" fill="#6a4cc2" fill-opacity=".85"/></svg>'
