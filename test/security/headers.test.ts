import { beforeAll, expect, test } from 'vitest'
import { createMemoryAudit } from '../support/memory-audit.ts'
import { aClinic, type Clinic } from '../adapters/http/an-app.ts'
import { createMemoryStore } from '../support/memory-store.ts'

let clinic: Clinic
const routes: { method: string; url: string }[] = []

beforeAll(async () => {
  const operator = {
    audit: createMemoryAudit(),
    meters: async () => [],
    quarantined: async () => [],
    release: async () => 0,
  }
  clinic = await aClinic(createMemoryStore, { operator })
  await clinic.app.ready()
  const parts: string[] = []
  for (const line of clinic.app.printRoutes({ commonPrefix: false }).split('\n')) {
    const [, indent = '', part = '', methods] = /^([│ ]*)[├└]── (\S*)(?: \((.+)\))?$/.exec(line) ?? []
    parts.splice(indent.length / 4, Infinity, part)
    for (const method of methods?.split(', ') ?? []) routes.push({ method, url: parts.join('') })
  }
})

/** Documentation pages bring their own policy, which lets their own scripts run. */
const isPage = (url: string): boolean => /^\/(?:docs|connect|console|oauth)(?:\/|$)/.test(url)
const concrete = (url: string): string => url.replaceAll(/:\w+/g, 'some').replaceAll('*', 'some')

const ask = (method: string, url: string) =>
  clinic.app.inject({ method: method as 'GET', url: concrete(url), headers: { origin: 'https://elsewhere.example' } })

test('every route, whatever it answers, keeps from being sniffed, framed, cached and read across origins', async () => {
  expect(routes.length).toBeGreaterThan(80)
  const fixed = {
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    'x-request-id': expect.any(String),
  }
  for (const { method, url } of routes) {
    const { headers } = await ask(method, url)
    const what = `${method} ${url}`
    expect([what, headers]).toEqual([what, expect.objectContaining(fixed)])
    expect([what, headers['content-security-policy']]).toEqual([
      what,
      expect.stringMatching(/default-src '(?:none|self)'/),
    ])
    if (!isPage(url)) {
      expect([what, headers['content-security-policy']]).toEqual([what, "default-src 'none'; frame-ancestors 'none'"])
      expect([what, headers['cache-control']]).toEqual([what, 'no-store'])
    }
    const named = Object.keys(headers).filter(name => /^(?:server|x-powered-by|via|access-control-.*)$/.test(name))
    expect([what, named]).toEqual([what, []])
    expect([what, JSON.stringify(headers)]).toEqual([what, expect.not.stringMatching(/fastify|node\/|express/i)])
  }
})

test('a method that a path does not have is refused: 405 with those it has, and 404 where there is no path', async () => {
  const methods = ['TRACE', 'OPTIONS', 'PUT', 'PATCH', 'DELETE', 'POST', 'GET']
  let refused = 0
  for (const url of new Set(
    routes.filter(route => !isPage(route.url) && !route.url.includes('*')).map(each => each.url),
  ))
    for (const method of methods) {
      // Another pattern may take the same text: `/v1/appointments/:id` stands for `/v1/appointments/batch` too.
      if (routes.some(route => route.method === method && patternOf(route.url).test(concrete(url)))) continue
      const { statusCode, headers } = await ask(method, url)
      const what = `${method} ${url}`
      expect([what, statusCode]).toEqual([what, 405])
      expect([what, String(headers['allow']).split(', ')]).toEqual([what, expect.not.arrayContaining([method])])
      refused += 1
    }
  expect(refused).toBeGreaterThan(200)
  for (const method of methods) expect((await ask(method, '/v1/nosuch')).statusCode).toBe(404)
})

const patternOf = (url: string): RegExp =>
  new RegExp(`^${url.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+').replaceAll('*', '.*')}$`)
