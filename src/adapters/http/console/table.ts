import { html, type Html } from '../connect/html.ts'

/** A column of numbers stands to the right, its head too. */
type Head = string | { number: string }

const headOf = (head: Head): Html =>
  typeof head === 'string' ? html`<th scope="col">${head}</th>` : html`<th scope="col" class="num">${head.number}</th>`

export const table = (label: string, heads: readonly Head[], rows: readonly Html[], none: string): Html =>
  rows.length === 0
    ? html`<p class="empty">${none}</p>`
    : html`<div class="panel scroller" tabindex="0" role="region" aria-label="${label}">
        <table class="list">
          <thead>
            <tr>
              ${heads.map(headOf)}
            </tr>
          </thead>
          <tbody>
            ${rows}
          </tbody>
        </table>
      </div>`
