import { createServer } from 'node:net'
import { DemoError } from './options.ts'

const HOST = '127.0.0.1'
const TRIES_MAX = 50

/**
 * A port to listen on: the one that was asked for, or the usual one or the next after it that is free.
 * @param taken ports that this process has promised to itself already.
 * @throws DemoError if the one that was asked for is taken.
 */
export async function freePort(of: {
  option: string
  asked: number | null
  usual: number
  taken: Set<number>
}): Promise<number> {
  const { option, asked, usual, taken } = of
  for (let attempt = 0; attempt < TRIES_MAX; attempt += 1) {
    const wanted = asked ?? usual + attempt
    const found = taken.has(wanted) ? null : await tryPort(wanted)
    if (found !== null) {
      taken.add(found)
      return found
    }
    if (asked !== null) break
  }
  const remedy = `choose another with ${option}, or ${option} 0 for any free one`
  throw new DemoError(
    asked === null ? `No port from ${usual} on is free: ${remedy}.` : `Port ${asked} is taken: ${remedy}.`,
  )
}

/** Null: taken, or not allowed. */
function tryPort(port: number): Promise<number | null> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(null))
    server.listen({ host: HOST, port, exclusive: true }, () => {
      const address = server.address()
      const found = typeof address === 'object' && address !== null ? address.port : null
      server.close(() => resolve(found))
    })
  })
}
