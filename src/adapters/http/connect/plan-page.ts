import type { Plan } from '../../../usecases/connections/plan.ts'
import type { Brand } from './brand.ts'
import { html, type Html } from './html.ts'

/** As many lines as one reads; the rest is counted. */
const SHOWN_MAX = 15

const WORDS = { insert: 'written', update: 'changed', delete: 'deleted' } as const

/** What starting over would do, before it is done. */
export function resetPlanPage(view: { brand: Brand; csrf: string; plan: Plan; googleEvents: 'keep' | 'remove' }): Html {
  const { brand, csrf, plan, googleEvents } = view
  const { counts } = plan
  const isQuiet = counts.insert + counts.update + counts.delete === 0
  return html`<section class="card">
    <h1>Start over?</h1>
    <p class="soft">
      All calendars are read again from the beginning, as on the first day. Your appointments in ${brand.productName}
      stay as they are, and so do your own events in Google.
    </p>
    <h2>What will happen in Google</h2>
    ${
      isQuiet
        ? html`<p>Nothing will be written. Events that are there already are recognised and paired again.</p>`
        : html`<dl class="facts">
            <dt>Deleted</dt>
            <dd>${events(counts.delete)}</dd>
            <dt>Written anew</dt>
            <dd>${events(counts.insert)}</dd>
            <dt>Changed</dt>
            <dd>${events(counts.update)}</dd>
          </dl>`
    }
    ${!isQuiet && planLines(plan)}
    <p class="soft small">${counts.local} ${counts.local === 1 ? 'pair is' : 'pairs are'} looked up again.</p>
    <div class="row">
      <form method="post" action="/connect/setup/reset">
        <input type="hidden" name="csrf" value="${csrf}" />
        <input type="hidden" name="googleEvents" value="${googleEvents}" />
        <button class="button primary" type="submit">Start over now</button>
      </form>
      <a class="button" href="/connect/setup">Leave everything as it is</a>
    </div>
  </section>`
}

const events = (count: number): string => (count === 1 ? '1 event' : `${count} events`)

function planLines({ google }: Plan): Html {
  const rest = google.length - SHOWN_MAX
  return html`<details>
    <summary>Show them</summary>
    <ul>
      ${google.slice(0, SHOWN_MAX).map(write => html`<li>${write.summary ?? 'An event'}: ${WORDS[write.action]}</li>`)}
      ${rest > 0 && html`<li>and ${rest} more</li>`}
    </ul>
  </details>`
}

/** The way there: what shall become of the events that are in Google. */
export function resetForm(csrf: string): Html {
  return html`<details>
    <summary>Start over</summary>
    <form method="post" action="/connect/setup/plan-reset">
      <input type="hidden" name="csrf" value="${csrf}" />
      <fieldset>
        <legend class="small">What happens to appointments already in Google?</legend>
        <div class="choice">
          <input type="radio" name="googleEvents" id="reset-keep" value="keep" checked />
          <label for="reset-keep">They are recognised and kept</label>
        </div>
        <div class="choice">
          <input type="radio" name="googleEvents" id="reset-remove" value="remove" />
          <label for="reset-remove">They are deleted and written anew</label>
        </div>
      </fieldset>
      <button class="button" type="submit">Show what would happen</button>
    </form>
  </details>`
}
