import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

import { html, respond, type SimRequest, type SimResponse } from './http.ts'

const TYPES: Record<string, string> = {
  css: 'text/css; charset=UTF-8',
  js: 'text/javascript; charset=UTF-8',
  svg: 'image/svg+xml',
}
const OWN_FILES = [
  'page.css',
  'consent.css',
  'icon.svg',
  'page.js',
  'google.js',
  'times.js',
  'dialogs.js',
  'requests.js',
]
const LIBRARY = '@event-calendar/build/dist/event-calendar.min'

const files = new Map<string, string>()

/** The page on which a person edits events; undefined for any path that is not one of its files. */
export function handlePage({ method, path }: SimRequest): SimResponse | undefined {
  if (method !== 'GET') return undefined
  if (path === '/') return html(200, read('index.html', ownPath('index.html')))
  const name = path === '/favicon.ico' ? 'icon.svg' : path.replace(/^\/_page\//, '')
  const file = pathOf(name)
  if (file === undefined) return undefined
  return respond(200, read(name, file), { 'content-type': TYPES[name.replace(/.*\./, '')] ?? 'text/plain' })
}

const ownPath = (name: string): string => `${import.meta.dirname}/page/${name}`

/** Only files that are listed are served: a name is never made into a path. */
function pathOf(name: string): string | undefined {
  if (OWN_FILES.includes(name)) return ownPath(name)
  const require = createRequire(import.meta.url)
  if (name === 'event-calendar.js') return require.resolve(`${LIBRARY}.js`)
  return name === 'event-calendar.css' ? require.resolve(`${LIBRARY}.css`) : undefined
}

function read(name: string, path: string): string {
  let text = files.get(name)
  if (text === undefined) files.set(name, (text = readFileSync(path, 'utf8')))
  return text
}
