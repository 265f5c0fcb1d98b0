import type { Instant } from '../core/model/time.ts'

/** Clock, chance and identity: everything a test moves by hand. */
export interface System {
  now(): Instant
  /** Uniform in [0, 1). */
  random(): number
  /** A new identifier, sortable by time (UUIDv7), never given twice. */
  newId(): string
  /** `bytes` unguessable bytes as base64url. */
  newSecret(bytes: number): string
  /** Resolves after `ms`, or at once with the signal's abort. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}
