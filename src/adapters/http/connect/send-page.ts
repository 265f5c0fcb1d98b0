import type { FastifyReply } from 'fastify'
import type { Result } from '../../../core/model/failures.ts'
import type { ServerDeps } from '../app.ts'
import { brandOf, type Brand } from './brand.ts'
import type { Html } from './html.ts'
import { notice, renderPage, type Step } from './layout.ts'
import { messagePage } from './pages.ts'

export async function readBrand({ store }: ServerDeps, tenantId: string): Promise<Brand> {
  const tenant = await store.tenant(tenantId)
  return brandOf(
    tenant?.settings.branding ?? { productName: null, logoUrl: null, colour: null },
    tenant?.name ?? 'Calendar sync',
  )
}

export type PageParts = {
  brand: Brand
  title: string
  step: Step | null
  body: Html
  status?: number
  refreshSeconds?: number
}

/** Nothing inline, nothing from elsewhere but the platform's logo; forms lead here and on to Google. */
export function sendPage(deps: ServerDeps, reply: FastifyReply, parts: PageParts): FastifyReply {
  const { brand, status = 200, ...page } = parts
  const logo = brand.logoUrl === null ? '' : ` ${new URL(brand.logoUrl).origin}`
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "connect-src 'self'",
    `img-src 'self'${logo}`,
    `form-action 'self' ${googleOrigin(deps)}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
  return reply
    .status(status)
    .header('content-security-policy', policy)
    .type('text/html; charset=utf-8')
    .send(renderPage({ brand, ...page }))
}

/** Browsers hold `form-action` against the redirect that follows a form as well. */
function googleOrigin({ oauth }: ServerDeps): string {
  return new URL(oauth.consentUrl(null, { state: 'x', codeChallenge: 'x', loginHint: null })).origin
}

const NEUTRAL: Brand = { productName: 'Calendar sync', logoUrl: null, colour: '#1a56a8' }

export function sendMessage(
  deps: ServerDeps,
  reply: FastifyReply,
  status: number,
  message: { title: string; text: string },
  brand: Brand = NEUTRAL,
): FastifyReply {
  return sendPage(deps, reply, { brand, title: message.title, step: null, body: messagePage(message), status })
}

/** A refusal as a line above the page; null where all is well. */
export function refusalNotice(outcome: Result<unknown, { kind: string }> | null): Html | null {
  if (outcome === null || outcome.ok) return null
  const error: { kind: string; detail?: string; problems?: readonly { message: string }[] } = outcome.error
  return notice('error', error.detail ?? error.problems?.map(each => each.message).join('; ') ?? 'That did not work.')
}
