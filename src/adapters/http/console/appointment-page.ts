import type { Connection } from '../../../core/model/connection.ts'
import type { Instant } from '../../../core/model/time.ts'
import { resourceSpan, type ResourceTime } from '../../../core/model/resource.ts'
import { unveiled } from '../../../core/sync/veil.ts'
import type { Paired } from '../../../ports/store/appointments.ts'
import type { HistoryLine } from '../../../usecases/operations/tell-history.ts'
import type { Found } from '../../../usecases/operations/search.ts'
import { html, type Html } from '../connect/html.ts'
import { appointmentUrl, connectionUrl } from './layout.ts'
import { stuckTable } from './queue-parts.ts'
import type { Visit } from './session.ts'
import { ago, kindWord, moment, plural } from './words.ts'

export type AppointmentParts = {
  visit: Visit
  now: Instant
  paired: Paired
  history: readonly HistoryLine[]
  connections: readonly Connection[]
}

const SIDES = { platform: 'Platform', google: 'Google', lockstep: 'Lockstep' } as const

export function appointmentPage(parts: AppointmentParts): Html {
  const { visit, paired, history, now } = parts
  const { appointment, outbox } = paired
  const title = visit.viewer.kind === 'tenant' ? appointment.title : null
  return html`<div class="title-row">
      <div>
        <h1>${title ?? kindWord(appointment.kind)}</h1>
        <p class="sum">
          <span class="state ${appointment.status === 'confirmed' ? 'good' : 'off'}"
            >${appointment.status.replace('_', ' ')}</span
          >
          <span>${appointmentWhen(appointment)}</span> <code>${appointment.id}</code>
          ${appointment.origin === 'google' && html`<span><i class="lock" aria-hidden="true"></i> made in Google, locked here</span>`}
          ${appointment.archivedAt !== null && html`<span>archived</span>`}
        </p>
      </div>
    </div>
    <div class="halves">
      <section class="panel wide" aria-labelledby="history-title">
        <h2 id="history-title">What happened, and why</h2>
        ${timeline(history)}
      </section>
      ${placeSection(parts)}
      ${
        outbox !== null &&
        html`<section class="panel">
          <h2>On its way to Google</h2>
          ${outbox.state === 'queued' ? html`<p>Waits in the lane “${outbox.lane}”, due ${ago(outbox.notBefore, now)}.</p>` : stuckTable(parts, [paired])}
        </section>`
      }
    </div>`
}

export function appointmentWhen({ time, recurrence }: Paired['appointment']): string {
  const { start, end } = resourceSpan(time)
  const series = recurrence.length > 0 ? ', recurring' : ''
  if ('date' in start || 'date' in end) return `${dayOf(start)} to ${dayOf(end)}, whole days${series}`
  const until = dayOf(start) === dayOf(end) ? end.dateTime.slice(11, 16) : end.dateTime.slice(0, 16).replace('T', ' ')
  return `${start.dateTime.slice(0, 16).replace('T', ' ')} – ${until} (${start.timeZone})${series}`
}

const dayOf = (moment: ResourceTime): string => ('date' in moment ? moment.date : moment.dateTime.slice(0, 10))

function placeSection({ paired, connections, visit, now }: AppointmentParts): Html {
  const { appointment, links } = paired
  const names = new Map(connections.map(each => [each.id, each]))
  return html`<section class="panel" aria-labelledby="places-title">
    <h2 id="places-title">Where it stands</h2>
    <dl class="facts">
      <dt>User</dt>
      <dd>${appointment.userId}</dd>
      <dt>Kind</dt>
      <dd>${kindWord(appointment.kind)}</dd>
      <dt>Version</dt>
      <dd>${appointment.version}, changed ${ago(appointment.updatedAt, now)}</dd>
      ${
        appointment.recurringId !== null &&
        html`<dt>Series</dt>
          <dd>
            <a href="${appointmentUrl(appointment.tenantId, appointment.recurringId)}">${appointment.recurringId}</a>
          </dd>`
      }
      ${
        appointment.recurrence.length > 0 &&
        html`<dt>Repeats</dt>
          <dd><code>${appointment.recurrence.join(' ')}</code></dd>`
      }
    </dl>
    ${links.length === 0 && html`<p class="empty">No event in Google shows it.</p>`}
    <ul class="rows">
      ${links.map(
        link =>
          html`<li>
            <div>
              <a href="${connectionUrl(link.tenantId, link.connectionId)}"
                >${names.get(link.connectionId)?.userId ?? link.connectionId}</a
              >
              <small
                >${link.role === 'ours' ? 'written by us' : link.role === 'theirs' ? 'read from Google' : 'set aside'}</small
              >
            </div>
            <small><code>${link.eventId}</code></small>
            ${link.base !== null && html`<small>Google shows ${visit.viewer.kind === 'tenant' ? html`<b>${unveiled(link.base.returned.title) ?? 'a title of its own'}</b>, ` : ''}version ${link.shownVersion ?? '?'}</small>`}
            ${link.missing !== null && html`<small class="warn-text">missing since ${ago(link.missing.since, now)}</small>`}
            ${link.error !== null && html`<small class="bad-text">${link.error.message}</small>`}
            ${link.htmlLink !== null && visit.viewer.kind === 'tenant' && html`<small><a href="${link.htmlLink}" rel="noreferrer">Open in Google</a></small>`}
          </li>`,
      )}
    </ul>
  </section>`
}

function timeline(history: readonly HistoryLine[]): Html {
  if (history.length === 0) return html`<p class="empty">Nothing is on record.</p>`
  return html`<ol class="timeline">
    ${history.toReversed().map(
      line =>
        html`<li class="${line.side} ${line.step}" id="${`line-${line.seq}`}">
          <p class="head">
            <b>${SIDES[line.side]}</b> <span class="step">${line.step}</span>
            <time datetime="${new Date(line.at).toISOString()}">${moment(line.at)}</time>
          </p>
          <p>${line.reason}</p>
          ${
            line.changes.length > 0 &&
            html`<ul class="changes">
              ${line.changes.map(changeLine)}
            </ul>`
          }
          <p class="rule">
            rule <code>${line.rule}</code>${line.told !== null && html`, platform told <code>${line.told}</code>`}
          </p>
        </li>`,
    )}
  </ol>`
}

function changeLine({ field, before, after }: HistoryLine['changes'][number]): Html {
  if (before === null && after === null) return html`<li><b>${field}</b> changed</li>`
  return html`<li>
    <b>${field}</b> ${before !== null && html`<del>${before}</del>`} ${before !== null && after !== null && '→'}
    ${after !== null && html`<ins>${after}</ins>`}
  </li>`
}

const HOW = { id: 'the platform’s id', event: 'the Google event', title: 'its title', time: 'its time' } as const

export function searchPage(of: { visit: Visit; text: string; found: readonly Found[] }): Html {
  const { visit, text, found } = of
  return html`<div class="title-row">
      <h1>${text === '' ? 'Search' : `“${text}”`}</h1>
      <p class="sum">${plural(found.length, 'appointment')}</p>
    </div>
    <p class="muted">
      By the platform’s id, a Google event id or iCalUID, a day (2026-12-01), a time (2026-12-01
      09:00)${visit.viewer.kind === 'tenant' && ', or a part of the title'}.
    </p>
    ${
      found.length === 0
        ? html`<p class="empty">Nothing found.</p>`
        : html`<div class="panel scroller" tabindex="0" role="region" aria-label="Found">
            <table class="list">
              <thead>
                <tr>
                  <th scope="col">Appointment</th>
                  <th scope="col">User</th>
                  <th scope="col">When</th>
                  <th scope="col">In Google</th>
                  <th scope="col">Found by</th>
                </tr>
              </thead>
              <tbody>
                ${found.map(each => foundRow(each, visit))}
              </tbody>
            </table>
          </div>`
    }`
}

function foundRow({ appointment, how, state }: Found, visit: Visit): Html {
  const title = visit.viewer.kind === 'tenant' ? appointment.title : null
  return html`<tr>
    <td data-label="Appointment">
      <a class="strong" href="${appointmentUrl(appointment.tenantId, appointment.id)}"
        >${title ?? kindWord(appointment.kind)}</a
      ><small><code>${appointment.id}</code></small>
    </td>
    <td data-label="User">${appointment.userId}</td>
    <td data-label="When">${appointmentWhen(appointment)}</td>
    <td data-label="In Google">
      <span class="state ${state === 'synced' ? 'good' : state === null ? 'off' : 'warn'}">${state ?? 'no'}</span>
    </td>
    <td data-label="Found by">${HOW[how]}</td>
  </tr>`
}
