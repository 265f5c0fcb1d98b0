import type { ConnectionResource } from '../../../core/model/connection-resource.ts'
import type { Offer } from '../../../core/model/tenant-controls.ts'
import type { Check } from '../../../usecases/connections/check-connection.ts'
import type { RunResource } from '../../../usecases/runs/get-run.ts'
import type { Brand } from './brand.ts'
import { html, type Html } from './html.ts'
import { buttonForm, notice } from './layout.ts'
import { failedRunNotice } from './pages.ts'
import { resetForm } from './plan-page.ts'

const STATES: Readonly<Record<string, string>> = {
  pending: 'Not set up yet',
  active: 'In step',
  needs_reauth: 'Needs you to sign in again',
  paused: 'Paused',
  held: 'Held for a check',
  disconnected: 'Disconnected',
}

type StatusView = {
  brand: Brand
  csrf: string
  connection: ConnectionResource
  returnUrl: string | null
  failedRun: RunResource | null
  checks: readonly Check[] | null
  /** What the tenant lets its users do. */
  offers: (offer: Offer) => boolean
}

/** Where it stands and what can be done about it. */
export function statusPage(view: StatusView): Html {
  const { brand, csrf, connection, returnUrl, failedRun, checks, offers } = view
  const { status } = connection
  const mayStartOver = (status === 'active' || status === 'held') && offers('start_over')
  return html`${failedRun !== null && failedRunNotice(failedRun)} ${standing(view)}
    <section class="card">
      <h1>${status === 'active' ? 'Your calendars are connected' : 'Your Google connection'}</h1>
      <p><span class="state ${status}">${STATES[status] ?? status}</span></p>
      ${facts(view)}
      <div class="row">
        ${returnUrl !== null && html`<a class="button primary" href="${returnUrl}">Back to ${brand.productName}</a>`}
        ${actions(view)}
      </div>
      ${checks !== null && checkList(checks)} ${mayStartOver && resetForm(csrf)}
      ${offers('disconnect') && disconnectForm(csrf)}
    </section>`
}

/** What one should know before anything else. */
function standing({ brand, connection: { status, statusReason } }: StatusView): Html | null {
  if (status === 'held')
    return notice(
      'info',
      `Unusually many events vanished at once. ${brand.productName} has been asked before anything is cancelled.`,
    )
  if (statusReason === 'switched_off_for_all')
    return notice(
      'info',
      `${brand.productName} has switched calendar sync off for everyone. Nothing is lost: it goes on by itself.`,
    )
  const words = TROUBLES[statusReason ?? '']
  return words === undefined ? null : notice('error', words)
}

const TROUBLES: Readonly<Record<string, string>> = {
  target_read_only:
    'This account may no longer write to the calendar that your appointments go to. Choose another one.',
  target_calendar_gone: 'The calendar that your appointments go to no longer exists in Google. Choose another one.',
  source_calendar_gone: 'One of your calendars no longer exists in Google. Choose your calendars again.',
  source_details_hidden: 'One of your calendars shows only busy times now. Choose your calendars again.',
}

function facts({ brand, connection }: StatusView): Html {
  const { calendars, window, googleAccount, lastSyncedAt } = connection
  const names = (isUsed: (calendar: (typeof calendars)[number]) => boolean, none: string): string => {
    const used = calendars.filter(isUsed).map(calendar => calendar.summary)
    return used.length > 0 ? used.join(', ') : none
  }
  const blocking = names(calendar => calendar.isConflict, '')
  return html`<dl class="facts">
    <dt>Google account</dt>
    <dd>${googleAccount.email}</dd>
    <dt>Appointments go to</dt>
    <dd>${names(calendar => calendar.isTarget, 'nowhere')}</dd>
    <dt>Shown in ${brand.productName}</dt>
    <dd>${names(calendar => calendar.isSource, 'nothing')}</dd>
    ${
      blocking !== '' &&
      html`<dt>Only block time</dt>
        <dd>${blocking}</dd>`
    }
    <dt>How far</dt>
    <dd>${days(window.daysBack)} back, ${days(window.daysAhead)} ahead</dd>
    <dt>Last sync</dt>
    <dd>${lastSyncedAt === null ? 'not yet' : moment(lastSyncedAt)}</dd>
  </dl>`
}

const days = (count: number): string => (count === 1 ? '1 day' : `${count} days`)

function actions({ csrf, connection, offers }: StatusView): Html {
  const { status, statusReason, calendars } = connection
  const isActive = status === 'active'
  const form = (name: string, label: string, look?: string): Html =>
    buttonForm({ action: `/connect/setup/${name}`, csrf, label, ...(look === undefined ? {} : { look }) })
  const mayResume = status === 'paused' && statusReason !== 'switched_off_for_all' && offers('pause')
  const hasTarget = calendars.some(calendar => calendar.isTarget)
  return html`${isActive && offers('sync') && form('sync', 'Sync now')} ${isActive && form('check', 'Test')}
  ${isActive && html`<a class="button" href="/connect/setup?edit=calendars">Change calendars</a>`}
  ${isActive && hasTarget && offers('push_existing') && form('push', 'Send existing appointments')}
  ${isActive && offers('pause') && form('pause', 'Pause')} ${mayResume && form('resume', 'Resume', 'primary')}`
}

function disconnectForm(csrf: string): Html {
  return html`<details>
    <summary>Disconnect</summary>
    <form method="post" action="/connect/setup/disconnect">
      <input type="hidden" name="csrf" value="${csrf}" />
      <fieldset>
        <legend class="small">What happens to appointments already in Google?</legend>
        <div class="choice">
          <input type="radio" name="googleEvents" id="events-keep" value="keep" checked />
          <label for="events-keep">They stay there, no longer updated</label>
        </div>
        <div class="choice">
          <input type="radio" name="googleEvents" id="events-remove" value="remove" />
          <label for="events-remove">They are removed from Google</label>
        </div>
      </fieldset>
      <button class="button danger" type="submit">Disconnect Google</button>
    </form>
  </details>`
}

const CHECKS: Readonly<Record<string, string>> = {
  token: 'Sign-in',
  scopes: 'Permissions',
  calendar_readable: 'Reading your calendars',
  calendar_writable: 'Writing appointments',
  push_channel_live: 'Hearing of changes at once',
  clock: 'Clock',
}

function checkList(checks: readonly Check[]): Html {
  return html`<ul class="points" aria-label="Test results">
    ${checks.map(
      ({ name, status, detail, remedy }) =>
        html`<li>
          <span class="tick ${status === 'failed' && 'cross'}" aria-hidden="true">${status === 'ok' ? '✓' : '✕'}</span>
          <span>
            <strong>${CHECKS[name] ?? name}</strong> <span class="badge">${status}</span><br />${detail}
            ${remedy !== undefined && html`<span class="soft">${remedy}</span>`}
          </span>
        </li>`,
    )}
  </ul>`
}

const moment = (text: string): Html =>
  html`<time datetime="${text}">${text.slice(0, 10)} at ${text.slice(11, 16)} UTC</time>`
