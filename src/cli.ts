#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { adoptDatabase, createTenantByHand, diagnose, diagnoseConnections, migrateDatabase } from './compose.ts'
import { ConfigError, environment, readConfig, readDatabaseConfig, type Config } from './config.ts'
import { replayFile } from './replay/replay-file.ts'
import { runSimulator } from './simulator/main.ts'

const OK = 0
const FAILED = 1
const MISUSED = 2

type Command = { usage: string; help: string; run(args: string[]): Promise<number | null> }

/** What each command does, by its words. A command that goes on running answers null. */
const COMMANDS: Record<string, Command> = {
  serve: {
    usage: 'serve',
    help: 'run the service, as npm start does in the tree',
    async run(args) {
      noArguments(args)
      await import('./main.ts')
      return null
    },
  },
  migrate: {
    usage: 'migrate',
    help: 'bring the database to the newest schema',
    async run(args) {
      noArguments(args)
      const applied = await migrateDatabase(readDatabaseConfig(environment()))
      console.log(applied === 0 ? 'Nothing to do: the database is up to date.' : `Applied ${applied} migration(s).`)
      return OK
    },
  },
  doctor: {
    usage: 'doctor [options]',
    help: 'prove each setting by using it; --connection ID or --connections: try connections too',
    async run(args) {
      const options = { connection: { type: 'string' }, connections: { type: 'boolean', default: false } } as const
      const { values } = parseArgs({ args, options })
      const config = readConfig(environment())
      const findings = await diagnose(config)
      for (const { name, isOk, detail, remedy } of findings) sayFinding(isOk, `${name}: ${detail}`, remedy)
      const isWell = findings.every(({ isOk }) => isOk)
      if (values.connection === undefined && !values.connections) return isWell ? OK : FAILED
      const areWell = await tryConnections(config, values.connection ?? null)
      return isWell && areWell ? OK : FAILED
    },
  },
  'tenant create': {
    usage: 'tenant create NAME',
    help: 'make a tenant and show its API key, this once',
    async run(args) {
      const { positionals } = parseArgs({ args, allowPositionals: true })
      const [name, ...rest] = positionals
      if (name === undefined || rest.length > 0) throw new MisuseError('tenant create takes one name')
      const made = await createTenantByHand(readConfig(environment()), name)
      if (!made.ok) {
        console.error(JSON.stringify(made.error))
        return FAILED
      }
      console.log(JSON.stringify(made.value))
      return OK
    },
  },
  'adopt-database': {
    usage: 'adopt-database',
    help: 'take over a restored or cloned database for this INSTANCE_ID',
    async run(args) {
      noArguments(args)
      const { arrival } = await adoptDatabase(readConfig(environment()))
      console.log(ADOPTED[arrival])
      return OK
    },
  },
  replay: {
    usage: 'replay RECORDING',
    help: 'decide a recording anew (--store keeps the decisions in it)',
    async run(args) {
      const { positionals, values } = parseArgs({
        args,
        allowPositionals: true,
        options: { store: { type: 'boolean', default: false } },
      })
      const [file, ...rest] = positionals
      if (file === undefined || rest.length > 0) throw new MisuseError('replay takes one recording')
      const { lines, isSame } = await replayFile(file, values.store)
      for (const line of lines) console.log(line)
      return isSame ? OK : FAILED
    },
  },
  simulator: {
    usage: 'simulator [options]',
    help: 'run a Google Calendar on this machine (simulator --help)',
    async run(args) {
      await runSimulator(args)
      return null
    },
  },
}

const ADOPTED = {
  new: 'The database is new and belongs to this installation.',
  same: 'Nothing to do: the database belongs to this installation.',
  restored: 'The database was restored or moved. Its calendars are matched with Google before anything is written.',
  foreign:
    'The database belongs to this installation now. Its calendars are matched with Google before anything is written.',
}

const HELP = `Usage: lockstep COMMAND

${Object.values(COMMANDS)
  .map(({ usage, help }) => `  ${usage.padEnd(22)}${help}`)
  .join('\n')}

Settings come from the environment; .env.example lists them.`

async function main(argv: string[]): Promise<number | null> {
  if (argv.length === 0 || argv[0] === '--help' || argv[0] === '-h' || argv[0] === 'help') {
    console.log(HELP)
    return argv.length === 0 ? MISUSED : OK
  }
  for (const words of [2, 1]) {
    const command = COMMANDS[argv.slice(0, words).join(' ')]
    if (command !== undefined) return command.run(argv.slice(words))
  }
  console.error(`There is no command ${argv.slice(0, 2).join(' ')}.\n\n${HELP}`)
  return MISUSED
}

function sayFinding(isOk: boolean, text: string, remedy: string | undefined): void {
  console.log(`${isOk ? 'ok    ' : 'FAILED'}  ${text}`)
  if (!isOk && remedy !== undefined) console.log(`        ${remedy}`)
}

/** More than an operator reads. */
const CONNECTIONS_MAX = 500

/** @returns whether every check of every connection asked for is fine. */
async function tryConnections(config: Config, connectionId: string | null): Promise<boolean> {
  const { checked, isAll } = await diagnoseConnections(config, { connectionId, limit: CONNECTIONS_MAX })
  for (const { tenantId, connectionId: id, userId, checks } of checked) {
    console.log(`\nconnection ${id} of user ${userId} (tenant ${tenantId})`)
    for (const { name, status, detail, remedy } of checks) sayFinding(status === 'ok', `${name}: ${detail}`, remedy)
  }
  if (checked.length === 0)
    console.log(connectionId === null ? '\nNo connection is active.' : '\nThere is no such connection.')
  if (!isAll && connectionId === null) console.log(`\nOnly the first ${CONNECTIONS_MAX} were looked at.`)
  const isFound = connectionId === null || checked.length > 0
  return isFound && checked.every(({ checks }) => checks.every(({ status }) => status === 'ok'))
}

function noArguments(args: string[]): void {
  parseArgs({ args, options: {} })
}

class MisuseError extends Error {}

function isMisuse(error: unknown): error is Error {
  if (error instanceof MisuseError) return true
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
}

/** @returns the exit code: what is wrong with the settings or the words is said without a stack. */
function explain(error: unknown): number {
  if (error instanceof ConfigError) console.error(error.message)
  else if (isMisuse(error)) console.error(`${error.message}\n\n${HELP}`)
  else console.error(error)
  return isMisuse(error) ? MISUSED : FAILED
}

const code = await main(process.argv.slice(2)).catch(explain)
if (code !== null) process.exitCode = code
