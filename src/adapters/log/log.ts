import { pino } from 'pino'
import type { DestinationStream } from 'pino'
import type { Log, LogFields } from '../../ports/log.ts'

type Severity = keyof Log
type Loggable = string | number | ErrorRecord
/** What may be said of an error: its message may quote a title, an address or a token, so it stays unsaid. */
type ErrorRecord = { type: string; code?: string; stack: string[]; cause?: ErrorRecord }

const TEXT_MAX = 200
const STACK_LINES_MAX = 12
const CAUSES_MAX = 3

/** How each field is written; a field that is not in this table is never written, whatever the caller passes. */
const WRITERS: { [F in keyof Required<LogFields>]: (value: unknown) => Loggable | undefined } = {
  tenantId: text,
  connectionId: text,
  endpointId: text,
  calendarKey: text,
  appointmentId: text,
  channelId: text,
  runId: text,
  requestId: text,
  job: text,
  rule: text,
  action: text,
  kind: text,
  reason: text,
  count: number,
  ms: number,
  status: number,
  url: path,
  error: value => errorRecord(value, CAUSES_MAX),
}

/** JSON lines on standard output (or `destination`). */
export function createLog(level: string, destination?: DestinationStream): Log {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  const logger = destination === undefined ? pino(options) : pino(options, destination)
  const write = (severity: Severity) => (line: string, fields?: LogFields) => {
    if (!logger.isLevelEnabled(severity)) return // a line for each decision costs nothing where nobody reads it
    logger[severity](fields === undefined ? {} : allowed(fields), line)
  }
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}

function allowed(fields: LogFields): Record<string, Loggable> {
  const said: Record<string, Loggable> = {}
  for (const [name, value] of Object.entries(fields)) {
    const written = Object.hasOwn(WRITERS, name) ? WRITERS[name as keyof LogFields](value) : undefined // name was just looked up
    if (written !== undefined) said[name] = written
  }
  return said
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value.slice(0, TEXT_MAX) : undefined
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** The method, where there is one, and the path; in it `*` for what could be a secret: feeds and connect links carry theirs there. */
function path(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const [, method = '', address = ''] = /^([A-Z]+ )?(.*)$/s.exec(value) ?? []
  const { pathname } = URL.parse(address, 'http://localhost') ?? { pathname: '' }
  return method + pathname.replace(/[^/]{24,}/g, segment => (UUID.test(segment) ? segment : '*')).slice(0, TEXT_MAX)
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

function errorRecord(value: unknown, causesLeft: number): ErrorRecord | undefined {
  if (value === undefined || value === null) return undefined
  if (!(value instanceof Error)) return { type: typeof value, stack: [] }
  const code = 'code' in value ? text(value.code) : undefined
  const cause = causesLeft > 0 ? errorRecord(value.cause, causesLeft - 1) : undefined
  return {
    type: value.name,
    ...(code === undefined ? {} : { code }),
    stack: frames(value.stack ?? ''),
    ...(cause === undefined ? {} : { cause }),
  }
}

/** The frames only: the lines before them repeat the message. */
function frames(stack: string): string[] {
  const lines = stack.split('\n').map(line => line.trim())
  return lines.filter(line => /^at \S.*:\d+:\d+\)?$/.test(line)).slice(0, STACK_LINES_MAX)
}
