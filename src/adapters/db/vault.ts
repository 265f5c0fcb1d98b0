import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { Vault } from '../../ports/secrets.ts'

/** A key of 32 bytes under the name that sealed texts carry. */
export type SecretKey = { id: string; key: Buffer }

const ALGORITHM = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16
const FORMAT = 'v1'

/**
 * AES-256-GCM with a random nonce of 96 bits. A sealed text is `v1:keyId:nonce:cipher` (base64url; the tag ends the cipher). The
 * context, the format and the key's id are authenticated with it, so it opens neither in another row nor under another key's name.
 * @param keys the first seals, all open.
 */
export function createVault(keys: readonly SecretKey[]): Vault {
  const [newest] = keys
  if (newest === undefined) throw new Error('a vault needs a key')
  const byId = new Map(keys.map(({ id, key }) => [id, key]))
  return {
    seal: (plain, context) => {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv(ALGORITHM, newest.key, nonce, { authTagLength: TAG_BYTES })
      cipher.setAAD(authenticated(newest.id, context))
      const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return [FORMAT, newest.id, nonce.toString('base64url'), text.toString('base64url')].join(':')
    },
    open: (sealed, context) => {
      const { keyId, nonce, text } = parse(sealed)
      const key = byId.get(keyId)
      if (key === undefined) throw new Error(`sealed with the unknown key ${keyId}`)
      const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES })
      decipher.setAAD(authenticated(keyId, context))
      decipher.setAuthTag(text.subarray(-TAG_BYTES))
      try {
        return decipher.update(text.subarray(0, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
      } catch (cause) {
        throw new Error('a sealed value was changed or moved', { cause })
      }
    },
    isStale: sealed => parse(sealed).keyId !== newest.id,
  }
}

const authenticated = (keyId: string, context: string): Buffer => Buffer.from([FORMAT, keyId, context].join(':'))

function parse(sealed: string): { keyId: string; nonce: Buffer; text: Buffer } {
  const [, keyId, nonce, text] = /^v1:([^:]+):([\w-]+):([\w-]+)$/.exec(sealed) ?? []
  const bytes = { nonce: Buffer.from(nonce ?? '', 'base64url'), text: Buffer.from(text ?? '', 'base64url') }
  if (keyId === undefined || bytes.nonce.length !== NONCE_BYTES || bytes.text.length < TAG_BYTES)
    throw new Error('not a sealed value')
  return { keyId, ...bytes }
}
