import { fail, succeed, type Result } from './failures.ts'
import { changedPolicies, readPolicies, type InputProblem } from './policy-input.ts'
import { DEFAULT_POLICIES, type PolicyOverrides, type SyncWindow } from './policies.ts'
import { NO_CONTROLS, readControls, type TenantControls } from './tenant-controls.ts'

type Branding = { productName: string | null; logoUrl: string | null; colour: string | null }

/** A tenant's settings as the API takes them; the OAuth secret is still plain here. */
export type SettingsChanges = {
  branding: Branding
  connectRoles: readonly string[] | null
  /** `keep`: not mentioned. */
  oauthClient: { clientId: string; clientSecret: string } | null | 'keep'
  policies: PolicyOverrides
  window: SyncWindow | null
  controls: TenantControls
}

/** What the changes are laid over. */
export type SettingsBefore = Omit<SettingsChanges, 'oauthClient'>

export const NO_SETTINGS: SettingsBefore = {
  branding: { productName: null, logoUrl: null, colour: null },
  connectRoles: null,
  policies: {},
  window: null,
  controls: NO_CONTROLS,
}

const NAMES = ['branding', 'connectRoles', 'oauthClient', 'policies', 'syncing', 'locked', 'offers']
const NAME_LENGTH_MAX = 100
const URL_LENGTH_MAX = 2_000
const ROLES_MAX = 50

type Problems = InputProblem[]

/** Reads settings strictly; what is not mentioned stays. */
export function readSettings(
  input: unknown,
  before: SettingsBefore,
  path = 'settings',
): Result<SettingsChanges, Problems> {
  const problems: Problems = []
  const fields = fieldsOf(input, NAMES, path, problems)
  const branding =
    'branding' in fields
      ? readBranding(fields['branding'], before.branding, `${path}.branding`, problems)
      : before.branding
  const connectRoles =
    'connectRoles' in fields ? readRoles(fields['connectRoles'], `${path}.connectRoles`, problems) : before.connectRoles
  const oauthClient =
    'oauthClient' in fields ? readClient(fields['oauthClient'], `${path}.oauthClient`, problems) : 'keep'
  const levels = 'policies' in fields ? readLevel(fields['policies'], before, `${path}.policies`, problems) : before
  const { policies, window } = levels
  const controls = readControls(fields, before.controls, path, problems)
  return problems.length > 0
    ? fail(problems)
    : succeed({ branding, connectRoles, oauthClient, policies, window, controls })
}

function readLevel(
  input: unknown,
  before: SettingsBefore,
  path: string,
  problems: Problems,
): Pick<SettingsBefore, 'policies' | 'window'> {
  const read = readPolicies(input, { ...DEFAULT_POLICIES, ...before.policies }, path)
  if (!read.ok) {
    problems.push(...read.error)
    return before
  }
  return {
    policies: changedPolicies(before.policies, read.value.policies),
    window: read.value.window ?? before.window,
  }
}

function readBranding(input: unknown, before: Branding, path: string, problems: Problems): Branding {
  const fields = fieldsOf(input, ['productName', 'logoUrl', 'colour'], path, problems)
  const pick = (name: keyof Branding, isValid: (text: string) => boolean, message: string): string | null => {
    if (!(name in fields)) return before[name]
    const value = fields[name]
    if (value === null) return null
    if (typeof value === 'string' && isValid(value)) return value
    problems.push({ path: `${path}.${name}`, message })
    return null
  }
  return {
    productName: pick('productName', isName, `must be a text of at most ${NAME_LENGTH_MAX} characters, or null`),
    logoUrl: pick('logoUrl', isLogoUrl, 'must be an https address, or null'),
    colour: pick('colour', text => /^#[0-9a-f]{6}$/iu.test(text), 'must be a colour such as "#0b6e4f", or null'),
  }
}

function readRoles(value: unknown, path: string, problems: Problems): string[] | null {
  if (value === null) return null
  const isRole = (each: unknown): each is string => typeof each === 'string' && isName(each)
  if (Array.isArray(value) && value.length <= ROLES_MAX && value.every(isRole)) return [...new Set(value)]
  problems.push({ path, message: 'must be a list of role names, or null for any role' })
  return null
}

function readClient(
  input: unknown,
  path: string,
  problems: Problems,
): { clientId: string; clientSecret: string } | null {
  if (input === null) return null
  const fields = fieldsOf(input, ['clientId', 'clientSecret'], path, problems)
  const clientId = fields['clientId']
  const clientSecret = fields['clientSecret']
  if (typeof clientId === 'string' && clientId !== '' && typeof clientSecret === 'string' && clientSecret !== '')
    return { clientId, clientSecret }
  problems.push({ path, message: 'must name clientId and clientSecret, or be null' })
  return null
}

function isName(text: string): boolean {
  return text.trim() !== '' && text.length <= NAME_LENGTH_MAX
}

/** Plain http only from the machine itself: a page over https would not show it anyway. */
function isLogoUrl(text: string): boolean {
  if (text.length > URL_LENGTH_MAX || !URL.canParse(text)) return false
  const { protocol, hostname, username, password } = new URL(text)
  if (username !== '' || password !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]'
}

function fieldsOf(input: unknown, names: readonly string[], path: string, problems: Problems): Record<string, unknown> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    problems.push({ path, message: 'must be an object' })
    return {}
  }
  for (const name of Object.keys(input))
    if (!names.includes(name)) problems.push({ path: `${path}.${name}`, message: 'is not known' })
  return Object.fromEntries(Object.entries(input))
}
