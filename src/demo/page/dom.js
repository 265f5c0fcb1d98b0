/** Makes an element. `props` are properties; `data` and `aria…` (as in `ariaLabel`) become attributes. Text is never read as markup. */
export function element(tag, props = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue
    if (name === 'data') Object.assign(made.dataset, value)
    else if (name === 'class') made.className = value
    else if (name === 'style') Object.assign(made.style, value)
    else if (name.startsWith('on')) made.addEventListener(name.slice(2), value)
    else if (name.startsWith('aria')) made.setAttribute(`aria-${name.slice(4).toLowerCase()}`, String(value))
    else if (['role', 'tabindex'].includes(name)) made.setAttribute(name, String(value))
    else made[name] = value
  }
  made.append(...children.filter(child => child !== null && child !== undefined && child !== false))
  return made
}

const SVG = 'http://www.w3.org/2000/svg'

/** One of the symbols of the page; `meaning` is its tooltip, also read aloud. */
export function glyph(name, meaning) {
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('class', `glyph mark-${name}`)
  const use = document.createElementNS(SVG, 'use')
  use.setAttribute('href', `#${name}`)
  if (meaning) {
    const title = document.createElementNS(SVG, 'title')
    title.textContent = meaning
    svg.append(title)
  } else svg.setAttribute('aria-hidden', 'true')
  svg.append(use)
  return svg
}

export const byId = id => document.getElementById(id)

let toastTimer

/** A sentence that goes away by itself; `link` is `{ text, href }`. */
export function toast(text, link) {
  const box = byId('toast')
  box.replaceChildren(
    text,
    ...(link ? [' ', element('a', { href: link.href, target: '_blank', rel: 'noreferrer' }, link.text)] : []),
  )
  box.classList.add('shown')
  clearTimeout(toastTimer)
  toastTimer = setTimeout(() => box.classList.remove('shown'), 6_000)
}
