import { DemoError, HELP, readOptions } from './options.ts'
import { startDemo, type Demo, type Report } from './start.ts'

/** `npm run demo`: everything at once, until Ctrl-C. */
async function run(argv: readonly string[]): Promise<void> {
  const options = await readOptions(argv)
  if (options === null) return console.log(HELP)
  const startedAt = performance.now()
  const seconds = (): string => `${((performance.now() - startedAt) / 1_000).toFixed(1)} s`
  const report: Report = {
    step: text => console.log(`  ✓ ${text}  ${dim(seconds())}`),
    warn: text => console.log(`  ! ${text}`),
  }
  console.log('\nLockstep demo: a clinic, its calendars in a simulated Google, and both kept the same.\n')
  const demo = await startDemo(options, report)
  console.log(addresses(demo, seconds()))
  stopOnSignal(demo)
  const sent = await demo.allSent().catch(() => null) // stopped before it was all there: nothing to report
  if (sent !== null) report.step(`All ${sent} appointments stand in Google`)
}

const dim = (text: string): string => (process.stdout.isTTY ? `\u001b[2m${text}\u001b[22m` : text)

function addresses(demo: Demo, took: string): string {
  return `
  Ready after ${took}. Nothing leaves this machine.

  Both sides of one week   ${demo.pageUrl}
  Edit as in Google        ${demo.simulatorUrl}
  Connect page             ${demo.connectUrl}  (single use, 15 minutes)
  API documentation        ${demo.serviceUrl}/docs
${demo.consoleUrl === null ? '' : `  Operators’ console       ${demo.consoleUrl}\n`}
  API key                  ${demo.apiKey}
  Admin token              ${demo.adminToken}
${demo.keptIn === null ? '' : `  Kept in                  ${demo.keptIn}\n`}
  Ctrl-C stops everything.
`
}

/** The first signal stops cleanly, a second one at once. */
function stopOnSignal(demo: Demo): void {
  let isStopping = false
  const stop = async (exitCode: number): Promise<void> => {
    if (isStopping) {
      demo.kill()
      process.exit(1)
    }
    isStopping = true
    console.log('\nStopping…')
    await demo.close()
    process.exit(exitCode)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(0))
  demo.onFailure(() => {
    if (isStopping) return
    console.error('\nThe service ended by itself.')
    void stop(1)
  })
}

run(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof DemoError ? `\n${error.message}\n` : error)
  process.exit(1)
})
