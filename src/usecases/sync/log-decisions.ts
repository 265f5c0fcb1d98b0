import type { Verdict } from '../../core/sync/verdict.ts'
import type { Deps } from '../deps.ts'

/** One line per decision for those who read at debug: which pair, by which rule, to what end; no content. */
export function logDecisions(
  { log }: Pick<Deps, 'log'>,
  { tenantId, connectionId }: { tenantId: string; connectionId: string },
  verdicts: readonly Verdict[],
): void {
  for (const { rule, action, appointment, link, about } of verdicts) {
    const appointmentId = appointment?.id ?? link?.appointmentId ?? about
    const of = appointmentId === null ? {} : { appointmentId }
    log.debug('decided', { tenantId, connectionId, ...of, rule, action })
  }
}
