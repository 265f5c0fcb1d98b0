import { compose, type Service } from '../compose.ts'
import { readConfig } from '../config.ts'

const GRACE_MS = 3_000

/**
 * The service of the demo in a process of its own, with its settings in the environment. It ends when its parent says so, or
 * when its parent is gone; Ctrl-C reaches it too, and is left to the parent.
 */
async function run(): Promise<void> {
  let service: Service | null = null
  const close = async (): Promise<void> => {
    await service?.stop({ graceMs: GRACE_MS })
    process.exit(0)
  }
  process.on('SIGINT', () => undefined)
  process.once('SIGTERM', () => void close())
  process.once('disconnect', () => void close())
  if (!process.connected) return
  service = await compose(readConfig(process.env))
  await service.start()
  process.send?.('ready')
}

run().catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})
