import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'

import { addAccount } from './calendars.ts'
import { importIcs } from './ics-import.ts'
import { type RunningSimulator, startSimulator } from './server.ts'

const DEFAULT_PORT = '8090'
const USAGE = `Usage: lockstep simulator [options]
  --port 8090            where it listens (0: any free port)
  --host 127.0.0.1       on which address
  --account a@b.c        an account to begin with; may be repeated
  --calendar file.ics    a calendar file, put into the first account's primary calendar; may be repeated
  --timezone Europe/...  the zone of the accounts' calendars (this machine's)
  --virtual-time         time stands still until POST /_control/time moves it
  --auto-consent         the consent page says yes by itself, as the login_hint or the first account
`

const OPTIONS = {
  port: { type: 'string', default: DEFAULT_PORT },
  host: { type: 'string', default: '127.0.0.1' },
  account: { type: 'string', multiple: true },
  calendar: { type: 'string', multiple: true },
  timezone: { type: 'string' },
  'virtual-time': { type: 'boolean', default: false },
  'auto-consent': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

/** `npx lockstep simulator`: starts a simulator, prints where it is, and runs until it is told to stop. */
export async function runSimulator(argv: string[]): Promise<RunningSimulator | undefined> {
  const { values } = parseArgs({ args: argv, options: OPTIONS })
  if (values.help) {
    console.log(USAGE)
    return undefined
  }
  const simulator = await startSimulator({
    port: Number(values.port),
    host: values.host,
    virtualTime: values['virtual-time'],
    ...(values['auto-consent'] ? { autoConsent: true } : {}),
  })
  const timeZone = values.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
  for (const email of values.account ?? ['anna@example.com']) addAccount(simulator.world, { email, timeZone })
  for (const file of values.calendar ?? []) await bringCalendar(simulator, file)
  printAddresses(simulator)
  return simulator
}

async function bringCalendar(simulator: RunningSimulator, file: string): Promise<void> {
  const first = [...simulator.world.accounts.keys()][0]
  const calendar = first === undefined ? undefined : simulator.world.calendars.get(first)
  if (!calendar) return
  const { inserted, problems } = importIcs(simulator.world, calendar, await readFile(file, 'utf8'))
  console.log(`${file}: ${inserted} events taken, ${problems.length} not`)
  for (const { uid, summary, reason } of problems) console.log(`  ${summary ?? uid ?? '(no name)'}: ${reason}`)
}

function printAddresses({ url, world, isVirtual }: RunningSimulator): void {
  console.log(`Google Calendar simulator${isVirtual ? ' on virtual time' : ''}
  page            ${url}/
  accounts        ${[...world.accounts.keys()].join(', ')}
  GOOGLE_API_URL=${url}
  GOOGLE_AUTH_URL=${url}/o/oauth2/v2/auth
  GOOGLE_TOKEN_URL=${url}/token
  GOOGLE_REVOKE_URL=${url}/revoke
  control         ${url}/_control/ (see docs/simulator.md)`)
}

if (import.meta.main) await runSimulator(process.argv.slice(2))
