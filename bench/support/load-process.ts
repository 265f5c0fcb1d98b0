import { connect, type Socket } from 'node:net'
import { quantile } from './measure.ts'

/** Posts to one address over so many connections. `perSecond` null: each connection asks again as soon as it is answered. */
export type Load = {
  /** Its connections are spread over these. */
  ports: readonly number[]
  path: string
  /** Sent in turn. */
  headers: readonly Record<string, string>[]
  connections: number
  seconds: number
  perSecond: number | null
}
export type Loaded = { perSecond: number; p50: number; p99: number; statuses: Record<string, number> }

const WARM_UP_MS = 500

process.on('message', (load: Load) => {
  void run(load).then(loaded => process.send?.(loaded))
})
process.on('disconnect', () => process.exit(0))

async function run(load: Load): Promise<Loaded> {
  const requests = load.headers.map(each => requestText(load.path, each))
  const statuses: Record<string, number> = {}
  const times: number[] = []
  const from = performance.now() + WARM_UP_MS
  const until = from + load.seconds * 1_000
  let sent = 0
  const next = (): string => requests[sent++ % requests.length] ?? ''
  const one = async (socket: Answering): Promise<void> => {
    const startedAt = performance.now()
    const status = await socket.ask(next())
    if (startedAt < from) return
    times.push(performance.now() - startedAt)
    statuses[status] = (statuses[status] ?? 0) + 1
  }
  await Promise.all(
    Array.from({ length: load.connections }, async (_, place) => {
      const socket = new Answering(load.ports[place % load.ports.length] ?? 0)
      const gapMs = load.perSecond === null ? 0 : (1_000 * load.connections) / load.perSecond
      let due = performance.now() + (gapMs * place) / load.connections
      while (performance.now() < until) {
        if (gapMs > 0) {
          const waitMs = due - performance.now()
          if (waitMs > 0) await new Promise(resolve => setTimeout(resolve, waitMs))
          due += gapMs
        }
        await one(socket)
      }
      socket.close()
    }),
  )
  return {
    perSecond: times.length / load.seconds,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    statuses,
  }
}

const requestText = (path: string, headers: Record<string, string>): string =>
  `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 0\r\n${Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`

/** One connection, one request at a time: a client that costs less than the server it measures. */
class Answering {
  #socket: Socket
  #text = ''
  #waiting: ((status: string) => void) | null = null

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1').setNoDelay(true).setEncoding('latin1')
    this.#socket.on('data', (chunk: string) => this.#read(chunk))
    this.#socket.on('close', () => this.#waiting?.('closed'))
    this.#socket.on('error', () => undefined)
  }

  ask(request: string): Promise<string> {
    return new Promise(resolve => {
      this.#waiting = resolve
      this.#socket.write(request)
    })
  }

  #read(chunk: string): void {
    this.#text += chunk
    const end = this.#text.indexOf('\r\n\r\n')
    if (end < 0) return
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(this.#text.slice(0, end))?.[1] ?? 0)
    if (this.#text.length < end + 4 + length) return
    const status = this.#text.slice(9, 12)
    this.#text = ''
    this.#waiting?.(status)
  }

  close(): void {
    this.#waiting = null
    this.#socket.destroy()
  }
}
