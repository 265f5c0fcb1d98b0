import { escapeHtml } from './http.ts'
import type { AuthRequest } from './oauth.ts'
import { SCOPE_TEXTS, SIGN_IN_SCOPES } from './scopes.ts'
import type { Account } from './world.ts'

const document = (title: string, main: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="/_page/consent.css">
</head>
<body>
<main>
${main}
</main>
</body>
</html>
`

/** The page shown instead of a redirect when the request itself is wrong, so that no code can reach a stranger. */
export const errorPage = (error: string): string =>
  document(
    'Access blocked',
    `<h1>Access blocked</h1>
<p>This app’s request is invalid.</p>
<p class="code">Error 400: ${escapeHtml(error)}</p>`,
  )

/**
 * The consent page: who you are, and a tick box for each permission but signing in.
 * With one permission alone there is no box: it is all or nothing, as at Google.
 */
export function consentPage(request: AuthRequest, accounts: Account[], query: string, problem?: string): string {
  const asked = request.scopes.filter(scope => !SIGN_IN_SCOPES.includes(scope))
  const isOptional = request.scopes.length > 1
  return document(
    'Sign in – Google Calendar simulator',
    `<p class="note">This is the simulator’s consent page. No real account is involved.</p>
<h1><span class="app">${escapeHtml(request.clientId)}</span> wants to access your account</h1>
${problem === undefined ? '' : `<p class="problem" role="alert">${escapeHtml(problem)}</p>`}
<form method="post" action="/o/oauth2/v2/auth">
<input type="hidden" name="request" value="${escapeHtml(query)}">
<fieldset>
<legend>Account</legend>
${accounts.map((account, position) => accountRow(account, isChosen(request, account, position))).join('\n')}
<label class="other">Another account
<input type="email" name="new_account" placeholder="name@example.com" autocomplete="off"></label>
</fieldset>
<fieldset>
<legend>What ${escapeHtml(request.clientId)} may do</legend>
${asked.map(scope => scopeRow(scope, isOptional)).join('\n')}
</fieldset>
<p class="buttons">
<button name="decision" value="allow">Continue</button>
<button name="decision" value="deny" class="plain">Cancel</button>
</p>
</form>`,
  )
}

const isChosen = (request: AuthRequest, account: Account, position: number): boolean =>
  request.loginHint === null ? position === 0 : request.loginHint === account.email

const accountRow = (account: Account, checked: boolean): string =>
  `<label class="row"><input type="radio" name="account" value="${escapeHtml(account.email)}"${checked ? ' checked' : ''}>
<span><strong>${escapeHtml(account.name)}</strong><br>${escapeHtml(account.email)}</span></label>`

function scopeRow(scope: string, isOptional: boolean): string {
  const text = escapeHtml(SCOPE_TEXTS[scope] ?? scope)
  const value = escapeHtml(scope)
  if (!isOptional) return `<p class="row"><input type="hidden" name="scope" value="${value}">${text}</p>`
  return `<label class="row"><input type="checkbox" name="scope" value="${value}" checked> <span>${text}</span></label>`
}
