import { isChosen } from '../../../core/model/connection-resource.ts'
import type { Calendar, Channel, Connection } from '../../../core/model/connection.ts'
import type { Link } from '../../../core/model/link.ts'
import type { Policies } from '../../../core/model/policies.ts'
import { addDays, type Instant } from '../../../core/model/time.ts'
import { explain, isWatching } from '../../../core/operations/trouble.ts'
import type { Run } from '../../../ports/store/operations.ts'
import type { Sample } from '../../../ports/store/samples.ts'
import type { Paired } from '../../../ports/store/appointments.ts'
import type { ConnectionHealth, LaneDepth } from '../../../ports/store/overview.ts'
import type { Check } from '../../../usecases/connections/check-connection.ts'
import type { Week } from '../../../usecases/operations/read-week.ts'
import { html, type Html } from '../connect/html.ts'
import { fixButton } from './fixes.ts'
import { stateClass } from './front-page.ts'
import { actionButton, connectionUrl } from './layout.ts'
import { lanesTable, stuckTable } from './queue-parts.ts'
import { samplesSection } from './sample-parts.ts'
import type { Visit } from './session.ts'
import { weekGrid } from './week-grid.ts'
import { ago, number, plural, shortAddress, statusWord } from './words.ts'

export type ConnectionParts = {
  visit: Visit
  now: Instant
  connection: Connection
  health: ConnectionHealth
  calendars: readonly Calendar[]
  channels: readonly Channel[]
  policies: Policies
  week: Week
  lanes: readonly LaneDepth[]
  stuck: readonly Paired[]
  parked: readonly Link[]
  runs: readonly Run[]
  samples: readonly Sample[]
  checks: readonly Check[] | null
  /** What either answer to the deletion guard would change; null: it holds nothing. */
  deletions: { accept: number; restore: number } | null
}

export function connectionPage(parts: ConnectionParts): Html {
  return html`${heading(parts)} ${troubles(parts)} ${parts.checks !== null && checkList(parts.checks)}
    ${weekSection(parts)}
    <div class="cards">
      <section class="panel" aria-labelledby="writes-title">
        <h2 id="writes-title">Writes to Google</h2>
        ${lanesTable(parts.lanes, parts.now)} ${stuckTable(parts, parts.stuck)}
      </section>
      ${calendarSection(parts)}
      ${samplesSection({ ...parts, tenantId: parts.connection.tenantId, connectionId: parts.connection.id })}
      ${runSection(parts)} ${policySection(parts)} ${parkedSection(parts)}
    </div>`
}

function heading({ visit, connection, health, now }: ConnectionParts): Html {
  const url = connectionUrl(connection.tenantId, connection.id)
  const address = visit.viewer.kind === 'admin' ? shortAddress(connection.googleEmail) : connection.googleEmail
  const act = (action: string, label: string): Html =>
    actionButton({ action: `${url}/${action}`, csrf: visit.csrf, label })
  const isActive = connection.status === 'active'
  return html`<div class="title-row">
    <div>
      <h1>${connection.userId}</h1>
      <p class="sum">
        <span class="state ${stateClass(health)}">${statusWord(health)}</span>
        <span>${address}</span> <span>${connection.mode.replace('_', ' ')}</span>
        <span>read ${ago(health.lastPulledAt, now)}</span> <code>${connection.id}</code>
      </p>
    </div>
    <div class="acts">
      ${act('check', 'Check')} ${isActive && act('sync', 'Read now')} ${isActive && act('pause', 'Pause')}
      ${connection.status === 'paused' && act('resume', 'Resume')}
      ${connection.status !== 'disconnected' && act('connect-link', 'Connect link')}
    </div>
  </div>`
}

function troubles(parts: ConnectionParts): Html {
  const { visit, health } = parts
  return html`${health.troubles.map(trouble => {
    const said = explain(trouble, health)
    return html`<section class="trouble ${trouble}" id="${trouble}" aria-label="${said.title}">
      <div>
        <h2>${said.title}</h2>
        <p>${said.cause}</p>
        <p class="muted">${said.remedy}</p>
      </div>
      ${trouble === 'held' ? guardButtons(parts) : fixButton({ visit, row: health, fix: said.fix, trouble })}
    </section>`
  })}`
}

/** Both ways out, with what each would do. */
function guardButtons({ visit, connection, deletions }: ConnectionParts): Html {
  const url = connectionUrl(connection.tenantId, connection.id)
  const act = (action: string, label: string): Html =>
    actionButton({ action: `${url}/${action}`, csrf: visit.csrf, label })
  const { accept, restore } = deletions ?? { accept: 0, restore: 0 }
  return html`<div class="acts">
    ${act('accept-deletions', `They were meant: settle ${plural(accept, 'appointment')}`)}
    ${act('restore-deletions', `Undo them: write ${plural(restore, 'event')} again`)}
  </div>`
}

function checkList(checks: readonly Check[]): Html {
  return html`<section class="panel" aria-labelledby="checks-title">
    <h2 id="checks-title">Asked of Google just now</h2>
    <ul class="checks">
      ${checks.map(
        ({ name, status, detail, remedy }) =>
          html`<li class="${status}">
            <b>${name.replaceAll('_', ' ')}</b>
            <span>${detail} ${remedy !== undefined && html`<em>${remedy}</em>`}</span>
            <span class="state ${status === 'ok' ? 'good' : 'bad'}">${status}</span>
          </li>`,
      )}
    </ul>
  </section>`
}

function weekSection({ connection, week }: ConnectionParts): Html {
  const url = connectionUrl(connection.tenantId, connection.id)
  const to = (days: number): string => `${url}?week=${addDays(week.monday, days)}#week`
  return html`<section id="week" aria-labelledby="week-title">
    <div class="title-row">
      <h2 id="week-title">${weekName(week)}</h2>
      <p class="sum">
        ${week.differing === 0 ? html`<span class="good-text">Both sides say the same.</span>` : html`<b class="warn-text">${plural(week.differing, 'pair differs', 'pairs differ')}</b>`}
        <span class="muted">${week.timeZone}</span>
      </p>
      <nav class="acts" aria-label="Weeks">
        <a class="button" href="${to(-7)}" aria-label="Week before">‹</a>
        <a class="button" href="${url}#week">Today</a>
        <a class="button" href="${to(7)}" aria-label="Week after">›</a>
      </nav>
    </div>
    ${!week.isComplete && html`<p class="empty">This week holds more than can be shown at once.</p>`}
    <div class="sides">
      ${sidePanel('Platform', 'platform', 'What is booked here', week, connection.tenantId)}
      ${sidePanel('Google Calendar', 'google', 'As Google last showed it', week, connection.tenantId)}
    </div>
    <ul class="legend" aria-label="Legend">
      <li><i class="swatch platform"></i>made on the platform</li>
      <li><i class="swatch google"></i>made in Google</li>
      <li><i class="lock"></i>locked here</li>
      <li><i class="mark-differs">≠</i>the two sides differ</li>
      <li><i class="swatch cancelled"></i>cancelled or missed</li>
    </ul>
  </section>`
}

function sidePanel(title: string, side: 'platform' | 'google', about: string, week: Week, tenantId: string): Html {
  return html`<section class="panel side ${side}" aria-label="${title}">
    <header>
      <h3>${title}</h3>
      <p class="muted">${about}</p>
    </header>
    <div class="scroller" tabindex="0" role="region" aria-label="${`${title}, week`}">
      ${weekGrid(week, side, tenantId)}
    </div>
  </section>`
}

function weekName({ days, monday }: Week): string {
  const last = days.at(-1)?.date ?? monday
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'short', year: 'numeric' })
  return format.formatRange(Date.parse(`${monday}T00:00Z`), Date.parse(`${last}T00:00Z`))
}

function calendarSection({ calendars, channels, now }: ConnectionParts): Html {
  const used = calendars.filter(isChosen)
  return html`<section class="panel" aria-labelledby="calendars-title">
    <h2 id="calendars-title">Calendars and channels</h2>
    ${used.length === 0 && html`<p class="empty">No calendar is chosen.</p>`}
    <ul class="rows">
      ${used.map(calendar => {
        const own = channels.filter(each => each.calendarId === calendar.id)
        return html`<li>
          <div>
            <b>${calendar.summary}</b>
            <small
              >${usesOf(calendar)} · role
              ${calendar.accessRole}${calendar.isGone && html` · <b class="bad-text">gone from Google</b>`}</small
            >
          </div>
          <small>
            read ${ago(calendar.lastPulledAt, now)}, next poll ${ago(calendar.nextPollAt, now)}
            ${calendar.failures > 0 && html`· <b class="warn-text">${plural(calendar.failures, 'failure')} in a row</b>`}
          </small>
          ${channelLine(own, now)}
        </li>`
      })}
    </ul>
  </section>`
}

function usesOf({ isTarget, isSource, isConflict }: Calendar): string {
  return [isTarget ? 'target' : '', isSource ? 'source' : '', isConflict ? 'busy times' : '']
    .filter(use => use !== '')
    .join(', ')
}

/** A message that is owed for so long is late. */
const OWING_MS = 60_000

function channelLine(channels: readonly Channel[], now: Instant): Html {
  const newest = channels.filter(each => each.state !== 'retired').toSorted((a, b) => b.createdAt - a.createdAt)[0]
  if (newest === undefined)
    return html`<small><span class="state bad">no channel</span> changes come by polling</small>`
  const isDead = !isWatching(newest, now)
  const heard =
    newest.lastNotifiedAt === null
      ? html`nothing heard yet`
      : html`last sign of life ${ago(newest.lastNotifiedAt, now)}`
  const owing =
    newest.expectedAt === null ||
    (newest.lastNotifiedAt ?? 0) >= newest.expectedAt ||
    now - newest.expectedAt < OWING_MS
      ? null
      : html`, owes a message since ${ago(newest.expectedAt, now)}`
  return html`<small>
    <span class="state ${isDead ? 'warn' : 'good'}">channel ${newest.state}</span> opened ${ago(newest.createdAt, now)},
    ends ${ago(newest.expiresAt, now)}, ${heard}${owing}
  </small>`
}

function runSection({ runs, now }: ConnectionParts): Html {
  return html`<section class="panel" aria-labelledby="runs-title">
    <h2 id="runs-title">Runs</h2>
    ${runs.length === 0 && html`<p class="empty">None yet.</p>`}
    <ul class="rows">
      ${runs.map(
        run =>
          html`<li>
            <div>
              <b>${run.kind.replace('_', ' ')}</b> <span class="state ${RUN_CLASSES[run.state]}">${run.state}</span>
            </div>
            <small
              >${run.phase} · ${number(run.done)}${run.total !== null && ` of ${number(run.total)}`} ·
              ${ago(run.createdAt, now)}</small
            >
            ${run.error !== null && html`<small class="bad-text">${run.error}</small>`}
          </li>`,
      )}
    </ul>
  </section>`
}

const RUN_CLASSES: Record<Run['state'], string> = {
  queued: 'off',
  running: 'warn',
  done: 'good',
  failed: 'bad',
  cancelled: 'off',
}

function policySection({ connection, policies }: ConnectionParts): Html {
  const { presentation, include, deletionGuard } = policies
  const rows: [string, string][] = [
    ['Edits in Google', policies.googleEdits],
    ['Deletions in Google', policies.googleDeletes],
    ['Both edited', policies.concurrentEdits],
    ['Cancelled', policies.cancelled],
    ['From Google shown', policies.imported],
    ['Title in Google', presentation.title],
    [
      'Also shown',
      [presentation.description ? 'description' : '', presentation.location ? 'location' : '']
        .filter(each => each !== '')
        .join(', ') || 'nothing more',
    ],
    ['Sent', `${include.kinds.join(', ')} (${include.statuses.join(', ')})`],
    ['Twins', policies.duplicates],
    ['Deletion guard', `more than ${deletionGuard.count} and ${Math.round(deletionGuard.share * 100)} %`],
    ['Window', `${connection.window.daysBack} days back, ${connection.window.daysAhead} ahead`],
  ]
  return html`<section class="panel" aria-labelledby="policies-title">
    <h2 id="policies-title">Policies in force</h2>
    <dl class="facts">
      ${rows.map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value.replaceAll('_', ' ')}</dd>`,
      )}
    </dl>
  </section>`
}

function parkedSection({ parked, calendars }: ConnectionParts): Html | null {
  if (parked.length === 0) return null
  const names = new Map(calendars.map(calendar => [calendar.id, calendar.summary]))
  return html`<section class="panel" id="set-aside" aria-labelledby="parked-title">
    <h2 id="parked-title">Events set aside</h2>
    <ul class="rows">
      ${parked.map(
        link =>
          html`<li>
            <div><code>${link.eventId}</code> <small>${names.get(link.calendarId) ?? link.calendarId}</small></div>
            <small
              >${link.error?.message ?? 'Stands for itself.'}
              ${link.htmlLink !== null && html`<a href="${link.htmlLink}" rel="noreferrer">Open in Google</a>`}</small
            >
          </li>`,
      )}
    </ul>
  </section>`
}
