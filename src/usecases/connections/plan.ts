/** What a change would do, said before it is done: each Google write and each change here. */
export type Plan = {
  google: readonly PlannedWrite[]
  local: readonly PlannedChange[]
  counts: { insert: number; update: number; delete: number; local: number }
}

export type PlannedWrite = {
  action: 'insert' | 'update' | 'delete'
  appointmentId: string | null
  eventId: string | null
  calendarId: string
  summary: string | null
}

export type PlannedChange = { action: string; appointmentId: string }

export function planOf(google: readonly PlannedWrite[], local: readonly PlannedChange[] = []): Plan {
  const count = (action: PlannedWrite['action']): number => google.filter(write => write.action === action).length
  return {
    google,
    local,
    counts: { insert: count('insert'), update: count('update'), delete: count('delete'), local: local.length },
  }
}
