import { existsSync } from 'node:fs'

/** One setting as an operator meets it. `default` null: required; '': may stay unset. */
type Setting = { type: keyof typeof READERS; default: string | null; help: string }

/** A text that could not be read: why, and what to write instead. */
type Unreadable = { why: string; remedy: string }
type Reading<T> = { ok: true; value: T } | { ok: false; error: Unreadable }

export type SecretKey = { id: string; key: Buffer }
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent']
const SECRET_KEY_BYTES = 32
const MAKE_KEY = `node -p "'k1:' + require('crypto').randomBytes(32).toString('base64')"`
const MAKE_TOKEN = `node -p "require('crypto').randomBytes(32).toString('base64url')"`

/** How the text of each type becomes a value. */
/** What stands in examples in place of a secret. */
const PLACEHOLDER =
  /^(?:<.*>|x+|\.+|\*+|(?:your|my)[-_ ].*|(?:change|replace)[-_ ]?(?:me|this|it)|secret|password|admin|token|test|example|todo)$/i

const READERS = {
  text: (text: string): Reading<string> => read(text),
  secret: (text: string): Reading<string> =>
    PLACEHOLDER.test(text) ? unreadable('is a placeholder', 'set a secret of your own') : read(text),
  optional: (text: string): Reading<string | null> => read(text === '' ? null : text),
  port: (text: string): Reading<number> => readInteger(text, 0, 65_535),
  count: (text: string): Reading<number> => readInteger(text, 1, 10_000_000),
  seconds: (text: string): Reading<number> => readInteger(text, 1, 31_536_000),
  share: (text: string): Reading<number> =>
    /^(?:0|1|0?\.\d{1,6}|1\.0+)$/.test(text)
      ? read(Number(text))
      : unreadable('is no share', 'write a number from 0 to 1'),
  allowance: readAllowance,
  level: (text: string): Reading<LogLevel> => {
    const level = LOG_LEVELS.find(each => each === text)
    return level === undefined ? unreadable('is no log level', `write one of ${LOG_LEVELS.join(', ')}`) : read(level)
  },
  url: readUrl,
  publicUrl: (text: string): Reading<string> => {
    const url = readUrl(text)
    if (!url.ok || isSafeTransport(url.value)) return url
    return unreadable('is http on an address others can reach', 'put TLS in front and write its https:// address')
  },
  postgresUrl: (text: string): Reading<string | null> =>
    text === '' || /^postgres(ql)?:\/\/[^/]/.test(text)
      ? read(text === '' ? null : text)
      : unreadable('is no PostgreSQL URL', 'write postgres://user:password@host:5432/database, or leave it unset'),
  keys: readKeys,
}

/** Every setting there is. `.env.example` repeats names, defaults and help; a test compares the two. */
export const SETTINGS = {
  HOST: { type: 'text', default: '127.0.0.1', help: 'address the service listens on' },
  PORT: { type: 'port', default: '8080', help: 'port the service listens on' },
  PUBLIC_URL: {
    type: 'publicUrl',
    default: 'http://127.0.0.1:$PORT',
    help: 'base under which Google and browsers reach the service; https unless loopback',
  },
  DATABASE_URL: {
    type: 'postgresUrl',
    default: '',
    help: 'PostgreSQL 15 or newer, by a user with CREATEROLE; unset: an embedded database in DATA_DIR, for one process only',
  },
  DATA_DIR: { type: 'text', default: './.data', help: 'folder of the embedded database' },
  INSTANCE_ID: {
    type: 'optional',
    default: '',
    help: 'name of this installation, such as production. A database that belongs to another one (a clone) is not worked on until `lockstep adopt-database`',
  },
  SECRET_KEYS: {
    type: 'keys',
    default: null,
    help: `id:base64(32 bytes)[,id:...]; the first encrypts, all decrypt. Make one: ${MAKE_KEY}`,
  },
  ADMIN_TOKEN: {
    type: 'secret',
    default: null,
    help: `bearer token for /v1/tenants and the operators' console. Make one: ${MAKE_TOKEN}`,
  },
  GOOGLE_CLIENT_ID: { type: 'text', default: null, help: 'OAuth client of the Google project' },
  GOOGLE_CLIENT_SECRET: { type: 'secret', default: null, help: 'secret of that OAuth client' },
  GOOGLE_API_URL: {
    type: 'url',
    default: 'https://www.googleapis.com',
    help: 'root URL: requests go to $GOOGLE_API_URL/calendar/v3/...; for a simulator or a proxy',
  },
  GOOGLE_AUTH_URL: {
    type: 'url',
    default: 'https://accounts.google.com/o/oauth2/v2/auth',
    help: "Google's consent page",
  },
  GOOGLE_TOKEN_URL: { type: 'url', default: 'https://oauth2.googleapis.com/token', help: "Google's token endpoint" },
  GOOGLE_REVOKE_URL: {
    type: 'url',
    default: 'https://oauth2.googleapis.com/revoke',
    help: "Google's revocation endpoint",
  },
  GOOGLE_PROJECT_RPM: {
    type: 'count',
    default: '10000',
    help: 'requests a minute of the Google project, kept across all instances',
  },
  GOOGLE_USER_RPM: { type: 'count', default: '600', help: 'requests a minute of one Google user, kept likewise' },
  CHANNEL_TTL_SECONDS: {
    type: 'seconds',
    default: '604800',
    help: "asked for a watch channel; Google's answer is what counts",
  },
  POLL_INTERVAL_SECONDS: {
    type: 'seconds',
    default: '900',
    help: 'how long a calendar may go without a pull when no push comes',
  },
  SAMPLE_SHARE: {
    type: 'share',
    default: '0.01',
    help: 'share of the calendars that is compared with what Google shows each day, from 0 (none) to 1 (each one daily)',
  },
  WEBHOOK_ALLOW_PRIVATE: {
    type: 'allowance',
    default: 'false',
    help: 'allow customer endpoints on private or loopback addresses: host:port[,host:port...], or true for all (tests, demo)',
  },
  LOCKSTEP_RECORD: {
    type: 'optional',
    default: '',
    help: 'folder for a recording of what Google is asked and answers, without tokens, addresses and titles; for finding faults',
  },
  LOG_LEVEL: { type: 'level', default: 'info', help: LOG_LEVELS.join(', ') },
} as const satisfies Record<string, Setting>

export type SettingName = keyof typeof SETTINGS
type ValueOf<R> = R extends { ok: true; value: infer T } ? T : never
type Values = { [N in SettingName]: ValueOf<ReturnType<(typeof READERS)[(typeof SETTINGS)[N]['type']]>> }

export type DatabaseConfig = { databaseUrl: string | null; dataDir: string; logLevel: LogLevel }
export type Config = DatabaseConfig & {
  host: string
  port: number
  /** Without a trailing slash, like all addresses here. */
  publicUrl: string
  /** Whose database this is to be; null: no name was given. */
  instanceId: string | null
  secretKeys: readonly SecretKey[]
  adminToken: string
  google: {
    clientId: string
    clientSecret: string
    apiUrl: string
    authUrl: string
    tokenUrl: string
    revokeUrl: string
    projectPerMinute: number
    userPerMinute: number
  }
  channelTtlSeconds: number
  pollIntervalMs: number
  /** Of the calendars, compared with Google each day. */
  sampleShare: number
  /** Where conversations with Google are recorded; null: nowhere. */
  recordFolder: string | null
  /** Where webhooks may go besides https addresses on the internet: anywhere, or to these `host:port`. */
  webhookAllowed: 'any' | readonly string[]
}

export type Environment = Readonly<Record<string, string | undefined>>

/** Says every problem at once: which setting, what is wrong with it, what to do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(`${problems.length} setting(s) to mend:\n${problems.map(each => `  - ${each}`).join('\n')}`)
    this.problems = problems
  }
}

/** What this process was given: its environment, and outside production a `.env` file beside it for what is not set. */
export function environment(): Environment {
  if (process.env.NODE_ENV !== 'production' && existsSync('.env')) process.loadEnvFile('.env')
  return process.env
}

/** @throws ConfigError with all problems. */
export function readConfig(env: Environment): Config {
  const values = readValues(env, settingNames())
  return {
    ...databaseConfig(values),
    host: values.HOST,
    port: values.PORT,
    publicUrl: values.PUBLIC_URL,
    instanceId: values.INSTANCE_ID,
    secretKeys: values.SECRET_KEYS,
    adminToken: values.ADMIN_TOKEN,
    google: {
      clientId: values.GOOGLE_CLIENT_ID,
      clientSecret: values.GOOGLE_CLIENT_SECRET,
      apiUrl: values.GOOGLE_API_URL,
      authUrl: values.GOOGLE_AUTH_URL,
      tokenUrl: values.GOOGLE_TOKEN_URL,
      revokeUrl: values.GOOGLE_REVOKE_URL,
      projectPerMinute: values.GOOGLE_PROJECT_RPM,
      userPerMinute: values.GOOGLE_USER_RPM,
    },
    channelTtlSeconds: values.CHANNEL_TTL_SECONDS,
    pollIntervalMs: values.POLL_INTERVAL_SECONDS * 1_000,
    sampleShare: values.SAMPLE_SHARE,
    recordFolder: values.LOCKSTEP_RECORD,
    webhookAllowed: values.WEBHOOK_ALLOW_PRIVATE,
  }
}

/** For commands that need nothing but the database. @throws ConfigError with all problems. */
export function readDatabaseConfig(env: Environment): DatabaseConfig {
  return databaseConfig(readValues(env, ['DATABASE_URL', 'DATA_DIR', 'LOG_LEVEL']))
}

function databaseConfig(values: Pick<Values, 'DATABASE_URL' | 'DATA_DIR' | 'LOG_LEVEL'>): DatabaseConfig {
  return { databaseUrl: values.DATABASE_URL, dataDir: values.DATA_DIR, logLevel: values.LOG_LEVEL }
}

function settingNames(): SettingName[] {
  return Object.keys(SETTINGS) as SettingName[] // the keys of a constant are its names
}

function readValues<N extends SettingName>(env: Environment, names: readonly N[]): Pick<Values, N> {
  const problems: string[] = []
  const values: Record<string, unknown> = {}
  for (const name of names) {
    const setting: Setting = SETTINGS[name]
    const text = env[name]?.trim() ?? ''
    if (text === '' && setting.default === null) {
      problems.push(`${name} is not set: ${setting.help}`)
      continue
    }
    const reading = READERS[setting.type](text === '' ? defaultOf(setting, env) : text)
    if (reading.ok) values[name] = reading.value
    else problems.push(`${name} ${reading.error.why}: ${reading.error.remedy}`)
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return values as Pick<Values, N> // each name was read by its own reader above
}

/** A port that cannot be read is one problem, not a second one of the address made of it. */
function defaultOf(setting: Setting, env: Environment): string {
  const port = env.PORT?.trim() ?? ''
  return (setting.default ?? '').replace('$PORT', READERS.port(port).ok ? port : SETTINGS.PORT.default)
}

function read<T>(value: T): Reading<T> {
  return { ok: true, value }
}

function unreadable(why: string, remedy: string): { ok: false; error: Unreadable } {
  return { ok: false, error: { why, remedy } }
}

function readInteger(text: string, least: number, most: number): Reading<number> {
  const value = /^\d+$/.test(text) ? Number(text) : NaN
  return value >= least && value <= most
    ? read(value)
    : unreadable('is no whole number in range', `write a number from ${least} to ${most}`)
}

function readUrl(text: string): Reading<string> {
  const url = URL.parse(text)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    return unreadable('is no web address', 'write a whole URL such as https://sync.example.org')
  }
  if (url.username !== '' || url.search !== '' || url.hash !== '') {
    return unreadable('has a user, a query or a fragment', 'write scheme, host and path only')
  }
  return read(text.replace(/\/+$/, ''))
}

/** `true`, `false`, or hosts with their ports as a URL spells them: `10.0.0.5:8080`, `[fd00::1]:443`, `hooks.internal:80`. */
function readAllowance(text: string): Reading<'any' | readonly string[]> {
  if (text === 'true') return read('any')
  if (text === 'false') return read([])
  const hosts = text.split(',').map(part => part.trim().toLowerCase())
  const isHost = (host: string): boolean => /^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\]):[1-9]\d{0,4}$/.test(host)
  return hosts.every(isHost)
    ? read(hosts)
    : unreadable('is neither true nor false nor a list of hosts', 'write true, false, or host:port[,host:port...]')
}

/** https, or an address that only this machine can reach. */
function isSafeTransport(address: string): boolean {
  const { protocol, hostname } = new URL(address)
  return protocol === 'https:' || hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname)
}

/** The offending text is never repeated: it may be most of a key. */
function readKeys(text: string): Reading<SecretKey[]> {
  const keys: SecretKey[] = []
  for (const [index, part] of text.split(',').entries()) {
    const [, id, base64] = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/]+={0,2})$/.exec(part.trim()) ?? []
    if (id === undefined || base64 === undefined) {
      return unreadable(`has no id:base64 at place ${index + 1}`, `make one with ${MAKE_KEY}`)
    }
    const key = Buffer.from(base64, 'base64')
    if (key.length !== SECRET_KEY_BYTES) {
      const why = `has ${key.length} bytes instead of ${SECRET_KEY_BYTES} under the id ${id}`
      return unreadable(why, `make one with ${MAKE_KEY}`)
    }
    if (new Set(key).size < 8) return unreadable(`is not random under the id ${id}`, `make one with ${MAKE_KEY}`)
    if (keys.some(each => each.id === id)) return unreadable(`names the id ${id} twice`, 'give each key its own id')
    keys.push({ id, key })
  }
  return read(keys)
}
