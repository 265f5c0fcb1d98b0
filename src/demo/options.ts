import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'

/** A reason for not starting that a person can do something about. */
export class DemoError extends Error {
  override readonly name = 'DemoError'
}

export type DemoOptions = {
  /** Null: the usual one, or the next that is free. 0: any. */
  port: number | null
  pagePort: number | null
  simulatorPort: number | null
  isKept: boolean
  calendar: { name: string; text: string } | null
}

export const HELP = `npm run demo [-- options]

  --calendar FILE        load a calendar of your own (.ics) for one more person, "You"
  --port NUMBER          the service (default 8080)
  --page-port NUMBER     the page with both sides (default 8081)
  --simulator-port NUMBER  the Google simulator (default 8090)
  --keep                 keep everything in ./.data/demo and go on there the next time
  --help                 this text

A default port that is taken is passed over for the next free one.`

/** @returns null when only help was asked for. @throws DemoError for what cannot be understood or read. */
export async function readOptions(argv: readonly string[]): Promise<DemoOptions | null> {
  const values = parse(argv)
  if (values.help === true) return null
  return {
    port: readPort('--port', values.port),
    pagePort: readPort('--page-port', values['page-port']),
    simulatorPort: readPort('--simulator-port', values['simulator-port']),
    isKept: values.keep === true,
    calendar: values.calendar === undefined ? null : await readCalendar(values.calendar),
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        calendar: { type: 'string' },
        port: { type: 'string' },
        'page-port': { type: 'string' },
        'simulator-port': { type: 'string' },
        keep: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    throw new DemoError(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`, { cause: error })
  }
}

function readPort(name: string, text: string | undefined): number | null {
  if (text === undefined) return null
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN
  if (!(port <= 65_535)) throw new DemoError(`${name} must be a number from 0 to 65535, not ${text}`)
  return port
}

async function readCalendar(path: string): Promise<{ name: string; text: string }> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw new DemoError(
      `The calendar ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    )
  }
  if (!/^BEGIN:VCALENDAR/m.test(text)) throw new DemoError(`${path} is no iCalendar file: it has no BEGIN:VCALENDAR`)
  return { name: basename(path), text }
}
