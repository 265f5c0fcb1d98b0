import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ConfigError, readConfig, readDatabaseConfig, SETTINGS, type Environment } from '../src/config.ts'

const key = randomBytes(32).toString('base64')
const complete: Environment = {
  SECRET_KEYS: `k2:${key},k1:${randomBytes(32).toString('base64')}`,
  ADMIN_TOKEN: 'an admin token',
  GOOGLE_CLIENT_ID: 'client.apps.example',
  GOOGLE_CLIENT_SECRET: 'a client secret',
}

function problemsOf(env: Environment): readonly string[] {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('defaults', () => {
  test('only what cannot have a default must be set', () => {
    expect(problemsOf(complete)).toEqual([])
    const required = Object.entries(SETTINGS).filter(([, setting]) => setting.default === null)
    expect(required.map(([name]) => name)).toEqual(Object.keys(complete))
  })

  test('the service is its own public address until told otherwise, on the port it was given', () => {
    expect(readConfig(complete).publicUrl).toBe('http://127.0.0.1:8080')
    expect(readConfig({ ...complete, PORT: '9999' }).publicUrl).toBe('http://127.0.0.1:9999')
  })

  test.each([
    ['true', 'any'],
    ['false', []],
    ['', []],
    ['10.0.0.5:8080, Hooks.Internal:80,[fd00::1]:443', ['10.0.0.5:8080', 'hooks.internal:80', '[fd00::1]:443']],
  ])('webhooks may go where WEBHOOK_ALLOW_PRIVATE=%s says', (text, expected) => {
    expect(readConfig({ ...complete, WEBHOOK_ALLOW_PRIVATE: text }).webhookAllowed).toEqual(expected)
  })

  test('an empty value counts as unset', () => {
    const config = readConfig({ ...complete, DATABASE_URL: '', POLL_INTERVAL_SECONDS: ' ', LOG_LEVEL: '' })
    expect(config).toMatchObject({ databaseUrl: null, pollIntervalMs: 900_000, logLevel: 'info' })
  })
})

describe('problems', () => {
  test('all are said at once, each with its setting and what to do', () => {
    const problems = problemsOf({ PORT: 'eighty', PUBLIC_URL: 'http://sync.example.org', LOG_LEVEL: 'loud' })
    expect(problems.map(each => each.split(' ', 1)[0])).toEqual([
      'PORT',
      'PUBLIC_URL',
      'SECRET_KEYS',
      'ADMIN_TOKEN',
      'GOOGLE_CLIENT_ID',
      'GOOGLE_CLIENT_SECRET',
      'LOG_LEVEL',
    ])
    expect(problems[0]).toBe('PORT is no whole number in range: write a number from 0 to 65535')
    expect(new ConfigError(problems).message).toContain('7 setting(s) to mend:\n  - PORT is no')
  })

  test.each([
    ['a public address without TLS that others can reach', 'PUBLIC_URL', 'http://sync.example.org'],
    ['a host that only looks like loopback', 'PUBLIC_URL', 'http://127.0.0.1.example.org'],
    ['an address with a query', 'GOOGLE_API_URL', 'https://proxy.example.org?x=1'],
    ['another protocol', 'GOOGLE_TOKEN_URL', 'ftp://example.org'],
    ['a database that is not PostgreSQL', 'DATABASE_URL', 'mysql://localhost/lockstep'],
    ['a port out of range', 'PORT', '65536'],
    ['a negative interval', 'POLL_INTERVAL_SECONDS', '-1'],
    ['an interval of nothing', 'POLL_INTERVAL_SECONDS', '0'],
    ['an allowance in other words', 'WEBHOOK_ALLOW_PRIVATE', 'yes'],
    ['an allowed host without its port', 'WEBHOOK_ALLOW_PRIVATE', '10.0.0.5:80,hooks.internal'],
    ['a key without an id', 'SECRET_KEYS', key],
    ['a key that is too short', 'SECRET_KEYS', `k1:${randomBytes(16).toString('base64')}`],
    ['a key of noughts', 'SECRET_KEYS', `k1:${Buffer.alloc(32).toString('base64')}`],
    ['a token that was to be changed', 'ADMIN_TOKEN', 'changeme'],
    ['a token as in an example', 'ADMIN_TOKEN', '<admin token>'],
    ['a secret that says so', 'GOOGLE_CLIENT_SECRET', 'secret'],
    ['the same key id twice', 'SECRET_KEYS', `k1:${key},k1:${key}`],
  ])('%s is refused', (_sentence, name, text) => {
    expect(problemsOf({ ...complete, [name]: text })).toEqual([expect.stringContaining(`${name} `)])
  })

  test('no secret is repeated in a message', () => {
    const short = randomBytes(24).toString('base64')
    const [problem] = problemsOf({ ...complete, SECRET_KEYS: `k1:${short}` })
    expect(problem).not.toContain(short)
    expect(problem).toContain('24 bytes')
  })
})

describe('values', () => {
  test.each(['http://localhost:8080', 'http://[::1]:8080', 'http://127.1.2.3', 'https://sync.example.org/lockstep'])(
    '%s may be the public address',
    url => {
      expect(readConfig({ ...complete, PUBLIC_URL: url }).publicUrl).toBe(url)
    },
  )

  test('addresses lose their trailing slash', () => {
    const config = readConfig({ ...complete, PUBLIC_URL: 'https://sync.example.org/', GOOGLE_API_URL: 'http://sim:1/' })
    expect(config.publicUrl).toBe('https://sync.example.org')
    expect(config.google.apiUrl).toBe('http://sim:1')
  })

  test('the first secret key encrypts, all are there to decrypt', () => {
    const { secretKeys } = readConfig(complete)
    expect(secretKeys.map(({ id, key }) => [id, key.length])).toEqual([
      ['k2', 32],
      ['k1', 32],
    ])
    expect(secretKeys[0]?.key.toString('base64')).toBe(key)
  })

  test('a command that needs the database alone asks for nothing else', () => {
    const databaseUrl = 'postgres://lockstep@db.example.org/lockstep'
    expect(readDatabaseConfig({ DATABASE_URL: databaseUrl })).toEqual({
      databaseUrl,
      dataDir: './.data',
      logLevel: 'info',
    })
  })
})

test('.env.example names every setting, its help and its default, in order', () => {
  const blocks = readFileSync('.env.example', 'utf8').trim().split('\n\n').slice(1)
  const expected = Object.entries(SETTINGS).map(
    ([name, { help, default: value }]) => `# ${help}\n${value === null ? `${name}=` : `# ${name}=${value}`}`,
  )
  expect(blocks).toEqual(expected)
})
