#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { createTenantByHand, diagnose, migrateDatabase } from './compose.ts'
import { ConfigError, environment, readConfig, readDatabaseConfig } from './config.ts'
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
    usage: 'doctor',
    help: 'prove each setting by using it: database, OAuth client, public URL, clock',
    async run(args) {
      noArguments(args)
      const findings = await diagnose(readConfig(environment()))
      for (const { name, isOk, detail, remedy } of findings) {
        console.log(`${isOk ? 'ok    ' : 'FAILED'}  ${name}: ${detail}`)
        if (!isOk) console.log(`        ${remedy}`)
      }
      return findings.every(({ isOk }) => isOk) ? OK : FAILED
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
