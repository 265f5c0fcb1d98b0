import { randomBytes } from 'node:crypto'
import type { System } from '../../ports/system.ts'

const SEQUENCE_LIMIT = 0x1000

/** The machine's clock, timers and chance. */
export function realSystem(): System {
  const newId = uuidV7Source()
  return {
    now: () => Date.now(),
    random: () => Math.random(),
    newId,
    newSecret: bytes => randomBytes(bytes).toString('base64url'),
    sleep,
  }
}

/**
 * UUIDv7 (RFC 9562 §5.7) whose 12 bits after the time count within a millisecond (§6.2, method 1): ids of one process ascend.
 * A spent counter borrows the next millisecond; a clock set back keeps the last one.
 */
function uuidV7Source(): () => string {
  let lastMs = 0
  let sequence = 0
  return () => {
    const nowMs = Date.now()
    if (nowMs > lastMs) {
      lastMs = nowMs
      sequence = randomBytes(2).readUInt16BE() & 0x7ff
    } else if (++sequence === SEQUENCE_LIMIT) {
      lastMs += 1
      sequence = 0
    }
    const bytes = randomBytes(16)
    bytes.writeUIntBE(lastMs, 0, 6)
    bytes.writeUInt16BE(0x7000 | sequence, 6)
    bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
    const hex = bytes.toString('hex')
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
  }
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve()
  return new Promise(resolve => {
    const finish = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, Math.max(0, ms))
    signal?.addEventListener('abort', finish, { once: true })
  })
}
