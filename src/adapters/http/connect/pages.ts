import type { ConnectionResource } from '../../../core/model/connection-resource.ts'
import type { Check } from '../../../usecases/connections/check-connection.ts'
import type { RunResource } from '../../../usecases/runs/get-run.ts'
import type { Brand } from './brand.ts'
import { html, type Html } from './html.ts'
import { buttonForm, googleButton, notice } from './layout.ts'
import { resetForm } from './plan-page.ts'

export function landingPage({ brand, action }: { brand: Brand; action: string }): Html {
  return html`<section class="card">
    <h1>Connect your Google Calendar</h1>
    <p class="soft">Your ${brand.productName} appointments and your Google calendar stay in step, both ways.</p>
    <ul class="points">
      ${tick('Appointments appear in Google Calendar, and move or go when they do.')}
      ${tick('When you are busy in Google, nobody can book you.')}
      ${tick('You choose the calendars and what Google shows.')}
    </ul>
    <form method="post" action="${action}">${googleButton('Sign in with Google')}</form>
    <p class="soft small">
      Google will ask for permission to see and change calendar events. Please leave every box ticked: without them the
      sync cannot work.
    </p>
  </section>`
}

const tick = (text: string): Html => html`<li><span class="tick" aria-hidden="true">✓</span><span>${text}</span></li>`

/** What each permission is for, in the words of the person who shall grant it. Keyed by the scope's last part. */
const PERMISSIONS: Readonly<Record<string, string>> = {
  'calendar.events': 'See and change events, to write your appointments and to notice changes',
  'calendar.calendarlist.readonly': 'See the list of your calendars, so that you can choose among them',
  'calendar.app.created': 'Make a calendar of its own for your appointments',
  openid: 'Know which Google account this is',
  email: 'See the account’s address, to show it to you',
}

function permissionName(scope: string): string {
  const part = scope.split('/').at(-1) ?? scope
  return PERMISSIONS[part] ?? part
}

/** After Google: permissions that are there, those that are not, and the way to grant them. */
export function permissionsPage(view: {
  brand: Brand
  csrf: string
  connection: ConnectionResource | null
  required: readonly string[]
  /** What went wrong on the way; null: nothing. */
  problem: string | null
}): Html {
  const { brand, csrf, connection, required } = view
  const missing = new Set(connection?.missingScopes ?? required)
  const isRevoked = connection !== null && missing.size === 0
  return html`${view.problem !== null && notice('error', view.problem)}
    <section class="card">
      <h1>
        ${isRevoked ? 'Please sign in again' : connection === null ? 'Sign in with Google' : 'Some permissions are missing'}
      </h1>
      <p class="soft">
        ${
          isRevoked
            ? 'Google no longer accepts the earlier permission. Nothing is lost: the sync goes on where it stopped.'
            : `${brand.productName} cannot keep your calendars in step without these.`
        }
      </p>
      <ul class="points">
        ${required.filter(isShown).map(scope => permission(scope, missing.has(scope)))}
      </ul>
      <form method="post" action="/connect/setup/google">
        <input type="hidden" name="csrf" value="${csrf}" />
        ${googleButton(connection === null ? 'Sign in with Google' : 'Grant again with Google')}
      </form>
      ${
        connection !== null &&
        !isRevoked &&
        html`<p class="soft small">On Google’s page, tick every box before you continue.</p>`
      }
    </section>`
}

/** Signing in itself is no box that one could untick. */
const isShown = (scope: string): boolean => scope !== 'openid' && scope !== 'email'

function permission(scope: string, isMissing: boolean): Html {
  return html`<li>
    <span class="tick ${isMissing && 'cross'}" aria-hidden="true">${isMissing ? '✕' : '✓'}</span>
    <span>${permissionName(scope)} <span class="badge">${isMissing ? 'missing' : 'granted'}</span></span>
  </li>`
}

const PHASES: Readonly<Record<string, string>> = {
  removing: 'Removing appointments from Google',
  listing: 'Reading your calendars',
  writing: 'Writing appointments to Google',
  clearing: 'Tidying up the former calendar',
}

/** The same words for the page and for the script that keeps it moving. */
export function progressText({ state, phase, done, total, etaSeconds }: RunResource): string {
  if (state === 'queued') return 'Waiting to start…'
  const words = PHASES[phase]
  if (words === undefined && done === 0) return 'Getting ready…'
  const part = total === null || total === 0 ? `${done} done so far` : `${done} of ${total}`
  const rest =
    etaSeconds === null
      ? ''
      : `, about ${etaSeconds < 90 ? `${etaSeconds} s` : `${Math.round(etaSeconds / 60)} min`} left`
  return `${words ?? 'Almost there'}: ${part}${rest}`
}

export function progressPage({ run, csrf }: { run: RunResource; csrf: string }): Html {
  const isCounted = run.total !== null && run.total > 0
  return html`<section class="card" data-progress="/connect/setup/progress">
    <h1>Syncing your calendars</h1>
    <p class="soft">You may close this page: the sync goes on by itself.</p>
    <progress aria-label="Sync progress" ${isCounted && html`max="${run.total}" value="${run.done}"`}></progress>
    <p role="status" data-progress-text>${progressText(run)}</p>
    ${buttonForm({ action: '/connect/setup/cancel', csrf, label: 'Stop' })}
  </section>`
}

const STATES: Readonly<Record<string, string>> = {
  pending: 'Not set up yet',
  active: 'In step',
  needs_reauth: 'Needs you to sign in again',
  paused: 'Paused',
  held: 'Held for a check',
  disconnected: 'Disconnected',
}

export function failedRunNotice({ error }: RunResource): Html {
  return notice('error', `The sync did not finish. Your calendars were not harmed. ${error ?? ''}`)
}

/** Where it stands and what can be done about it. */
export function statusPage(view: {
  brand: Brand
  csrf: string
  connection: ConnectionResource
  returnUrl: string | null
  failedRun: RunResource | null
  checks: readonly Check[] | null
}): Html {
  const { brand, csrf, connection, returnUrl, failedRun, checks } = view
  const { status } = connection
  const target = connection.calendars.find(calendar => calendar.isTarget)
  const sources = connection.calendars.filter(calendar => calendar.isSource).map(calendar => calendar.summary)
  const form = (name: string, label: string, look?: string): Html =>
    buttonForm({ action: `/connect/setup/${name}`, csrf, label, ...(look === undefined ? {} : { look }) })
  return html`${failedRun !== null && failedRunNotice(failedRun)}
    ${status === 'held' && notice('info', `Unusually many events vanished at once. ${brand.productName} has been asked before anything is cancelled.`)}
    <section class="card">
      <h1>${status === 'active' ? 'Your calendars are connected' : 'Your Google connection'}</h1>
      <p><span class="state ${status}">${STATES[status] ?? status}</span></p>
      <dl class="facts">
        <dt>Google account</dt>
        <dd>${connection.googleAccount.email}</dd>
        <dt>Appointments go to</dt>
        <dd>${target?.summary ?? 'nowhere'}</dd>
        <dt>Shown in ${brand.productName}</dt>
        <dd>${sources.length > 0 ? sources.join(', ') : 'nothing'}</dd>
        <dt>Last sync</dt>
        <dd>${connection.lastSyncedAt === null ? 'not yet' : moment(connection.lastSyncedAt)}</dd>
      </dl>
      <div class="row">
        ${returnUrl !== null && html`<a class="button primary" href="${returnUrl}">Back to ${brand.productName}</a>`}
        ${status === 'active' && form('sync', 'Sync now')} ${status === 'active' && form('pause', 'Pause')}
        ${status === 'paused' && form('resume', 'Resume', 'primary')} ${status === 'active' && form('check', 'Test')}
        ${status === 'active' && html`<a class="button" href="/connect/setup?edit=calendars">Change calendars</a>`}
        ${status === 'active' && target !== undefined && form('push', 'Send existing appointments')}
      </div>
      ${checks !== null && checkList(checks)} ${(status === 'active' || status === 'held') && resetForm(csrf)}
      <details>
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
      </details>
    </section>`
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

export function goodbyePage({ brand, returnUrl }: { brand: Brand; returnUrl: string | null }): Html {
  return html`<section class="card">
    <h1>Disconnected</h1>
    <p class="soft">
      Google Calendar and ${brand.productName} are no longer connected, and the permission has been given back. To
      connect again, ask ${brand.productName} for a new link.
    </p>
    ${returnUrl !== null && html`<a class="button primary" href="${returnUrl}">Back to ${brand.productName}</a>`}
  </section>`
}

export function messagePage({ title, text }: { title: string; text: string }): Html {
  return html`<section class="card">
    <h1>${title}</h1>
    <p class="soft">${text}</p>
  </section>`
}
