/**
 * The page's one script. Everything works without it: it keeps the preview in step with the form, moves the progress bar, shows
 * times in the reader's own zone, and keeps a form from being sent twice.
 */
export const CONNECT_JS = `'use strict'
const form = document.querySelector('form[data-preview]')
if (form !== null) {
  const sample = JSON.parse(form.dataset.preview)
  const isChosen = form.querySelector('[name=title]') !== null
  const show = () => {
    if (!isChosen) return
    const chosen = new FormData(form)
    const mode = chosen.get('title')
    document.querySelector('[data-shown=title]').textContent = sample.titles[mode] ?? sample.titles.busy
    document.querySelector('[data-shown=location]').textContent = chosen.has('location') ? sample.location : ''
    document.querySelector('[data-shown=description]').textContent = chosen.has('description') ? sample.description : ''
  }
  form.addEventListener('input', show)
  show()
  const name = form.querySelector('#create-name')
  const create = form.querySelector('input[name=target][value=create]')
  if (name !== null && create !== null) name.addEventListener('focus', () => { create.checked = true })
}

for (const each of document.querySelectorAll('form[method=post]'))
  each.addEventListener('submit', () => {
    for (const button of each.querySelectorAll('button')) button.disabled = true
  })
addEventListener('pageshow', () => {
  for (const button of document.querySelectorAll('button[disabled]')) button.disabled = false
})

for (const each of document.querySelectorAll('time'))
  each.textContent = new Date(each.dateTime).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })

const progress = document.querySelector('[data-progress]')
if (progress !== null) {
  const bar = progress.querySelector('progress')
  const text = progress.querySelector('[data-progress-text]')
  const look = async () => {
    try {
      const answer = await fetch(progress.dataset.progress, { headers: { accept: 'application/json' } })
      if (!answer.ok) return location.reload()
      const run = await answer.json()
      if (run.text !== text.textContent) text.textContent = run.text
      if (run.total === null || run.total === 0) bar.removeAttribute('value')
      else { bar.max = run.total; bar.value = run.done }
      if (run.isFinished) return location.reload()
    } catch { /* the network is away for a moment: the next look will tell */ }
    setTimeout(look, 500)
  }
  look()
}
`
