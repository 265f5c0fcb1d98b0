import { explain, labelOf, TROUBLES, type Explanation, type Trouble } from '../../../core/operations/trouble.ts'
import type { Instant } from '../../../core/model/time.ts'
import type { ConnectionHealth, EndpointTrouble, HealthPage } from '../../../ports/store/overview.ts'
import { html, type Html } from '../connect/html.ts'
import { fixButton } from './fixes.ts'
import { connectionUrl, tenantUrl } from './layout.ts'
import type { Visit } from './session.ts'
import { ago, number, plural, shortAddress, statusWord } from './words.ts'

export const FRONT_ROWS = 50

export type FrontParts = {
  visit: Visit
  now: Instant
  tenantId: string | null
  page: HealthPage
  endpoints: readonly EndpointTrouble[]
  quarantined: number
  filter: { trouble: Trouble | 'any' | null; text: string; place: number }
}

/** Connections with their health: what is wrong in plain words, and the one button that mends it. */
export function frontPage(parts: FrontParts): Html {
  const { page, filter } = parts
  return html`<div class="title-row">
      <h1>Connections</h1>
      <p class="sum">${summary(page)}</p>
    </div>
    ${tiles(parts)}
    <form class="filters" action="/console" role="search">
      ${parts.tenantId !== null && parts.visit.viewer.kind === 'admin' && hidden('tenant', parts.tenantId)}
      ${filter.trouble !== null && hidden('trouble', filter.trouble)}
      <label class="sr" for="who">User, address or connection</label>
      <input
        id="who"
        type="search"
        name="q"
        value="${filter.text}"
        maxlength="100"
        placeholder="User, address or connection"
      />
      <button class="plain">Find</button>
    </form>
    ${page.rows.length === 0 ? nothing(filter.trouble, filter.text) : table(parts)} ${pager(parts)}`
}

const hidden = (name: string, value: string): Html => html`<input type="hidden" name="${name}" value="${value}" />`

function summary({ total, troubled }: HealthPage): Html {
  if (total === 0) return html`Nobody is connected yet.`
  return troubled === 0
    ? html`<span class="good-text">All ${plural(total, 'connection')} in order.</span>`
    : html`<span>${plural(total, 'connection')}, <b class="bad-text">${number(troubled)} in trouble</b></span>`
}

function tiles(parts: FrontParts): Html | null {
  const { page, endpoints, quarantined, filter, tenantId, visit } = parts
  const shown = TROUBLES.filter(trouble => (page.counts[trouble] ?? 0) > 0)
  if (shown.length + endpoints.length + quarantined === 0) return null
  const webhooks = tenantId === null ? '/console/webhooks' : `${tenantUrl(tenantId)}/webhooks`
  return html`<ul class="tiles" aria-label="Troubles">
    ${shown.map(
      trouble =>
        html`<li>
          <a
            class="tile ${trouble}"
            href="${frontUrl(parts, { trouble, place: 0 })}"
            ${filter.trouble === trouble && html`aria-current="true"`}
            ><b>${number(page.counts[trouble] ?? 0)}</b><span>${labelOf(trouble)}</span></a
          >
        </li>`,
    )}
    ${
      endpoints.length > 0 &&
      html`<li>
        <a class="tile webhook" href="${webhooks}"
          ><b>${number(endpoints.length)}</b><span>Webhook endpoint down</span></a
        >
      </li>`
    }
    ${
      quarantined > 0 &&
      visit.viewer.kind === 'admin' &&
      html`<li>
        <a class="tile job" href="/console/quota#quarantine"
          ><b>${number(quarantined)}</b><span>Job in quarantine</span></a
        >
      </li>`
    }
    ${
      filter.trouble !== null &&
      html`<li>
        <a class="tile clear" href="${frontUrl(parts, { trouble: null, place: 0 })}"><b>×</b><span>Show all</span></a>
      </li>`
    }
  </ul>`
}

/** The same list with something changed. */
function frontUrl({ tenantId, visit, filter }: FrontParts, over: Partial<FrontParts['filter']>): string {
  const { trouble, text, place } = { ...filter, ...over }
  const query = new URLSearchParams()
  if (tenantId !== null && visit.viewer.kind === 'admin') query.set('tenant', tenantId)
  if (trouble !== null) query.set('trouble', trouble)
  if (text !== '') query.set('q', text)
  if (place > 0) query.set('page', String(place + 1))
  return query.size === 0 ? '/console' : `/console?${query.toString()}`
}

function nothing(trouble: Trouble | 'any' | null, text: string): Html {
  if (text !== '') return html`<p class="empty">No connection of that user, address or id.</p>`
  if (trouble !== null) return html`<p class="empty">No connection has this trouble now.</p>`
  return html`<p class="empty">When the first user connects a Google account, it is listed here.</p>`
}

function table(parts: FrontParts): Html {
  const showsTenant = parts.tenantId === null
  return html`<div class="panel scroller" tabindex="0" role="region" aria-label="Connections">
    <table class="list connections">
      <thead>
        <tr>
          <th scope="col">User</th>
          ${showsTenant && html`<th scope="col">Tenant</th>`}
          <th scope="col">State</th>
          <th scope="col">What is wrong</th>
          <th scope="col">Mend it</th>
          <th scope="col" class="num">Waiting</th>
          <th scope="col">Last read</th>
        </tr>
      </thead>
      <tbody>
        ${parts.page.rows.map(row => tableRow(parts, row, showsTenant))}
      </tbody>
    </table>
  </div>`
}

function tableRow(parts: FrontParts, row: ConnectionHealth, showsTenant: boolean): Html {
  const { visit, now, filter } = parts
  const url = connectionUrl(row.tenantId, row.connectionId)
  const told = row.troubles.find(trouble => trouble === filter.trouble) ?? row.troubles[0] ?? null
  const said = told === null ? null : explain(told, row)
  const address = visit.viewer.kind === 'admin' ? shortAddress(row.googleEmail) : row.googleEmail
  return html`<tr id="row-${row.connectionId}">
    <td class="who" data-label="User">
      <a class="strong" href="${url}${told !== null && `#${told}`}">${row.userId}</a><small>${address}</small>
    </td>
    ${showsTenant && html`<td data-label="Tenant"><a href="/console?tenant=${encodeURIComponent(row.tenantId)}">${row.tenantId}</a></td>`}
    <td data-label="State"><span class="state ${stateClass(row)}">${statusWord(row)}</span></td>
    <td class="wrong" data-label="What is wrong">
      ${said === null ? html`<span class="muted">–</span>` : cause(said, row, url)}
    </td>
    <td class="mend" data-label="Mend it">
      ${said !== null && told !== null && fixButton({ visit, row, fix: said.fix, trouble: told })}
    </td>
    <td data-label="Waiting" class="num">${waiting(row)}</td>
    <td data-label="Last read">${ago(row.lastPulledAt, now)}</td>
  </tr>`
}

function cause(said: Explanation, row: ConnectionHealth, url: string): Html {
  const more = row.troubles.length - 1
  return html`<b>${said.title}.</b> ${said.cause}
    ${more > 0 && html`<a href="${url}">and ${plural(more, 'more trouble')}</a>`}`
}

function waiting({ queued, held }: ConnectionHealth): Html {
  if (queued + held === 0) return html`<span class="muted">–</span>`
  if (queued === 0) return html`<small>${number(held)} held</small>`
  return html`${number(queued)}${held > 0 && html` <small>+ ${number(held)} held</small>`}`
}

export function stateClass({ status, troubles }: Pick<ConnectionHealth, 'status' | 'troubles'>): string {
  if (status === 'needs_reauth' || status === 'held') return 'bad'
  if (status === 'disconnected' || status === 'paused' || status === 'pending') return 'off'
  return troubles.length > 0 ? 'warn' : 'good'
}

function pager(parts: FrontParts): Html | null {
  const { page, filter } = parts
  const last = Math.max(0, Math.ceil(page.found / FRONT_ROWS) - 1)
  if (last === 0) return null
  const from = filter.place * FRONT_ROWS + 1
  return html`<nav class="pager" aria-label="Pages">
    ${filter.place > 0 ? html`<a rel="prev" href="${frontUrl(parts, { place: filter.place - 1 })}">‹ Before</a>` : html`<span></span>`}
    <span>${number(from)}–${number(Math.min(page.found, from + FRONT_ROWS - 1))} of ${number(page.found)}</span>
    ${filter.place < last ? html`<a rel="next" href="${frontUrl(parts, { place: filter.place + 1 })}">Next ›</a>` : html`<span></span>`}
  </nav>`
}
