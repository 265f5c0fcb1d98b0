import type { Instant } from '../../../core/model/time.ts'
import type { Paired } from '../../../ports/store/appointments.ts'
import type { LaneDepth } from '../../../ports/store/overview.ts'
import { html, type Html } from '../connect/html.ts'
import { actionButton, appointmentUrl, connectionUrl } from './layout.ts'
import type { Visit } from './session.ts'
import { ago, kindWord, number } from './words.ts'

const LANE_WORDS = { people: 'People’s changes', catchup: 'Catching up', backfill: 'Backfill' } as const
const STATE_WORDS = { queued: 'waiting', held: 'held', failed: 'parked' } as const

export function lanesTable(lanes: readonly LaneDepth[], now: Instant): Html {
  if (lanes.length === 0) return html`<p class="empty">Nothing waits to be written.</p>`
  return html`<table class="list">
    <thead>
      <tr>
        <th scope="col">Lane</th>
        <th scope="col">State</th>
        <th scope="col" class="num">Writes</th>
        <th scope="col">Oldest</th>
      </tr>
    </thead>
    <tbody>
      ${lanes.map(
        ({ lane, state, count, oldestAt }) =>
          html`<tr>
            <td data-label="Lane">${LANE_WORDS[lane]}</td>
            <td data-label="State">
              <span class="state ${state === 'queued' ? 'off' : state === 'held' ? 'warn' : 'bad'}"
                >${STATE_WORDS[state]}</span
              >
            </td>
            <td data-label="Writes" class="num">${number(count)}</td>
            <td data-label="Oldest">${ago(oldestAt, now)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`
}

/** Parked and held writes, each with its reason and a button to try it again. */
export function stuckTable({ visit, now }: { visit: Visit; now: Instant }, stuck: readonly Paired[]): Html | null {
  if (stuck.length === 0) return null
  return html`<h3>Parked and held</h3>
    <ul class="rows">
      ${stuck.map(({ appointment, outbox }) => {
        if (outbox === null) return null
        const { tenantId, id } = appointment
        const title =
          visit.viewer.kind === 'tenant'
            ? (appointment.title ?? kindWord(appointment.kind))
            : kindWord(appointment.kind)
        return html`<li class="with-act">
          <div>
            <a class="strong" href="${appointmentUrl(tenantId, id)}">${title}</a> <code>${id}</code>
            <span class="state ${outbox.state === 'held' ? 'warn' : 'bad'}">${STATE_WORDS[outbox.state]}</span>
            <small>${outbox.error?.message ?? 'No reason was given.'} Waits since ${ago(outbox.queuedAt, now)}.</small>
          </div>
          ${actionButton({
            action: `${connectionUrl(tenantId, outbox.connectionId)}/retry`,
            csrf: visit.csrf,
            label: 'Try again',
            fields: { appointmentId: id },
          })}
        </li>`
      })}
    </ul>`
}
