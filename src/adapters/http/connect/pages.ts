import type { ConnectionResource } from '../../../core/model/connection-resource.ts'
import type { RunResource } from '../../../usecases/runs/get-run.ts'
import type { Brand } from './brand.ts'
import { html, type Html } from './html.ts'
import { buttonForm, googleButton, notice } from './layout.ts'

export function landingPage(view: { brand: Brand; action: string; required: readonly string[] }): Html {
  const { brand, action, required } = view
  return html`<section class="card">
    <h1>Connect your Google Calendar</h1>
    <p class="soft">Your ${brand.productName} appointments and your Google calendar stay in step, both ways.</p>
    <ul class="points">
      ${tick('Appointments appear in Google Calendar, and move or go when they do.')}
      ${tick('When you are busy in Google, nobody can book you.')}
      ${tick('You choose the calendars and what Google shows.')}
    </ul>
    <form method="post" action="${action}">${googleButton('Sign in with Google')}</form>
    <p class="soft small">Google will ask for these permissions. Please leave every box ticked.</p>
    <details>
      <summary>What each permission is for</summary>
      <ul>
        ${required.filter(isShown).map(scope => html`<li>${permissionName(scope)}.</li>`)}
      </ul>
      <p class="soft small">
        ${brand.productName} never reads your mail, your contacts or your files, and you can take the permission back at
        any time.
      </p>
    </details>
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

export function failedRunNotice({ error }: RunResource): Html {
  return notice('error', `The sync did not finish. Your calendars were not harmed. ${error ?? ''}`)
}

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
