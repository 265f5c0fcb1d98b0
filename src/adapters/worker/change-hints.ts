import type { Log } from '../../ports/log.ts'

/**
 * Runs `work` for each tenant named by a hint: one run at a time per tenant, and one more for all hints that came during it. A run that
 * fails is left to the clock.
 */
export function changeHints(work: (tenantId: string) => Promise<void>, log: Log): (tenantId: string) => void {
  const running = new Map<string, { isHintedAgain: boolean }>()
  const run = async (tenantId: string): Promise<void> => {
    const state = { isHintedAgain: true }
    running.set(tenantId, state)
    while (state.isHintedAgain) {
      state.isHintedAgain = false
      try {
        await work(tenantId)
      } catch (error) {
        log.warn('a hint was lost', { tenantId, error })
      }
    }
    running.delete(tenantId)
  }
  return tenantId => {
    const known = running.get(tenantId)
    if (known === undefined) void run(tenantId)
    else known.isHintedAgain = true
  }
}
