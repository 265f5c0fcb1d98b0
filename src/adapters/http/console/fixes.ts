import type { Fix, Trouble } from '../../../core/operations/trouble.ts'
import type { ConnectionHealth } from '../../../ports/store/overview.ts'
import { html, type Html } from '../connect/html.ts'
import { actionButton, connectionUrl, tenantUrl } from './layout.ts'
import type { Visit } from './session.ts'

const LABELS: Record<Fix, string> = {
  'connect-link': 'Make a connect link',
  refresh: 'Look again',
  retry: 'Try again',
  sync: 'Read now',
  watch: 'Open a channel',
  release: 'Look and decide',
  'read-again': 'Read again',
}

/** The one button that mends a trouble, or the link to where it is decided. */
export function fixButton(of: {
  visit: Visit
  row: Pick<ConnectionHealth, 'tenantId' | 'connectionId'>
  fix: Fix | null
  trouble: Trouble
}): Html {
  const { visit, row, fix, trouble } = of
  const url = connectionUrl(row.tenantId, row.connectionId)
  if (trouble === 'duplicate' || trouble === 'proposal')
    return html`<a class="button" href="${tenantUrl(row.tenantId)}/questions">Answer</a>`
  if (fix === null) return html`<span class="muted">mends itself</span>`
  if (fix === 'release') return html`<a class="button" href="${url}#held">${LABELS[fix]}</a>`
  return actionButton({ action: `${url}/${fix}`, csrf: visit.csrf, label: LABELS[fix], look: 'primary' })
}
