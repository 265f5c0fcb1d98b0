import type { Instant } from '../../../core/model/time.ts'
import type { Delivery, WebhookEndpoint } from '../../../core/webhooks/endpoint.ts'
import type { AuditRow } from '../../../ports/audit.ts'
import type { MeterReading } from '../../../ports/quota.ts'
import type { Sample } from '../../../ports/store/samples.ts'
import type { Paired } from '../../../ports/store/appointments.ts'
import type { EndpointTrouble, Figures, LaneDepth, TenantSummary } from '../../../ports/store/overview.ts'
import type { HeldJob } from '../app.ts'
import { html, type Html } from '../connect/html.ts'
import { actionButton, tenantUrl } from './layout.ts'
import { lanesTable, stuckTable } from './queue-parts.ts'
import type { Visit } from './session.ts'
import { divergentTable } from './sample-parts.ts'
import { table } from './table.ts'
import { ago, moment, number, plural, span } from './words.ts'

export function tenantsPage(tenants: readonly TenantSummary[], text: string, now: Instant): Html {
  const rows = tenants.map(
    each =>
      html`<tr>
        <td data-label="Tenant">
          <a class="strong" href="/console?tenant=${encodeURIComponent(each.id)}">${each.name}</a
          ><small><code>${each.id}</code></small>
        </td>
        <td data-label="Connections" class="num">${number(each.connections)}</td>
        <td data-label="Users" class="num">${number(each.users)}</td>
        <td data-label="Since">${ago(each.createdAt, now)}</td>
      </tr>`,
  )
  return html`<div class="title-row"><h1>Tenants</h1></div>
    <form class="filters" action="/console/tenants" role="search">
      <label for="who">Name or id</label><input id="who" type="search" name="q" value="${text}" maxlength="100" />
      <button class="plain">Find</button>
    </form>
    ${table('Tenants', ['Tenant', { number: 'Connections' }, { number: 'Users' }, 'Since'], rows, 'No tenant of that name.')}`
}

export function writesPage(of: {
  visit: Visit
  lanes: readonly LaneDepth[]
  stuck: readonly Paired[]
  now: Instant
}): Html {
  return html`<div class="title-row"><h1>Writes to Google</h1></div>
    <section class="panel">
      <h2>By lane</h2>
      ${lanesTable(of.lanes, of.now)}${stuckTable(of, of.stuck)}
    </section>`
}

export function quotaPage(of: {
  visit: Visit
  meters: readonly MeterReading[]
  figures: Figures
  jobs: readonly HeldJob[]
  samples: readonly Omit<Sample, 'findings'>[]
  now: Instant
}): Html {
  const { visit, meters, figures, jobs, samples, now } = of
  return html`<div class="title-row"><h1>Queues and quota</h1></div>
    <section>
      <h2>Google’s quota</h2>
      ${table(
        'Quota',
        ['Quota', { number: 'Allowed' }, 'In use', 'Wait', 'Slowed by Google'],
        meters.map(each => meterRow(each, now)),
        'No request was made yet.',
      )}
    </section>
    <div class="halves">
      <section class="panel">
        <h2>Writes by lane</h2>
        ${lanesTable(figures.lanes, now)}
      </section>
      <section class="panel">
        <h2>Channels</h2>
        <dl class="facts">
          ${figures.channels.map(
            ({ state, count }) =>
              html`<dt>${state}</dt>
                <dd>${number(count)}</dd>`,
          )}
          <dt>longest silent</dt>
          <dd>${ago(figures.longestSilentSince, now)}</dd>
        </dl>
        <h2>Outgoing</h2>
        <dl class="facts">
          <dt>deliveries waiting</dt>
          <dd>
            ${number(figures.deliveriesWaiting)}${figures.oldestDeliveryAt !== null && html`, oldest ${ago(figures.oldestDeliveryAt, now)}`}
          </dd>
        </dl>
      </section>
    </div>
    <section id="divergences">
      <h2>Divergences</h2>
      <p class="muted">A share of all calendars is compared with Google each day; what differs is set right at once.</p>
      ${divergentTable(samples, now)}
    </section>
    <section id="quarantine">
      <h2>Jobs in quarantine</h2>
      <p class="muted">
        A job that crashed five times rests here, so that it harms no other. It is tried again every hour by itself.
      </p>
      ${table(
        'Quarantine',
        ['Job', 'Tenant', 'Concerns', 'Since', ''],
        jobs.map(job => jobRow(job, visit, now)),
        'None.',
      )}
    </section>`
}

function meterRow(meter: MeterReading, now: Instant): Html {
  return html`<tr>
    <td data-label="Quota">${meter.meter}</td>
    <td data-label="Allowed" class="num">${number(Math.round(meter.perMinute))} / min</td>
    <td data-label="In use">
      <meter
        min="0"
        max="1"
        value="${String(meter.use)}"
        aria-label="${`${Math.round(meter.use * 100)} % of the burst in use`}"
      ></meter>
      ${Math.round(meter.use * 100)} %
    </td>
    <td data-label="Wait">${meter.waitMs > 0 ? span(meter.waitMs) : 'none'}</td>
    <td data-label="Slowed by Google">${meter.slowedAt === null ? 'never' : ago(meter.slowedAt, now)}</td>
  </tr>`
}

function jobRow(job: HeldJob, visit: Visit, now: Instant): Html {
  return html`<tr>
    <td data-label="Job">${job.kind}</td>
    <td data-label="Tenant">${job.tenantId}</td>
    <td data-label="Concerns"><code>${job.concerns}</code></td>
    <td data-label="Since">${ago(job.since, now)}</td>
    <td>
      ${actionButton({ action: '/console/quota/release', csrf: visit.csrf, label: 'Run again', fields: { id: job.id } })}
    </td>
  </tr>`
}

export function webhooksPage(of: {
  visit: Visit
  tenantId: string | null
  troubles: readonly EndpointTrouble[]
  endpoints: readonly { endpoint: WebhookEndpoint; waiting: readonly Delivery[] }[]
  now: Instant
}): Html {
  const { visit, tenantId, troubles, endpoints, now } = of
  const bad = troubles.map(
    each =>
      html`<tr>
        <td data-label="Endpoint">
          <b>${hostOf(each.url)}</b><small><code>${each.id}</code></small>
        </td>
        ${tenantId === null && html`<td data-label="Tenant"><a href="${tenantUrl(each.tenantId)}/webhooks">${each.tenantId}</a></td>`}
        <td data-label="What is wrong">${whyDown(each)}</td>
        <td data-label="Failing since">${ago(each.failingSince, now)}</td>
        <td data-label="Failures" class="num">${number(each.failures)}</td>
        <td>
          ${actionButton({
            action: `${tenantUrl(each.tenantId)}/endpoints/${each.id}/${each.status === 'disabled' ? 'enable' : 'try'}`,
            csrf: visit.csrf,
            label: each.status === 'disabled' ? 'Switch on' : 'Try now',
            look: 'primary',
          })}
        </td>
      </tr>`,
  )
  const heads = [
    'Endpoint',
    ...(tenantId === null ? ['Tenant'] : []),
    'What is wrong',
    'Failing since',
    { number: 'Failures in a row' },
    '',
  ]
  return html`<div class="title-row"><h1>Outgoing webhooks</h1></div>
    <section>
      <h2>In trouble</h2>
      ${table('In trouble', heads, bad, 'Every endpoint takes what it is sent.')}
    </section>
    ${
      tenantId !== null &&
      html`<section>
        <h2>All endpoints</h2>
        ${table(
          'Endpoints',
          ['Endpoint', 'State', 'Last delivered', { number: 'Waiting' }, 'Last answer'],
          endpoints.map(each => endpointRow(each, now)),
          'No endpoint is set up.',
        )}
      </section>`
    }`
}

function whyDown({ status, disabledReason, failures }: EndpointTrouble): string {
  if (disabledReason === 'gone')
    return 'It answered 410 Gone and was switched off. Make a new one, or switch it on when it is back.'
  if (status === 'disabled')
    return 'For days nothing arrived, so it was switched off. Mend it, then switch it on: what waits is sent.'
  return `It did not take the last ${plural(failures, 'attempt')}. What waits is tried again, in order.`
}

function endpointRow(
  { endpoint, waiting }: { endpoint: WebhookEndpoint; waiting: readonly Delivery[] },
  now: Instant,
): Html {
  const last = waiting[0]
  return html`<tr>
    <td data-label="Endpoint">
      <b>${hostOf(endpoint.url)}</b><small><code>${endpoint.id}</code></small>
    </td>
    <td data-label="State">
      <span class="state ${endpoint.status === 'enabled' ? (endpoint.failures > 0 ? 'warn' : 'good') : 'bad'}"
        >${endpoint.status === 'enabled' && endpoint.failures > 0 ? 'failing' : endpoint.status}</span
      >
    </td>
    <td data-label="Last delivered">${ago(endpoint.lastDeliveredAt, now)}</td>
    <td data-label="Waiting" class="num">${number(waiting.length)}</td>
    <td data-label="Last answer">${last === undefined ? '–' : String(last.lastStatus ?? last.lastError ?? '–')}</td>
  </tr>`
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : url)

export function auditPage(of: { rows: readonly AuditRow[]; brokenAt: number | null; older: string | null }): Html {
  const { rows, brokenAt, older } = of
  const lines = rows.map(
    row =>
      html`<tr>
        <td data-label="When"><time datetime="${new Date(row.at).toISOString()}">${moment(row.at)}</time></td>
        <td data-label="Who">${row.actor.kind}${row.actor.id !== null && html` <code>${row.actor.id}</code>`}</td>
        <td data-label="By">${row.via}</td>
        <td data-label="Did">${row.action}</td>
        <td data-label="To">${row.object ?? '–'}</td>
        <td data-label="Result"><span class="state ${row.result === 'done' ? 'good' : 'bad'}">${row.result}</span></td>
      </tr>`,
  )
  return html`<div class="title-row">
      <h1>Audit</h1>
      <p class="sum">
        ${brokenAt === null ? html`<span class="good-text">The chain is whole: no row was changed or taken out.</span>` : html`<b class="bad-text">The chain breaks at row ${number(brokenAt)}: somebody changed the table.</b>`}
      </p>
    </div>
    ${table('Audit', ['When', 'Who', 'By', 'Did', 'To', 'Result'], lines, 'Nothing was done yet.')}
    ${older !== null && html`<nav class="pager"><span></span><a rel="next" href="${older}">Older ›</a></nav>`}`
}

export function signInPage(error: string | null): Html {
  return html`<div class="sign-in">
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect x="3" y="6" width="15" height="20" rx="4" class="mark-a" />
      <rect x="14" y="6" width="15" height="20" rx="4" class="mark-b" />
    </svg>
    <h1>Lockstep console</h1>
    <p class="muted">Sign in with the operator’s admin token, or with an API key of your tenant.</p>
    ${error !== null && html`<p class="notice bad" role="alert" id="why">${error}</p>`}
    <form method="post" action="/console/sign-in">
      <label for="token">Token or API key</label>
      <input
        id="token"
        name="token"
        type="password"
        autocomplete="current-password"
        required
        maxlength="512"
        ${error !== null && html`aria-describedby="why" aria-invalid="true"`}
      />
      <button class="primary" type="submit">Sign in</button>
    </form>
  </div>`
}
