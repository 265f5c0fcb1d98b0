import type { Calendar } from '../../../core/model/connection.ts'
import type { Instant } from '../../../core/model/time.ts'
import type { Divergence, DivergenceKind } from '../../../core/operations/divergence.ts'
import type { Sample } from '../../../ports/store/samples.ts'
import { html, type Html } from '../connect/html.ts'
import { actionButton, appointmentUrl, connectionUrl } from './layout.ts'
import type { Visit } from './session.ts'
import { table } from './table.ts'
import { ago, number, plural } from './words.ts'

/** What was wrong, and what was done about it. */
const KIND_WORDS: Record<DivergenceKind, string> = {
  unknown: 'Google showed an event that was not here. It was taken in.',
  outdated: 'What was here was not what Google showed. It was decided anew.',
  gone: 'Its event was gone from Google. Google is asked, then it is settled by the policies.',
  unwritten: 'Google was never told of it, and no write waited. It is written now.',
}

/** By calendar: when it was last compared with Google, and which pairs differed. */
export function samplesSection(of: {
  visit: Visit
  now: Instant
  tenantId: string
  connectionId: string
  calendars: readonly Calendar[]
  samples: readonly Sample[]
}): Html {
  const { visit, now, tenantId, connectionId, calendars, samples } = of
  const names = new Map(calendars.map(calendar => [calendar.id, calendar.summary]))
  return html`<section class="panel" id="compared" aria-labelledby="compared-title">
    <h2 id="compared-title">Compared with Google</h2>
    ${
      samples.length === 0 &&
      html`<p class="empty">
        Not yet. A share of all calendars is read in full each day and compared with what is kept.
      </p>`
    }
    <ul class="rows">
      ${samples.map(
        sample =>
          html`<li>
            <div><b>${names.get(sample.calendarId) ?? sample.calendarId}</b> <small>${ago(sample.at, now)}</small></div>
            <small>${outcome(sample)}</small>
            ${
              sample.findings.length > 0 &&
              html`<ul class="findings">
                ${sample.findings.map(each => finding(each, tenantId))}
              </ul>`
            }
          </li>`,
      )}
    </ul>
    ${actionButton({ action: `${connectionUrl(tenantId, connectionId)}/compare`, csrf: visit.csrf, label: 'Compare now' })}
  </section>`
}

function outcome({ compared, differing }: Sample): Html {
  if (compared === 0 && differing === 0) return html`Google did not answer; its turn comes again.`
  if (differing === 0) return html`<span class="good-text">${plural(compared, 'event')}, all the same.</span>`
  return html`${plural(compared, 'event')}, <b class="warn-text">${plural(differing, 'pair')} differed</b>`
}

function finding({ kind, appointmentId, eventId, fields, rule }: Divergence, tenantId: string): Html {
  return html`<li>
    ${
      appointmentId === null
        ? html`<code>${eventId ?? '?'}</code>`
        : html`<a href="${appointmentUrl(tenantId, appointmentId)}">${appointmentId}</a>`
    }
    ${KIND_WORDS[kind]}
    <small>${fields.length > 0 && `${fields.join(', ')} · `}rule <code>${rule}</code></small>
  </li>`
}

/** For the operator: where the latest comparisons found a difference, across tenants. */
export function divergentTable(samples: readonly Omit<Sample, 'findings'>[], now: Instant): Html {
  return table(
    'Divergences',
    ['Connection', 'Tenant', { number: 'Differed' }, { number: 'Compared' }, 'When'],
    samples.map(
      each =>
        html`<tr>
          <td class="who" data-label="Connection">
            <a class="strong" href="${connectionUrl(each.tenantId, each.connectionId)}#compared"
              >${each.connectionId}</a
            >
          </td>
          <td data-label="Tenant">${each.tenantId}</td>
          <td data-label="Differed" class="num">${number(each.differing)}</td>
          <td data-label="Compared" class="num">${number(each.compared)}</td>
          <td data-label="When">${ago(each.at, now)}</td>
        </tr>`,
    ),
    'The last comparison of each calendar found both sides the same.',
  )
}
