import { addDays, addMinutes, clockOf, dayOf, daysBetween } from './wall-time.js'

const STEP_MINUTES = 15
const THRESHOLD_PX = 4

/**
 * Boxes are moved with the pointer (or resized at their lower edge) and with Alt and the arrow keys.
 * While one is held, `root` has the class `is-held`: nothing is to be redrawn under the pointer.
 * @param find key → item. @param calls `move(item, from, to)`, `refuse(item)` for a locked one, `released()` when it was let go.
 */
export function makeMovable(root, { find, calls }) {
  root.addEventListener('pointerdown', event => {
    const box = event.target.closest('.box')
    const item = box && event.button === 0 ? find(box.dataset.key) : undefined
    if (!item || item.isAllDay) return
    hold(root, calls.released)
    if (item.isLocked || ['cancelled', 'no_show'].includes(item.status))
      watchRefusal(event, box, () => item.isLocked && calls.refuse(item, box))
    else drag(event, { root, box, item, isResize: event.target.classList.contains('handle'), calls })
  })
  root.addEventListener('keydown', event => {
    const box = event.target.closest?.('.box')
    const item = box && event.altKey ? find(box.dataset.key) : undefined
    const step = { ArrowUp: [0, -STEP_MINUTES], ArrowDown: [0, STEP_MINUTES], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[
      event.key
    ]
    if (!item || !step || item.isAllDay) return
    event.preventDefault()
    if (item.isLocked) return calls.refuse(item, box)
    calls.move(item, shift(item.from, ...step), shift(item.to, ...step))
  })
}

function hold(root, released) {
  root.classList.add('is-held')
  const letGo = () => {
    for (const name of ['pointerup', 'pointercancel']) window.removeEventListener(name, letGo)
    root.classList.remove('is-held')
    setTimeout(released)
  }
  for (const name of ['pointerup', 'pointercancel']) window.addEventListener(name, letGo)
}

const shift = (wall, days, minutes) => addMinutes(`${addDays(dayOf(wall), days)}T${clockOf(wall)}`, minutes)

/** A locked box does not follow the pointer; it says why as soon as one tries. */
function watchRefusal(start, box, refuse) {
  const move = event => {
    if (Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) < THRESHOLD_PX) return
    end()
    box.dataset.dragged = 'true'
    setTimeout(() => delete box.dataset.dragged)
    refuse()
  }
  const end = () => {
    window.removeEventListener('pointermove', move)
    window.removeEventListener('pointerup', end)
  }
  window.addEventListener('pointermove', move)
  window.addEventListener('pointerup', end)
}

function drag(start, { root, box, item, isResize, calls }) {
  const hourPx = parseFloat(getComputedStyle(root).getPropertyValue('--hour-px')) || 56
  const columns = [...root.querySelectorAll('.column')]
  const origin = columns.findIndex(column => column.contains(box))
  const target = { from: item.from, to: item.to }
  let isMoving = false
  let ghost = null

  const move = event => {
    const dx = event.clientX - start.clientX
    const dy = event.clientY - start.clientY
    if (!isMoving && Math.hypot(dx, dy) < THRESHOLD_PX) return
    if (!isMoving) {
      isMoving = true
      ghost = box.cloneNode(true)
      ghost.classList.add('ghost')
      box.classList.add('dragging')
      root.classList.add('is-dragging')
    }
    const minutes = Math.round(((dy / hourPx) * 60) / STEP_MINUTES) * STEP_MINUTES
    const under = columns.findIndex(column => event.clientX < column.getBoundingClientRect().right)
    const column = under < 0 ? columns.length - 1 : under
    const days = isResize ? 0 : daysBetween(columns[origin].dataset.day, columns[column].dataset.day)
    place(minutes, days, isResize ? origin : column)
  }
  const place = (minutes, days, column) => {
    if (!isResize) target.from = shift(item.from, days, minutes)
    const to = shift(item.to, days, minutes)
    target.to = isResize && to <= addMinutes(item.from, STEP_MINUTES) ? addMinutes(item.from, STEP_MINUTES) : to
    const px = (minutes / 60) * hourPx
    ghost.style.left = '1px'
    ghost.style.width = 'calc(100% - 3px)'
    if (isResize) ghost.style.height = `${Math.max(12, box.offsetHeight + px)}px`
    else ghost.style.top = `${box.offsetTop + px}px`
    ghost.querySelector('.when').textContent = `${clockOf(target.from)} – ${clockOf(target.to)}`
    columns[column].append(ghost)
  }
  const stop = () => {
    window.removeEventListener('pointermove', move)
    window.removeEventListener('pointerup', drop)
    window.removeEventListener('pointercancel', stop)
    window.removeEventListener('keydown', escape, true)
    ghost?.remove()
    box.classList.remove('dragging')
    root.classList.remove('is-dragging')
  }
  const drop = () => {
    stop()
    if (!isMoving) return
    box.dataset.dragged = 'true' // the click that follows is no click
    setTimeout(() => delete box.dataset.dragged)
    if (target.from !== item.from || target.to !== item.to) calls.move(item, target.from, target.to)
  }
  const escape = event => {
    if (event.key !== 'Escape') return
    event.preventDefault()
    stop()
  }
  window.addEventListener('pointermove', move)
  window.addEventListener('pointerup', drop)
  window.addEventListener('pointercancel', stop)
  window.addEventListener('keydown', escape, true)
}
