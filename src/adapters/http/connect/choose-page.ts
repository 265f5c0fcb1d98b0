import { anAppointmentLike } from './sample.ts'
import type { ConnectionResource } from '../../../core/model/connection-resource.ts'
import { titleChoices } from '../../../core/model/masking.ts'
import type { Offer } from '../../../core/model/tenant-controls.ts'
import type { Policies } from '../../../core/model/policies.ts'
import type { CalendarChoice } from '../../../usecases/calendars/list-calendars.ts'
import type { Brand } from './brand.ts'
import { html, type Html } from './html.ts'
import { buttonForm } from './layout.ts'

type ChooseView = {
  brand: Brand
  csrf: string
  connection: ConnectionResource
  /** What the platform lets Google see; the user chooses from it. */
  allowed: Pick<Policies, 'presentation' | 'include'>
  calendars: readonly CalendarChoice[]
  /** Another connection of this user already takes the appointments. */
  hasTargetElsewhere: boolean
  /** What the tenant lets its users choose. */
  offers: (offer: Offer) => boolean
}

/** Which calendars, how far, and what Google shall show: one form. */
export function choosePage(view: ChooseView): Html {
  const { connection, csrf, offers } = view
  const isFirst = !connection.calendars.some(calendar => calendar.isTarget || calendar.isSource)
  return html`<h1>Choose your calendars</h1>
    <div class="apart">
      <p class="soft">Signed in as <strong>${connection.googleAccount.email}</strong>.</p>
      ${buttonForm({ action: '/connect/setup/other-account', csrf, label: 'Use another Google account', look: 'text' })}
    </div>
    <form method="post" action="/connect/setup/calendars" data-preview="${JSON.stringify(sampleOf(view))}">
      <input type="hidden" name="csrf" value="${csrf}" />
      <section class="card">${targetField(view, isFirst)}</section>
      ${(offers('sources') || offers('conflicts')) && html`<section class="card">${usesField(view, isFirst)}</section>`}
      ${offers('window') && html`<section class="card">${windowField(connection)}</section>`}
      <section class="card">${shownField(view)}</section>
      <div class="row">
        <button class="button primary" type="submit">${isFirst ? 'Start syncing' : 'Save and sync'}</button>
      </div>
    </form>`
}

function targetField({ brand, calendars, hasTargetElsewhere, offers }: ChooseView, isFirst: boolean): Html {
  if (hasTargetElsewhere)
    return html`<h2>Where your appointments go</h2>
      <p class="hint">Your appointments already go to another Google account of yours. This one is only read.</p>
      <input type="hidden" name="target" value="none" />`
  const now = calendars.find(calendar => calendar.isTarget)
  return html`<fieldset>
    <legend>Where your appointments go</legend>
    <p class="hint">Appointments from ${brand.productName} are written into this Google calendar.</p>
    ${offers('new_calendar') && newCalendarChoice(`${brand.productName} appointments`, now === undefined && isFirst)}
    ${calendars.filter(calendar => offers('existing_calendar') || calendar.isTarget).map(targetChoice)}
    ${
      !isFirst &&
      html`<div class="choice">
        <input type="radio" name="target" id="target-none" value="none" ${now === undefined && html`checked`} />
        <label for="target-none">Nowhere: only read my calendars</label>
      </div>`
    }
  </fieldset>`
}

function newCalendarChoice(name: string, isChecked: boolean): Html {
  return html`<div class="choice">
      <input type="radio" name="target" id="target-create" value="create" required ${isChecked && html`checked`} />
      <div class="stack">
        <label for="target-create">A new calendar of its own <span class="badge">recommended</span></label>
        <span class="why">Keeps appointments apart, easy to hide or share.</span>
      </div>
    </div>
    <div class="indent stack">
      <label for="create-name">Name of the new calendar</label>
      <input type="text" id="create-name" name="createName" maxlength="100" value="${name}" autocomplete="off" />
    </div>`
}

function targetChoice(calendar: CalendarChoice): Html {
  const id = `target-${calendar.id}`
  return html`<div class="choice ${!calendar.canBeTarget && 'off'}">
    <input
      type="radio"
      name="target"
      id="${id}"
      value="id:${calendar.id}"
      required
      ${calendar.isTarget && html`checked`}
      ${!calendar.canBeTarget && html`disabled aria-describedby="${id}-why"`}
    />
    <label for="${id}">
      ${calendar.summary}${calendar.isPrimary && html` <span class="badge">main calendar</span>`}
      ${!calendar.canBeTarget && html`<span class="why" id="${id}-why">${calendar.reason}</span>`}
    </label>
  </div>`
}

function usesField({ brand, calendars, offers }: ChooseView, isFirst: boolean): Html {
  const isSource = (calendar: CalendarChoice): boolean => (isFirst ? calendar.isPrimary : calendar.isSource)
  const sources = html`<fieldset>
    <legend>Calendars shown in ${brand.productName}</legend>
    <p class="hint">Their events appear in ${brand.productName}, locked: they are changed in Google only.</p>
    ${calendars.map(calendar => useChoice('source', calendar, isSource(calendar), calendar.canBeSource))}
  </fieldset>`
  const conflicts = html`<fieldset>
    <legend>Calendars that only block time</legend>
    <p class="hint">When you are busy there, you cannot be booked. No titles are kept.</p>
    ${calendars.map(calendar => useChoice('conflict', calendar, calendar.isConflict, calendar.canBeConflict))}
  </fieldset>`
  const isBoth = offers('sources') && offers('conflicts')
  return html`${offers('sources') && sources} ${isBoth && html`<hr />`} ${offers('conflicts') && conflicts}`
}

function useChoice(
  use: 'source' | 'conflict',
  calendar: CalendarChoice,
  isChecked: boolean,
  isPossible: boolean,
): Html {
  const id = `${use}-${calendar.id}`
  return html`<div class="choice ${!isPossible && 'off'}">
    <input
      type="checkbox"
      name="${use}s"
      id="${id}"
      value="${calendar.id}"
      ${isChecked && isPossible && html`checked`}
      ${!isPossible && html`disabled aria-describedby="${id}-why"`}
    />
    <label for="${id}">
      ${calendar.summary}${!calendar.canBeTarget && html` <span class="badge">${roleLabel(calendar.accessRole)}</span>`}
      ${!isPossible && html`<span class="why" id="${id}-why">${calendar.reason}</span>`}
    </label>
  </div>`
}

function roleLabel(role: string): string {
  return role === 'freeBusyReader' ? 'busy times only' : 'read-only'
}

function windowField({ window }: ConnectionResource): Html {
  return html`<fieldset>
    <legend>How far</legend>
    <p class="hint">The range moves along with every day.</p>
    <div class="pair">
      <div>
        <label for="days-back">Days back</label>
        <input type="number" id="days-back" name="daysBack" min="0" max="3650" required value="${window.daysBack}" />
      </div>
      <div>
        <label for="days-ahead">Days ahead</label>
        <input type="number" id="days-ahead" name="daysAhead" min="1" max="3650" required value="${window.daysAhead}" />
      </div>
    </div>
  </fieldset>`
}

const TITLES: Readonly<Record<string, string>> = {
  full: 'The full title',
  kind: 'Only what kind it is',
  busy: 'Only “Busy”',
}

const KINDS: Readonly<Record<string, string>> = {
  appointment: 'Appointments',
  meeting: 'Meetings',
  task: 'Tasks',
  event: 'Events',
  block: 'Blocked time',
}

function shownField(view: ChooseView): Html {
  const { brand, connection, allowed, offers } = view
  const { presentation } = connection.policies
  const titles = titleChoices(allowed.presentation)
  const masking = html`<fieldset>
    <legend>What Google will show</legend>
    <p class="hint">Anyone who can see your Google calendar sees this much of an appointment.</p>
    ${titles.map(
      (title, index) =>
        html`<div class="choice">
          <input
            type="radio"
            name="title"
            id="title-${index}"
            value="${title}"
            ${title === presentation.title && html`checked`}
          />
          <label for="title-${index}">${TITLES[title] ?? 'The short form that your organisation chose'}</label>
        </div>`,
    )}
    <div class="tiles">
      ${detailChoice('location', 'Place', allowed.presentation.location, presentation.location)}
      ${detailChoice('description', 'Notes', allowed.presentation.description, presentation.description)}
    </div>
    ${titles.length < 3 && html`<p class="hint small">${brand.productName} does not send more than this to Google.</p>`}
  </fieldset>`
  const fixed = html`<h2>What Google will show</h2>
    <p class="hint">${brand.productName} has decided this for everyone.</p>`
  return html`${offers('masking') ? masking : fixed}
    <div class="preview" role="group" aria-label="Preview">
      <p class="label">In Google Calendar it will look like this</p>
      <div class="event" aria-live="polite">
        <div class="when">Tue 9:00 – 9:30</div>
        <div class="title" data-shown="title">${sampleTitle(presentation.title)}</div>
        <div class="more" data-shown="location">${presentation.location && anAppointmentLike.location}</div>
        <div class="more" data-shown="description">${presentation.description && anAppointmentLike.description}</div>
      </div>
    </div>
    ${
      offers('kinds') &&
      html`<hr />
        ${kindsField(view)}`
    }`
}

function kindsField({ connection, allowed }: ChooseView): Html {
  const { include } = connection.policies
  return html`<fieldset>
    <legend>What to send</legend>
    <div class="tiles">
      ${allowed.include.kinds.map(
        kind =>
          html`<div class="choice">
            <input
              type="checkbox"
              name="kinds"
              id="kind-${kind}"
              value="${kind}"
              ${include.kinds.includes(kind) && html`checked`}
            />
            <label for="kind-${kind}">${KINDS[kind] ?? kind}</label>
          </div>`,
      )}
    </div>
  </fieldset>`
}

function detailChoice(name: 'location' | 'description', label: string, isAllowed: boolean, isShown: boolean): Html {
  return html`<div class="choice ${!isAllowed && 'off'}">
    <input
      type="checkbox"
      name="${name}"
      id="show-${name}"
      value="yes"
      ${isShown && html`checked`}
      ${!isAllowed && html`disabled`}
    />
    <label for="show-${name}">${label}${!isAllowed && html`<span class="why">Not sent</span>`}</label>
  </div>`
}

function sampleTitle(mode: string): string {
  return anAppointmentLike.titles(mode)
}

function sampleOf({ allowed }: ChooseView): Record<string, unknown> {
  const modes = titleChoices(allowed.presentation)
  const { location, description } = anAppointmentLike
  return { titles: Object.fromEntries(modes.map(mode => [mode, sampleTitle(mode)])), location, description }
}
