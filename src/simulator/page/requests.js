/** The column on the right: what apps ask of this Google, and who watches it. */
import { control } from './google.js'

const SHOWN_MAX = 60
const list = document.querySelector('#requests')
const channels = document.querySelector('#channels')
let seen = 0

const element = (tag, className, text) => {
  const made = document.createElement(tag)
  made.className = className
  made.textContent = text
  return made
}

function row(request) {
  const item = document.createElement('li')
  const isRefused = request.status >= 400 || request.status === 0
  item.append(
    element('span', isRefused ? 'status refused' : 'status', request.status === 0 ? 'cut' : String(request.status)),
    element('strong', '', request.kind),
    element('span', 'quiet', request.at.slice(11, 19)),
    element('span', 'detail', [request.account, request.reason, request.fault].filter(Boolean).join(' · ')),
  )
  return item
}

/** Adds what is new on top, and shows who watches. */
export async function refreshRequests() {
  const { requests } = await control('GET', `log?since=${seen}&limit=${SHOWN_MAX}`)
  for (const request of requests) {
    list.prepend(row(request))
    seen = Math.max(seen, request.n)
  }
  while (list.children.length > SHOWN_MAX) list.lastElementChild.remove()
  document.querySelector('#requests-none').hidden = list.children.length > 0
  const { channels: living } = await control('GET', 'channels')
  document.querySelector('#channels-none').hidden = living.length > 0
  channels.replaceChildren(
    ...living.map(channel => {
      const item = document.createElement('li')
      const until = channel.expiration.slice(0, 16).replace('T', ' ')
      item.append(
        element('strong', '', channel.resource.replace('/', ' of ')),
        element(
          'span',
          'detail',
          `${channel.messages} ${channel.messages === 1 ? 'message' : 'messages'}, until ${until}`,
        ),
      )
      return item
    }),
  )
}
