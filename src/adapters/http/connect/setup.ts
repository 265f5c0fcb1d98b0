import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { ConnectionResource } from '../../../core/model/connection-resource.ts'
import type { DomainError, Result } from '../../../core/model/failures.ts'
import { allowedPolicies } from '../../../core/model/policies.ts'
import { isOffered, NO_CONTROLS, type Offer, type TenantControls } from '../../../core/model/tenant-controls.ts'
import type { ConnectLink } from '../../../ports/store/connections.ts'
import { chooseCalendars } from '../../../usecases/calendars/choose-calendars.ts'
import { listCalendars } from '../../../usecases/calendars/list-calendars.ts'
import { checkConnection, type Check } from '../../../usecases/connections/check-connection.ts'
import { disconnect } from '../../../usecases/connections/disconnect.ts'
import { getConnection } from '../../../usecases/connections/get-connection.ts'
import { patchConnection } from '../../../usecases/connections/patch-connection.ts'
import { pauseConnection, resumeConnection } from '../../../usecases/connections/pause-connection.ts'
import { planReset } from '../../../usecases/connections/plan-reset.ts'
import { resetConnection } from '../../../usecases/connections/reset-connection.ts'
import { restartOAuth } from '../../../usecases/connections/start-oauth.ts'
import { pushExisting, syncNow } from '../../../usecases/connections/sync-now.ts'
import { controlsOf } from '../../../usecases/tenants/tenant-settings.ts'
import { cancelRun } from '../../../usecases/runs/cancel-run.ts'
import { getRun, isFinished, runResource, type RunResource } from '../../../usecases/runs/get-run.ts'
import type { App, ServerDeps } from '../app.ts'
import { choosePage } from './choose-page.ts'
import { readChoiceForm, type Form } from './forms.ts'
import { html, type Html } from './html.ts'
import { notice } from './layout.ts'
import { resetPlanPage } from './plan-page.ts'
import { failedRunNotice, goodbyePage, permissionsPage, progressPage, progressText } from './pages.ts'
import { statusPage } from './status-page.ts'
import { readBrand, refusalNotice, sendMessage, sendPage, type PageParts } from './send-page.ts'
import { csrfToken, isCsrfToken, readSession, writeSession, type ConnectSession } from './session.ts'

const open = { access: 'open' } as const
const SETUP = '/connect/setup'
/** The name in the address that says so. */
export const OTHER_ACCOUNT = 'other-account'
/** How soon a browser without scripts looks at a run again. */
const REFRESH_SECONDS = 3

const FormBody = Type.Record(Type.String(), Type.Union([Type.String(), Type.Array(Type.String())]))
const PageQuery = Type.Object({ edit: Type.Optional(Type.String()), notice: Type.Optional(Type.String()) })

/** What one request to the page is about. */
type Visit = {
  deps: ServerDeps
  reply: FastifyReply
  session: ConnectSession
  link: ConnectLink | null
  connection: ConnectionResource | null
  controls: TenantControls
}

export function setupRoutes(app: App, deps: ServerDeps): void {
  app.get(SETUP, { config: open, schema: { hide: true, querystring: PageQuery } }, async (request, reply) => {
    const visit = await enter(deps, request, reply)
    if (visit === null) return sendMessage(deps, reply, 401, SESSION_OVER)
    return show(visit, { isEditing: request.query.edit === 'calendars', noticeName: request.query.notice ?? null })
  })
  app.get(`${SETUP}/progress`, { config: open, schema: { hide: true } }, async (request, reply) => {
    const visit = await enter(deps, request, reply)
    const run = visit === null ? null : await readRun(visit)
    if (run === null) return reply.status(404).send()
    return reply.send({
      text: progressText(run),
      done: run.done,
      total: run.total,
      isFinished: isFinished(run.state),
    })
  })
  for (const [name, action] of Object.entries(ACTIONS))
    app.post(`${SETUP}/${name}`, { config: open, schema: { hide: true, body: FormBody } }, async (request, reply) => {
      const visit = await enter(deps, request, reply)
      if (visit === null) return sendMessage(deps, reply, 401, SESSION_OVER)
      if (!isCsrfToken(deps, visit.session, request.body['csrf'])) return sendMessage(deps, reply, 403, FORGED)
      const offer = NEEDED[name]
      if (offer !== undefined && !isOffered(visit.controls, offer)) return sendMessage(deps, reply, 403, NOT_OFFERED)
      return action(visit, request.body)
    })
}

/** By the name that the way back from Google put into the address. */
const WHAT_WENT_WRONG: Readonly<Record<string, string>> = {
  denied: 'Google was not given permission, so nothing was connected.',
  failed: 'The sign-in could not be completed. Please try once more.',
  'syncing-off': 'Calendar sync is switched off for everyone at the moment. Please try again later.',
  'role-may-not-connect': 'Your organisation does not let you connect a calendar. Ask it if you need to.',
}

function problemOf(noticeName: string | null): string | null {
  if (noticeName === null) return null
  return WHAT_WENT_WRONG[noticeName] ?? WHAT_WENT_WRONG['failed'] ?? null
}

function signedInAs({ googleAccount }: ConnectionResource): string {
  return `You signed in with another Google account than before: ${googleAccount.email}. The earlier one stays as it was; to mend that one, sign in with it.`
}

const SESSION_OVER = {
  title: 'Please open your link again',
  text: 'This page was open for too long, or cookies are blocked. Go back to where you found the link and ask for a new one.',
}
/** What the tenant has to offer for an action to be taken. */
const NEEDED: Readonly<Record<string, Offer>> = {
  sync: 'sync',
  push: 'push_existing',
  'plan-reset': 'start_over',
  reset: 'start_over',
  pause: 'pause',
  resume: 'pause',
  disconnect: 'disconnect',
}
const NOT_OFFERED = {
  title: 'This is not offered here',
  text: 'Your organisation has decided this for everyone. Ask it if you need something else.',
}
const FORGED = { title: 'That form did not come from this page', text: 'Go back, reload the page and try again.' }

async function enter(deps: ServerDeps, request: FastifyRequest, reply: FastifyReply): Promise<Visit | null> {
  const session = readSession(deps, request)
  if (session === null) return null
  const { tenantId, userId, linkHash, connectionId } = session
  const link = await deps.store.connectLinkByHash(linkHash)
  const found = connectionId === null ? null : await getConnection(deps, { tenantId, connectionId })
  const connection = found?.ok === true && found.value.userId === userId ? found.value : null
  const tenant = await deps.store.tenant(tenantId)
  const controls = tenant === null ? NO_CONTROLS : controlsOf(tenant.settings)
  return { deps, reply, session, link, connection, controls }
}

type Shown = {
  isEditing?: boolean
  noticeName?: string | null
  outcome?: Result<unknown, DomainError> | null
  checks?: readonly Check[]
}

/** The page that the connection's state calls for. */
async function show(visit: Visit, shown: Shown = {}): Promise<FastifyReply> {
  const { deps, reply, connection } = visit
  const brand = await readBrand(deps, visit.session.tenantId)
  const refusal = refusalNotice(shown.outcome ?? null)
  const send = (parts: Omit<PageParts, 'brand'>): FastifyReply =>
    sendPage(deps, reply, {
      brand,
      ...parts,
      body: html`${refusal}${parts.body}`,
      ...(shown.outcome?.ok === false ? { status: statusOf(shown.outcome.error) } : {}),
    })
  const csrf = csrfToken(deps, visit.session)
  const returnUrl = backUrl(visit)
  const run = await readRun(visit)
  if (connection === null || connection.status === 'needs_reauth' || connection.missingScopes.length > 0) {
    const required = deps.settings.requiredScopes
    const problem = connection === null ? problemOf(shown.noticeName ?? null) : null
    const body = permissionsPage({ brand, csrf, connection, required, problem })
    return send({ title: 'Permissions', step: 'sign-in', body })
  }
  const otherAccount = shown.noticeName === OTHER_ACCOUNT && notice('info', signedInAs(connection))
  if (connection.status === 'disconnected')
    return send({ title: 'Disconnected', step: null, body: goodbyePage({ brand, returnUrl }) })
  if (run !== null && !isFinished(run.state) && (connection.status === 'pending' || connection.status === 'active'))
    return send({ title: 'Syncing', step: 'sync', body: progressPage({ run, csrf }), refreshSeconds: REFRESH_SECONDS })
  const failedRun = run?.state === 'failed' ? run : null
  if (connection.status === 'pending' || shown.isEditing === true) {
    const body = html`${otherAccount}${failedRun !== null && failedRunNotice(failedRun)}${await chooseBody(visit, connection)}`
    return send({ title: 'Choose your calendars', step: 'choose', body })
  }
  const checks = shown.checks ?? null
  const body = html`${otherAccount}${statusPage({ brand, csrf, connection, returnUrl, failedRun, checks, offers: offer => isOffered(visit.controls, offer) })}`
  return send({ title: 'Your Google connection', step: 'done', body })
}

async function chooseBody({ deps, session, controls }: Visit, connection: ConnectionResource): Promise<Html> {
  const { tenantId, userId } = session
  const offers = (offer: Offer): boolean => isOffered(controls, offer)
  const listed = await listCalendars(deps, { tenantId, connectionId: connection.id })
  const target = await deps.store.targetOf(tenantId, userId)
  const hasTargetElsewhere = target !== null && target.connection.id !== connection.id
  const brand = await readBrand(deps, tenantId)
  const csrf = csrfToken(deps, session)
  const own = (await deps.store.connection(tenantId, connection.id))?.policies ?? {}
  const allowed = allowedPolicies((await deps.store.tenant(tenantId))?.settings.policies ?? {}, own)
  return listed.ok
    ? choosePage({ brand, csrf, connection, allowed, calendars: listed.value, hasTargetElsewhere, offers })
    : html`${refusalNotice(listed)}
        <section class="card">
          <h1>Your calendars could not be read</h1>
          <p class="soft">Google did not give us the list of your calendars.</p>
          <a class="button primary" href="${SETUP}">Try again</a>
        </section>`
}

/** The run that the page follows: the one that is open, else the one it started last. */
async function readRun({ deps, session, connection }: Visit): Promise<RunResource | null> {
  if (connection === null) return null
  const { tenantId, runId } = session
  const open = await deps.store.openRunOf(tenantId, connection.id)
  if (open !== null) return runResource(open, deps.system.now())
  const last = runId === null ? null : await getRun(deps, { tenantId, runId })
  return last?.ok === true ? last.value : null
}

/** Back to the platform, which is told how it ended. */
function backUrl({ link, connection }: Visit): string | null {
  if (link === null || link.returnUrl === null) return null
  const url = new URL(link.returnUrl)
  if (connection !== null) url.searchParams.set('connectionId', connection.id)
  url.searchParams.set('status', connection?.status ?? 'denied')
  return url.href
}

function statusOf({ kind }: DomainError): number {
  return kind === 'unavailable' ? 503 : kind === 'invalid' ? 400 : 409
}

type Action = (visit: Visit, form: Form) => Promise<FastifyReply>

const ACTIONS: Readonly<Record<string, Action>> = {
  google: visit => toGoogle(visit, visit.connection?.googleAccount.email),
  'other-account': visit => toGoogle(visit, undefined),
  calendars: saveChoice,
  sync: (visit, form) => act(visit, form, which => syncNow(visit.deps, which)),
  push: (visit, form) => act(visit, form, which => pushExisting(visit.deps, which)),
  cancel: async visit => {
    const run = await readRun(visit)
    if (run === null) return visit.reply.redirect(SETUP, 303)
    await cancelRun(visit.deps, { tenantId: visit.session.tenantId, runId: run.id }) // one that has just ended is as good
    return visit.reply.redirect(SETUP, 303)
  },
  'plan-reset': planTheReset,
  reset: (visit, form) =>
    act(visit, form, which => resetConnection(visit.deps, { ...which, googleEvents: eventsChoice(form) })),
  pause: (visit, form) => act(visit, form, which => pauseConnection(visit.deps, which)),
  resume: (visit, form) => act(visit, form, which => resumeConnection(visit.deps, which)),
  disconnect: (visit, form) =>
    act(visit, form, which => disconnect(visit.deps, { ...which, googleEvents: eventsChoice(form) })),
  check: async visit => {
    if (visit.connection === null) return visit.reply.redirect(SETUP, 303)
    const { tenantId } = visit.session
    const checked = await checkConnection(visit.deps, { tenantId, connectionId: visit.connection.id })
    return show(visit, checked.ok ? { checks: checked.value.checks } : { outcome: checked })
  },
}

async function toGoogle({ deps, reply, session, link }: Visit, loginHint: string | undefined): Promise<FastifyReply> {
  if (link === null) return sendMessage(deps, reply, 410, SESSION_OVER)
  const flow = { link, browserSecret: session.secret, ...(loginHint === undefined ? {} : { loginHint }) }
  const started = await restartOAuth(deps, flow)
  return started.ok ? reply.redirect(started.value.googleUrl, 303) : sendMessage(deps, reply, 410, SESSION_OVER)
}

async function act(
  visit: Visit,
  _form: Form,
  work: (which: { tenantId: string; connectionId: string }) => Promise<Result<object, DomainError>>,
): Promise<FastifyReply> {
  const { deps, reply, session, connection } = visit
  if (connection === null) return reply.redirect(SETUP, 303)
  const outcome = await work({ tenantId: session.tenantId, connectionId: connection.id })
  if (!outcome.ok) return show(visit, { outcome })
  if ('runId' in outcome.value) writeSession(deps, reply, { ...session, runId: String(outcome.value.runId) })
  return reply.redirect(SETUP, 303)
}

const eventsChoice = (form: Form): 'keep' | 'remove' => (form['googleEvents'] === 'remove' ? 'remove' : 'keep')

async function planTheReset(visit: Visit, form: Form): Promise<FastifyReply> {
  const { deps, reply, session, connection } = visit
  if (connection === null) return reply.redirect(SETUP, 303)
  const { tenantId } = session
  const googleEvents = eventsChoice(form)
  const planned = await planReset(deps, { tenantId, connectionId: connection.id, googleEvents })
  if (!planned.ok) return show(visit, { outcome: planned })
  const brand = await readBrand(deps, tenantId)
  const body = resetPlanPage({ brand, csrf: csrfToken(deps, session), plan: planned.value, googleEvents })
  return sendPage(deps, reply, { brand, title: 'Start over', step: 'done', body })
}

/**
 * What Google may see first, so that nothing is sent under the wider rule; then the calendars, which start the sync. Whoever chooses two-way
 * sync here is done with a feed.
 */
async function saveChoice(visit: Visit, form: Form): Promise<FastifyReply> {
  const { deps, reply, session, connection } = visit
  if (connection === null) return reply.redirect(SETUP, 303)
  const which = { tenantId: session.tenantId, connectionId: connection.id }
  const { change, choice } = asOffered(visit, connection, readChoiceForm(form))
  const patched = await patchConnection(deps, { ...which, ifMatch: null, ...change })
  const outcome = patched.ok
    ? await chooseCalendars(deps, { ...which, choice: { ...choice, replaceFeed: true } })
    : patched
  if (!outcome.ok) return show(visit, { outcome, isEditing: true })
  writeSession(deps, reply, { ...session, runId: outcome.value.runId })
  return reply.redirect(SETUP, 303)
}

/** What the form may say; of what is not offered, what holds already stays. On the first visit the main calendar is read. */
function asOffered(
  { controls }: Visit,
  { calendars, policies }: ConnectionResource,
  { window, wish, choice }: ReturnType<typeof readChoiceForm>,
) {
  const offers = (offer: Offer): boolean => isOffered(controls, offer)
  const { presentation, include } = policies
  const { title, description, location } = presentation
  const masking = {
    ...(offers('masking') ? wish : { title, description, location }),
    kinds: offers('kinds') ? wish.kinds : include.kinds,
  }
  const isFirst = !calendars.some(({ isTarget, isSource }) => isTarget || isSource)
  const sources = calendars.filter(({ isSource, isPrimary }) => (isFirst ? isPrimary : isSource)).map(({ id }) => id)
  const conflicts = calendars.filter(({ isConflict }) => isConflict).map(({ id }) => id)
  return {
    change: { masking, ...(offers('window') ? { window } : {}) },
    choice: {
      ...choice,
      sources: offers('sources') ? choice.sources : sources,
      conflicts: offers('conflicts') ? choice.conflicts : conflicts,
    },
  }
}
