/**
 * DECIDES whether an address is one that anybody on the internet could be reached at. All else is refused: what lies behind it is this
 * machine, its neighbours, a cloud's metadata, or a detour to one of them through a translator or a tunnel.
 * Sources: IANA IPv4 and IPv6 Special-Purpose Address Registries, RFC 6890, RFC 6052 (NAT64), RFC 3056 (6to4), RFC 4380 (Teredo).
 */
export function isGlobalUnicast(address: string): boolean {
  const v4 = readIPv4(address)
  if (v4 !== null) return !NOT_GLOBAL_V4.some(block => isWithin(v4, block))
  const v6 = readIPv6(address)
  if (v6 === null) return false
  return isWithin(v6, GLOBAL_V6) && !NOT_GLOBAL_V6.some(block => isWithin(v6, block))
}

/** Bytes, most significant first, and how many leading bits count. */
type Block = { bytes: readonly number[]; bits: number }

const blockV4 = (text: string, bits: number): Block => ({ bytes: readIPv4(text) ?? [], bits })
const blockV6 = (text: string, bits: number): Block => ({ bytes: readIPv6(text) ?? [], bits })

const NOT_GLOBAL_V4: readonly Block[] = [
  blockV4('0.0.0.0', 8), // this network; 0.0.0.0 is the machine itself on Linux
  blockV4('10.0.0.0', 8),
  blockV4('100.64.0.0', 10), // shared by carriers (CGNAT); a cloud's metadata at 100.100.100.200
  blockV4('127.0.0.0', 8),
  blockV4('168.63.129.16', 32), // a cloud's wire server, reachable only from inside it
  blockV4('169.254.0.0', 16), // link-local, with most clouds' metadata
  blockV4('172.16.0.0', 12),
  blockV4('192.0.0.0', 24), // protocol assignments, among them metadata at 192.0.0.192
  blockV4('192.0.2.0', 24), // documentation, likewise 198.51.100 and 203.0.113
  blockV4('192.88.99.0', 24), // 6to4 relays
  blockV4('192.168.0.0', 16),
  blockV4('198.18.0.0', 15), // benchmarks
  blockV4('198.51.100.0', 24),
  blockV4('203.0.113.0', 24),
  blockV4('224.0.0.0', 4), // multicast
  blockV4('240.0.0.0', 4), // reserved, and broadcast
]

/** What was ever given out. Mapped, compatible, NAT64, unique local, link-local, site-local and multicast addresses lie outside. */
const GLOBAL_V6: Block = blockV6('2000::', 3)

const NOT_GLOBAL_V6: readonly Block[] = [
  blockV6('2001::', 23), // protocol assignments: Teredo, benchmarks, ORCHID
  blockV6('2001:db8::', 32), // documentation
  blockV6('2002::', 16), // 6to4: leads to the IPv4 address inside
  blockV6('3fff::', 20), // documentation
]

function isWithin(address: readonly number[], { bytes, bits }: Block): boolean {
  if (address.length !== bytes.length) return false
  return bytes.every((byte, place) => {
    const left = Math.min(8, Math.max(0, bits - place * 8))
    const mask = (0xff << (8 - left)) & 0xff
    return ((address[place] ?? 0) & mask) === (byte & mask)
  })
}

/** Four decimal numbers without leading zeros, as resolvers and the URL parser write them; any other form is no address. */
function readIPv4(text: string): number[] | null {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every(part => /^(?:0|[1-9]\d{0,2})$/.test(part))) return null
  const bytes = parts.map(Number)
  return bytes.every(byte => byte <= 255) ? bytes : null
}

/** RFC 4291 §2.2, with an embedded IPv4 tail. A zone (`%eth0`) is no part of an address that could be global. */
function readIPv6(text: string): number[] | null {
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  const v4 = tail === null ? [] : readIPv4(tail[2] ?? '')
  if (v4 === null) return null
  const groups = tail === null ? text : `${tail[1]}${hex(v4, 0)}:${hex(v4, 2)}`
  const halves = groups.split('::')
  if (halves.length > 2) return null
  const [left, right] = halves.map(half => (half === '' ? [] : half.split(':')))
  const given = [...(left ?? []), ...(right ?? [])]
  if (!given.every(group => /^[0-9a-f]{1,4}$/i.test(group))) return null
  const isShortened = right !== undefined
  if (isShortened ? given.length > 7 : given.length !== 8) return null
  const zeros = Array<string>(8 - given.length).fill('0')
  return [...(left ?? []), ...zeros, ...(right ?? [])].flatMap(group => {
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 0xff]
  })
}

const hex = (bytes: readonly number[], at: number): string =>
  (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)).toString(16)
