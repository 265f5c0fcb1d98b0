import type { FastifyReply } from 'fastify'
import { html, type Html } from '../connect/html.ts'
import type { Viewer, Visit } from './session.ts'

/** Where a page stands: the tenant it is about (null: all of them) and which entry of the menu it belongs to. */
export type Place = { tenantId: string | null; tenantName: string | null; menu: Menu | null }
export type Menu = 'connections' | 'writes' | 'questions' | 'webhooks' | 'audit' | 'tenants' | 'quota'

export type ConsolePage = Place & {
  visit: Visit | null
  title: string
  body: Html
  status?: number
  notice?: Notice | null
  /** The part of the change feed that brings the page up to date; null: it stands still. */
  isLive?: boolean
}

export type Notice = { kind: 'good' | 'bad'; text: string; link?: string }

/** Nothing inline, nothing from elsewhere. */
const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

export function sendPage(reply: FastifyReply, page: ConsolePage): FastifyReply {
  return reply
    .status(page.status ?? 200)
    .header('content-security-policy', POLICY)
    .type('text/html; charset=utf-8')
    .send(render(page))
}

function render(page: ConsolePage): string {
  const { visit, title, body, tenantId, notice = null, isLive = false } = page
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>${title} · Lockstep console</title>
        <link rel="icon" href="/console/assets/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/console/assets/console.css" />
        <script src="/console/assets/console.js" defer></script>
      </head>
      <body
        ${isLive && html`data-live="/console/live${tenantId !== null && `?tenant=${encodeURIComponent(tenantId)}`}"`}
      >
        <a class="skip" href="#main">Skip to content</a>
        ${visit === null ? null : topBar(page, visit)}
        <main id="main" tabindex="-1">${notice !== null && noticeBox(notice)}${body}</main>
      </body>
    </html> `.text
}

function topBar(page: ConsolePage, { viewer, csrf }: Visit): Html {
  const { tenantId, tenantName } = page
  const home =
    viewer.kind === 'admin' && tenantId !== null ? `/console?tenant=${encodeURIComponent(tenantId)}` : '/console'
  return html`<header class="top">
    <a class="brand" href="${home}">
      <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
        <rect x="3" y="6" width="15" height="20" rx="4" class="mark-a" />
        <rect x="14" y="6" width="15" height="20" rx="4" class="mark-b" />
      </svg>
      <span><b>Lockstep</b><small>${tenantName ?? 'All tenants'}</small></span>
    </a>
    <nav class="menu" aria-label="Console">${menuOf(viewer, tenantId).map(each => entry(each, page.menu))}</nav>
    ${tenantId !== null && searchForm(tenantId, viewer)}
    <div class="me">
      ${page.isLive === true && html`<span class="live" role="status">live</span>`}
      <span
        class="role"
        title="${viewer.kind === 'admin' ? 'Ids, times, kinds and states; no titles' : 'Signed in by API key'}"
        >${viewer.kind === 'admin' ? 'Operator' : 'Tenant'}</span
      >
      <form method="post" action="/console/sign-out">
        <input type="hidden" name="csrf" value="${csrf}" /><button class="plain">Sign out</button>
      </form>
    </div>
  </header>`
}

type Entry = { menu: Menu; label: string; href: string }

function menuOf(viewer: Viewer, tenantId: string | null): Entry[] {
  const all: Entry[] =
    viewer.kind === 'admin'
      ? [
          { menu: 'tenants', label: 'Tenants', href: '/console/tenants' },
          { menu: 'quota', label: 'Queues & quota', href: '/console/quota' },
        ]
      : []
  if (tenantId === null)
    return [
      { menu: 'connections', label: 'Connections', href: '/console' },
      ...all,
      { menu: 'webhooks', label: 'Webhooks', href: '/console/webhooks' },
      { menu: 'audit', label: 'Audit', href: '/console/audit' },
    ]
  const at = tenantUrl(tenantId)
  return [
    { menu: 'connections', label: 'Connections', href: `/console?tenant=${encodeURIComponent(tenantId)}` },
    { menu: 'writes', label: 'Writes', href: `${at}/writes` },
    { menu: 'questions', label: 'Questions', href: `${at}/questions` },
    { menu: 'webhooks', label: 'Webhooks', href: `${at}/webhooks` },
    { menu: 'audit', label: 'Audit', href: `${at}/audit` },
    ...all,
  ]
}

export const tenantUrl = (tenantId: string): string => `/console/t/${encodeURIComponent(tenantId)}`
export const connectionUrl = (tenantId: string, id: string): string =>
  `${tenantUrl(tenantId)}/connections/${encodeURIComponent(id)}`
export const appointmentUrl = (tenantId: string, id: string): string =>
  `${tenantUrl(tenantId)}/appointments/${encodeURIComponent(id)}`

function entry({ menu, label, href }: Entry, current: Menu | null): Html {
  return html`<a href="${href}" ${menu === current && html`aria-current="page"`}>${label}</a>`
}

function searchForm(tenantId: string, viewer: Viewer): Html {
  const what = viewer.kind === 'admin' ? 'Appointment or event id' : 'Id, event id or title'
  return html`<form class="search" role="search" action="${tenantUrl(tenantId)}/search">
    <label class="sr" for="q">${what}</label>
    <input id="q" type="search" name="q" placeholder="${what}" maxlength="200" />
  </form>`
}

function noticeBox({ kind, text, link }: Notice): Html {
  return html`<div class="notice ${kind}" role="${kind === 'bad' ? 'alert' : 'status'}">
    ${text} ${link !== undefined && html`<input class="copy" readonly value="${link}" aria-label="Link to copy" />`}
  </div>`
}

/** A form of one button. `fields` go along hidden. */
export function actionButton(of: {
  action: string
  csrf: string
  label: string
  look?: 'plain' | 'primary' | 'danger'
  fields?: Readonly<Record<string, string>>
}): Html {
  const { action, csrf, label, look = 'plain', fields = {} } = of
  return html`<form method="post" action="${action}" class="act">
    <input type="hidden" name="csrf" value="${csrf}" />
    ${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
    <button class="${look}" type="submit">${label}</button>
  </form>`
}
