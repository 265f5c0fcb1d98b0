/**
 * Structured lines with an allow-list of fields: ids, counts, durations, kinds, rules. Never a title, an address, a token or a body.
 */
export interface Log {
  debug(line: string, fields?: LogFields): void
  info(line: string, fields?: LogFields): void
  warn(line: string, fields?: LogFields): void
  error(line: string, fields?: LogFields): void
}

export type LogFields = {
  tenantId?: string
  connectionId?: string
  endpointId?: string
  calendarKey?: string
  appointmentId?: string
  channelId?: string
  runId?: string
  requestId?: string
  job?: string
  rule?: string
  action?: string
  kind?: string
  reason?: string
  count?: number
  ms?: number
  status?: number
  url?: string
  /** An error's class and stack; its message is dropped unless it is one of ours. */
  error?: unknown
}
