import { fail, succeed, type Result } from '../model/failures.ts'
import { isGlobalUnicast } from './address.ts'

/** Where messages may go besides https addresses on the internet: `any`, or what an operator named as `host:port`. */
export type PrivateAllowance = 'any' | readonly string[]

/** Where a message goes. `host`: as the address names it, IPv6 without brackets; `mayBePrivate`: an operator vouched for it. */
export type Destination = {
  url: string
  isTls: boolean
  host: string
  port: number
  path: string
  mayBePrivate: boolean
}

const URL_LENGTH_MAX = 2_000
/** What a webhook receiver listens on; other ports of a stranger's machine are not for us to knock at. */
const PORTS: readonly number[] = [443, 8443]
const LOCAL_NAME = /(?:^|\.)(?:localhost|local|internal|localdomain|home\.arpa)$/

/**
 * Reads an endpoint's address as browsers do (WHATWG), so that every spelling of an IPv4 address (octal, hexadecimal, one number, full-width
 * digits) is seen for what it is. The error is a sentence for the sender. What a name leads to is checked at each connection.
 */
export function readDestination(
  text: string,
  allowed: PrivateAllowance,
  ports: readonly number[] = PORTS,
): Result<Destination, string> {
  if (text.length > URL_LENGTH_MAX) return fail(`must not be longer than ${URL_LENGTH_MAX} characters`)
  const url = URL.parse(text)
  if (url === null) return fail('must be a whole address such as https://hooks.example.com/lockstep')
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return fail('must be an https address')
  if (url.username !== '' || url.password !== '') return fail('must not hold a user name or password')
  const isTls = url.protocol === 'https:'
  const port = url.port === '' ? (isTls ? 443 : 80) : Number(url.port)
  const mayBePrivate = isAllowed(url.hostname, port, allowed)
  const destination: Destination = {
    url: `${url.origin}${url.pathname}${url.search}`,
    isTls,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port,
    path: `${url.pathname}${url.search}`,
    mayBePrivate,
  }
  if (mayBePrivate) return succeed(destination)
  if (!isTls) return fail('must be an https address')
  if (!ports.includes(port)) return fail(`must use one of the ports ${ports.join(', ')}`)
  if (LOCAL_NAME.test(destination.host.replace(/\.$/, ''))) return fail('must not name a machine of a private network')
  if (isAddress(destination.host) && !isGlobalUnicast(destination.host))
    return fail('must not be a private, loopback or otherwise special address')
  return succeed(destination)
}

function isAllowed(hostname: string, port: number, allowed: PrivateAllowance): boolean {
  return allowed === 'any' || allowed.includes(`${hostname}:${port}`)
}

/** After WHATWG parsing an IPv4 address is four numbers, and only an IPv6 one holds a colon. */
function isAddress(host: string): boolean {
  return host.includes(':') || /^\d+\.\d+\.\d+\.\d+$/.test(host)
}
