import { createCipheriv, webcrypto } from 'node:crypto'
import { expect, test } from 'vitest'
import { createVault } from '../../src/adapters/db/vault.ts'

const hex = (text: string): Buffer => Buffer.from(text, 'hex')
const gcm = (key: string, nonce: string, aad: string, plain: string): string => {
  const cipher = createCipheriv('aes-256-gcm', hex(key), hex(nonce), { authTagLength: 16 })
  cipher.setAAD(hex(aad))
  return Buffer.concat([cipher.update(hex(plain)), cipher.final(), cipher.getAuthTag()]).toString('hex')
}

/** McGrew and Viega, "The Galois/Counter Mode of Operation", which NIST SP 800-38D is made of: test cases 13, 14 and 16. */
test.each([
  ['nothing', '0'.repeat(64), '0'.repeat(24), '', '', '530f8afbc74536b9a963b4f1c4cb738b'],
  [
    'a block of noughts',
    '0'.repeat(64),
    '0'.repeat(24),
    '',
    '0'.repeat(32),
    'cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919',
  ],
  [
    'sixty bytes with authenticated data',
    'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308',
    'cafebabefacedbaddecaf888',
    'feedfacedeadbeeffeedfacedeadbeefabaddad2',
    'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
    '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662' +
      '76fc6ece0f4e1768cddf8853bb2d551b',
  ],
])('the cipher under the vault gives the published answer for %s', (_what, key, nonce, aad, plain, expected) => {
  expect(gcm(key, nonce, aad, plain)).toBe(expected)
})

test('another implementation opens what the vault sealed, with the context as authenticated data and not without', async () => {
  const key = Buffer.alloc(32, 7)
  const sealed = createVault([{ id: 'k1', key }]).seal('refresh token', 'tenant/connection/refresh')
  const [format, id, nonce = '', text = ''] = sealed.split(':')
  expect([format, id]).toEqual(['v1', 'k1'])
  const secret = await webcrypto.subtle.importKey('raw', key, 'AES-GCM', false, ['decrypt'])
  const open = (context: string) =>
    webcrypto.subtle.decrypt(
      { name: 'AES-GCM', iv: Buffer.from(nonce, 'base64url'), additionalData: Buffer.from(context), tagLength: 128 },
      secret,
      Buffer.from(text, 'base64url'),
    )
  expect(Buffer.from(await open('v1:k1:tenant/connection/refresh')).toString()).toBe('refresh token')
  for (const other of ['v1:k1:tenant/other/refresh', 'v1:k2:tenant/connection/refresh', ''])
    await expect(open(other)).rejects.toThrow()
})
