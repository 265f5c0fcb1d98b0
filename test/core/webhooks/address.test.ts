import { describe, expect, test } from 'vitest'
import { isGlobalUnicast } from '../../../src/core/webhooks/address.ts'
import { readDestination } from '../../../src/core/webhooks/endpoint-url.ts'
import { HOSTILE_HOSTS, HOSTILE_URLS } from '../../adapters/webhooks/hostile-hosts.ts'

const GLOBAL = [
  '1.1.1.1',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '126.255.255.255',
  '128.0.0.0',
  '168.63.129.15',
  '168.63.129.17',
  '169.253.255.255',
  '169.255.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '191.255.255.255',
  '192.0.1.0',
  '192.167.255.255',
  '192.169.0.0',
  '198.17.255.255',
  '198.20.0.0',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2001:200::1',
  '2001:4860:4860::8888',
  '2001:db9::1',
  '2003::1',
  '3ffe:ffff::1',
  '2a00:1450:4001:82f:0:0:0:2003',
]
const NOT_GLOBAL = [
  '0.0.0.0',
  '10.0.0.0',
  '127.0.0.1',
  '100.64.0.0',
  '192.0.0.255',
  '224.0.0.0',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:8.8.8.8',
  '64:ff9b::8.8.8.8',
  '1fff:ffff::1',
  '4000::',
  '2001:1ff:ffff::',
  '2002:808:808::1',
  'fe80::1',
  'fe80::1%eth0',
]
/** What no resolver and no URL parser writes is no address, and so nothing to connect to. */
const NO_ADDRESS = [
  '',
  'example.com',
  '1.1.1',
  '1.1.1.1.1',
  '01.1.1.1',
  '1.1.1.256',
  '0x1.1.1.1',
  '1.1.1.1 ',
  '2606:4700::1::1',
  '2606:4700',
  '2606:4700:4700:0:0:0:0:0:1',
  '2606::47000',
  '2606:4700:4700::1.1.1',
  '2606::g',
  ':2606::1',
  '::2606:1:2:3:4:5:6:7',
]

test.each(GLOBAL)('%s is an address anybody could have', address => expect(isGlobalUnicast(address)).toBe(true))
test.each([...NOT_GLOBAL, ...NO_ADDRESS])('"%s" is none that we connect to', address =>
  expect(isGlobalUnicast(address)).toBe(false),
)

describe('an endpoint’s address', () => {
  test('the corpus is as large as it says', () => {
    expect(new Set(HOSTILE_HOSTS).size).toBe(HOSTILE_HOSTS.length)
    expect(HOSTILE_HOSTS.length).toBeGreaterThanOrEqual(150)
  })

  test.each(HOSTILE_HOSTS)('https://%s/ is refused when it is made', host => {
    expect(readDestination(`https://${host}/hook`, [])).toMatchObject({ ok: false })
    expect(readDestination(`https://${host}:8443/hook`, [])).toMatchObject({ ok: false })
    expect(readDestination(`http://${host}/hook`, [])).toMatchObject({ ok: false })
  })

  test.each(HOSTILE_URLS)('"%s" is refused when it is made', url =>
    expect(readDestination(url, [])).toMatchObject({ ok: false }),
  )

  test.each([
    ['https://hooks.example.com/lockstep?a=b', 'hooks.example.com', 443, '/lockstep?a=b'],
    ['https://HOOKS.example.com:8443', 'hooks.example.com', 8443, '/'],
    ['https://1.1.1.1/', '1.1.1.1', 443, '/'],
    ['https://[2606:4700:4700::1111]/x#fragment', '2606:4700:4700::1111', 443, '/x'],
    ['https://bücher.example/', 'xn--bcher-kva.example', 443, '/'],
    ['https://localhost.example.com/', 'localhost.example.com', 443, '/'],
  ])('%s is taken', (url, host, port, path) => {
    expect(readDestination(url, [])).toMatchObject({
      ok: true,
      value: { host, port, path, isTls: true, mayBePrivate: false },
    })
  })

  test('what an operator named by host and port is taken, over http too, and nothing beside it', () => {
    const allowed = ['platform.internal:8080', '127.0.0.1:9000', '[::1]:9000']
    const mayGo = (url: string) => readDestination(url, allowed).ok
    expect(mayGo('http://platform.internal:8080/hook')).toBe(true)
    expect(mayGo('https://platform.internal:8080/hook')).toBe(true)
    expect(mayGo('http://127.1:9000/')).toBe(true)
    expect(readDestination('http://[::1]:9000/', allowed)).toMatchObject({ value: { host: '::1', mayBePrivate: true } })
    expect(mayGo('http://platform.internal:8081/hook')).toBe(false)
    expect(mayGo('https://platform.internal/hook')).toBe(false)
    expect(mayGo('https://127.0.0.1/')).toBe(false)
    expect(mayGo('http://user:pass@127.0.0.1:9000/')).toBe(false)
    expect(mayGo('http://evil.platform.internal:8080/')).toBe(false)
  })

  test('with everything allowed, loopback over http is taken, and still nothing but http', () => {
    expect(readDestination('http://127.0.0.1:3000/', 'any').ok).toBe(true)
    expect(readDestination('http://localhost:1/', 'any').ok).toBe(true)
    expect(readDestination('file:///etc/passwd', 'any').ok).toBe(false)
  })
})
