import type { Brand } from './brand.ts'
import { html, type Html } from './html.ts'

export type Step = 'sign-in' | 'choose' | 'sync' | 'done'

const STEPS: readonly { step: Step; label: string }[] = [
  { step: 'sign-in', label: 'Sign in' },
  { step: 'choose', label: 'Choose' },
  { step: 'sync', label: 'First sync' },
  { step: 'done', label: 'Done' },
]

type Page = {
  brand: Brand
  title: string
  step: Step | null
  body: Html
  /** Seconds after which a browser without scripts looks again. */
  refreshSeconds?: number
}

export function renderPage({ brand, title, step, body, refreshSeconds }: Page): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title} · ${brand.productName}</title>
        <link rel="icon" href="/connect/assets/icon.svg" />
        <link rel="stylesheet" href="/connect/assets/connect.css" />
        <link rel="stylesheet" href="/connect/assets/theme/${brand.colour.slice(1)}.css" />
        <script src="/connect/assets/connect.js" defer></script>
        ${
          refreshSeconds !== undefined &&
          html`<noscript><meta http-equiv="refresh" content="${refreshSeconds}" /></noscript>`
        }
      </head>
      <body>
        <a class="skip" href="#main">Skip to content</a>
        <header class="top">
          <div class="brand">
            ${
              brand.logoUrl === null
                ? html`<span class="monogram" aria-hidden="true">${monogram(brand.productName)}</span>`
                : html`<img src="${brand.logoUrl}" alt="" width="40" height="40" />`
            }
            <span class="name">${brand.productName}</span>
          </div>
        </header>
        <main id="main" tabindex="-1">${step !== null && steps(step)} ${body}</main>
        <footer class="foot">
          <p>Your Google password is never seen by ${brand.productName}. You can end the connection at any time.</p>
        </footer>
      </body>
    </html> `.text
}

function steps(current: Step): Html {
  const at = STEPS.findIndex(each => each.step === current)
  return html`<ol class="steps" aria-label="Progress">
    ${STEPS.map(
      ({ label }, index) =>
        html`<li
          class="${index < at ? 'past' : index === at ? 'now' : ''}"
          ${index === at && html`aria-current="step"`}
        >
          <span class="dot" aria-hidden="true">${index < at ? '✓' : index + 1}</span>
          <span>${label}</span>
        </li>`,
    )}
  </ol>`
}

function monogram(name: string): string {
  return [...name.trim()][0]?.toUpperCase() ?? '·'
}

/** A message above the page's own content; read out at once. */
export function notice(kind: 'error' | 'info', text: string): Html {
  return html`<div class="notice ${kind}" role="${kind === 'error' ? 'alert' : 'status'}">${text}</div>`
}

/** A form of one button. */
export function buttonForm(form: { action: string; csrf: string; label: string; look?: string }): Html {
  const { action, csrf, label, look = 'plain' } = form
  return html`<form method="post" action="${action}">
    <input type="hidden" name="csrf" value="${csrf}" />
    <button class="button ${look}" type="submit">${label}</button>
  </form>`
}

export function googleButton(label: string): Html {
  return html`<button class="button google" type="submit">
    <svg width="20" height="20" viewBox="0 0 48 48" aria-hidden="true" focusable="false">
      <path
        fill="#EA4335"
        d="M24 9.5c3.54 0 6.71 1.22 9.21 3.6l6.85-6.85C35.9 2.38 30.47 0 24 0 14.62 0 6.51 5.38 2.56 13.22l7.98 6.19C12.43 13.72 17.74 9.5 24 9.5z"
      />
      <path
        fill="#4285F4"
        d="M46.98 24.55c0-1.57-.15-3.09-.38-4.55H24v9.02h12.94c-.58 2.96-2.26 5.48-4.78 7.18l7.73 6c4.51-4.18 7.09-10.36 7.09-17.65z"
      />
      <path
        fill="#FBBC05"
        d="M10.53 28.59c-.48-1.45-.76-2.99-.76-4.59s.27-3.14.76-4.59l-7.98-6.19C.92 16.46 0 20.12 0 24c0 3.88.92 7.54 2.56 10.78l7.97-6.19z"
      />
      <path
        fill="#34A853"
        d="M24 48c6.48 0 11.93-2.13 15.89-5.81l-7.73-6c-2.15 1.45-4.92 2.3-8.16 2.3-6.26 0-11.57-4.22-13.47-9.91l-7.98 6.19C6.51 42.62 14.62 48 24 48z"
      />
    </svg>
    <span>${label}</span>
  </button>`
}
