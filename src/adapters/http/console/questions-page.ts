import type { Appointment } from '../../../core/model/appointment.ts'
import type { Duplicate } from '../../../core/model/duplicate.ts'
import type { Proposal } from '../../../core/model/proposal.ts'
import { spanOrText } from '../../../usecases/operations/tell-history.ts'
import type { Instant } from '../../../core/model/time.ts'
import { html, type Html } from '../connect/html.ts'
import { appointmentWhen } from './appointment-page.ts'
import { actionButton, appointmentUrl, tenantUrl } from './layout.ts'
import type { Visit } from './session.ts'
import { table } from './table.ts'
import { ago, kindWord, plural } from './words.ts'

export type QuestionParts = {
  visit: Visit
  tenantId: string
  duplicates: readonly Duplicate[]
  proposals: readonly Proposal[]
  /** Those that the questions are about, by id. */
  appointments: ReadonlyMap<string, Appointment>
  now: Instant
}

/** What waits for somebody's word: edits made in Google, and events that say the same as an appointment. */
export function questionsPage(parts: QuestionParts): Html {
  const twins = parts.duplicates.filter(each => each.state === 'open')
  const { proposals } = parts
  return html`<div class="title-row">
      <h1>Questions</h1>
      <p class="sum">${summary(proposals.length, twins.length)}</p>
    </div>
    <section>
      <h2>Edits made in Google</h2>
      ${table(
        'Edits',
        ['Appointment', 'In Google', 'Since', ''],
        proposals.map(each => editRow(each, parts)),
        'None waits.',
      )}
    </section>
    <section>
      <h2>Duplicates</h2>
      ${table(
        'Duplicates',
        ['Appointment', 'Twin', 'Since', ''],
        twins.map(each => twinRow(each, parts)),
        'None.',
      )}
    </section>`
}

function summary(edits: number, twins: number): Html {
  if (edits + twins === 0) return html`<span class="good-text">Nothing waits for an answer.</span>`
  const counts = [edits > 0 ? plural(edits, 'edit') : '', twins > 0 ? plural(twins, 'duplicate') : '']
  return html`${counts.filter(each => each !== '').join(' and ')} to be answered`
}

function editRow(proposal: Proposal, parts: QuestionParts): Html {
  const { id, createdAt, expiresAt } = proposal
  return html`<tr id="${id}">
    <td class="who" data-label="Appointment">${nameOf(proposal.appointmentId, parts)}</td>
    <td data-label="In Google">${editOf(proposal, parts)}</td>
    <td data-label="Since">${ago(createdAt, parts.now)}, ends ${ago(expiresAt, parts.now)}</td>
    <td class="mend">
      <div class="acts">
        ${answer(parts, `proposals/${id}/accept`, 'Accept', 'primary')}${answer(parts, `proposals/${id}/reject`, 'Reject')}
      </div>
    </td>
  </tr>`
}

function twinRow(twin: Duplicate, parts: QuestionParts): Html {
  const { id } = twin
  return html`<tr id="${id}">
    <td class="who" data-label="Appointment">${nameOf(twin.appointmentId, parts)}</td>
    <td data-label="Twin">
      ${twin.kind === 'exact-twin' ? 'same title and time' : 'copy from the feed'}<small
        ><code>${twin.eventId}</code></small
      >
    </td>
    <td data-label="Since">${ago(twin.createdAt, parts.now)}</td>
    <td class="mend">
      <div class="acts">
        ${answer(parts, `duplicates/${id}/link`, 'They are the same', 'primary')}
        ${answer(parts, `duplicates/${id}/keep_both`, 'Keep both')}
        ${answer(parts, `duplicates/${id}/remove_google`, 'Remove the one in Google')}
      </div>
    </td>
  </tr>`
}

function answer({ visit, tenantId }: QuestionParts, path: string, label: string, look?: 'primary'): Html {
  const action = `${tenantUrl(tenantId)}/${path}`
  return actionButton({ action, csrf: visit.csrf, label, ...(look === undefined ? {} : { look }) })
}

function nameOf(id: string, { visit, tenantId, appointments }: QuestionParts): Html {
  const appointment = appointments.get(id)
  const title = visit.viewer.kind === 'tenant' ? appointment?.title : null
  const name = title ?? (appointment === undefined ? id : kindWord(appointment.kind))
  return html`<a class="strong" href="${appointmentUrl(tenantId, id)}">${name}</a>
    <small
      >${appointment !== undefined && html`${appointment.userId}, ${appointmentWhen(appointment)}`}
      <code>${id}</code></small
    >`
}

/** Words only for those who may see them; of the rest, that they changed. */
function editOf({ kind, values }: Proposal, { visit }: QuestionParts): Html {
  if (kind === 'delete') return html`deleted`
  const isOpen = visit.viewer.kind === 'tenant'
  return html`<ul class="changes">
    ${Object.entries(values).map(([field, value]) =>
      isOpen || field === 'time'
        ? html`<li><b>${field}</b> <ins>${spanOrText(value) ?? 'none'}</ins></li>`
        : html`<li><b>${field}</b> changed</li>`,
    )}
  </ul>`
}
