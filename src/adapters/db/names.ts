import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { Names } from '../../ports/secrets.ts'
import type { SecretKey } from './vault.ts'

const KEY_BYTES = 32
const BASE32HEX = '0123456789abcdefghijklmnopqrstuv'
/** 40 characters of five bits: Google takes 5 to 1024. */
const EVENT_ID_BYTES = 25
const MARKER_BYTES = 18
/** Ends a mark: only who has the key can make one that fits, so a mark is known for ours though nobody knows what it names. */
const MARKER_CHECK_BYTES = 6

/**
 * Keyed hashes (HMAC-SHA256), each purpose under a key of its own (HKDF).
 *
 * Event ids and marker keys stand in Google for as long as the events do, and must come out the same after a rotation: they are made with
 * the OLDEST key, the last in the list. That one stays in the list; `docs/decisions` has the reason. Channel tokens live for days: the
 * newest key makes them, and those of the older keys stay good.
 */
export function createNames(keys: readonly SecretKey[]): Names {
  const [newest, oldest] = [keys[0], keys.at(-1)]
  if (newest === undefined || oldest === undefined) throw new Error('names need a key')
  const eventKey = derived(oldest, 'event id')
  const markerKey = derived(oldest, 'marker')
  const checkKey = derived(oldest, 'marker check')
  const checked = (tenantId: string, mark: Buffer): string =>
    Buffer.concat([
      mark,
      keyed(checkKey, [tenantId, mark.toString('base64url')]).subarray(0, MARKER_CHECK_BYTES),
    ]).toString('base64url')
  const channelKey = derived(newest, 'channel token')
  const channelKeys = keys.map(key => derived(key, 'channel token'))
  return {
    eventId: ({ tenantId, calendarId, appointmentId, generation }) =>
      base32hex(keyed(eventKey, [tenantId, calendarId, appointmentId, String(generation)]).subarray(0, EVENT_ID_BYTES)),
    markerKey: ({ tenantId, appointmentId }) =>
      checked(tenantId, keyed(markerKey, [tenantId, appointmentId]).subarray(0, MARKER_BYTES)),
    isOwnMark: (tenantId, mark) => mark === checked(tenantId, Buffer.from(mark, 'base64url').subarray(0, MARKER_BYTES)),
    channelToken: channelId => keyed(channelKey, [channelId]).toString('base64url'),
    isChannelToken: (channelId, token) => {
      const given = createHash('sha256').update(token).digest()
      // Every key is tried, and hashes of equal length are compared: the time tells neither a key nor a length.
      const matches = channelKeys.map(key => {
        const expected = keyed(key, [channelId]).toString('base64url')
        return timingSafeEqual(given, createHash('sha256').update(expected).digest())
      })
      return matches.includes(true)
    },
    hash: secret => createHash('sha256').update(secret).digest('hex'),
  }
}

const derived = ({ key }: SecretKey, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', key, '', `lockstep ${purpose}`, KEY_BYTES))

/** Lengths are hashed with the parts: ('ab', 'c') and ('a', 'bc') are different names. */
function keyed(key: Buffer, parts: readonly string[]): Buffer {
  const hmac = createHmac('sha256', key)
  for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:${part}`)
  return hmac.digest()
}

/** Five bits per character, in the alphabet that Google asks of event ids; `bytes` must be a multiple of five long. */
function base32hex(bytes: Buffer): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 5) {
    const bits = bytes.readUIntBE(at, 5)
    for (let shift = 35; shift >= 0; shift -= 5) text += BASE32HEX[Math.floor(bits / 2 ** shift) % 32]
  }
  return text
}
