import { compose, type Service } from './compose.ts'
import { ConfigError, environment, readConfig, type Config } from './config.ts'

/** For a load balancer to see that this instance is not ready any more, before it stops answering. */
const DRAIN_MS = 2_000
/** What orchestrators give is 30 s; what runs has these to finish. */
const GRACE_MS = 20_000

async function main(): Promise<void> {
  const config = readOrExit()
  const service = await compose(config)
  const address = await service.start()
  service.deps.log.info('listening', { url: address })
  console.log(`Lockstep listens on ${address}, reached as ${config.publicUrl}`)
  stopOnSignal(service, config)
}

function readOrExit(): Config {
  try {
    return readConfig(environment())
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    console.error(error.message)
    process.exit(1)
  }
}

/** The first signal ends the work in order, the second at once. */
function stopOnSignal(service: Service, { publicUrl }: Config): void {
  let isStopping = false
  const stop = (signal: NodeJS.Signals) => {
    if (isStopping) process.exit(130)
    isStopping = true
    service.deps.log.info('stopping', { reason: signal })
    service.drain()
    const drainMs = publicUrl.startsWith('https:') ? DRAIN_MS : 0
    service.deps.system
      .sleep(drainMs)
      .then(() => service.stop({ graceMs: GRACE_MS }))
      .then(
        () => process.exit(0),
        (error: unknown) => {
          service.deps.log.error('not stopped in order', { error })
          process.exit(1)
        },
      )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

main().catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})
