import { existsSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Reporter, TestModule } from 'vitest/node'

/** Ends a run with one line that any CI can read: `N passed, N failed, N skipped`. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0 }
    for (const module of modules) {
      if (module.errors().length > 0) counts.failed += 1
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') counts.passed += 1
        else if (state === 'failed') counts.failed += 1
        else counts.skipped += 1
      }
    }
    const seen = lookedAt()
    if (seen !== '') process.on('exit', () => process.stdout.write(`${seen}\n`))
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''
    process.on('exit', () => {
      process.stdout.write(`${counts.passed} passed, ${counts.failed} failed${skipped}\n`)
      if (counts.failed > 0) process.exitCode = 1 // whatever else ended the process with a good word
    })
  }
}

/** What was searched for planted words, by place; a word that was found has failed its test. */
function lookedAt(): string {
  const file = join(tmpdir(), `lockstep-canary-${process.pid}`)
  if (!existsSync(file)) return ''
  const totals = new Map<string, number>()
  for (const line of readFileSync(file, 'utf8').trim().split('\n'))
    for (const [place, count] of Object.entries(JSON.parse(line) as Record<string, number>))
      totals.set(place, (totals.get(place) ?? 0) + count)
  rmSync(file)
  const told = [...totals].map(([place, count]) => `${count.toLocaleString('en')} of ${place}`)
  return `searched for planted names, addresses and tokens: ${told.join(', ')}`
}
