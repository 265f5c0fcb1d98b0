import { once } from 'node:events'
import type { FastifyReply } from 'fastify'

export type EventStream = {
  /** Resolves when the reader keeps up, or at once when it is gone. */
  send(event: { id: string; event: string; data: string }, signal: AbortSignal): Promise<void>
  comment(text: string, signal: AbortSignal): Promise<void>
  end(): void
}

/** Takes the answer over as Server-Sent Events. The headers that every answer carries go out with it. */
export function openEventStream(reply: FastifyReply): EventStream {
  reply.hijack()
  const { raw } = reply
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value)
  raw.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' })
  const write = async (text: string, signal: AbortSignal): Promise<void> => {
    if (signal.aborted || raw.destroyed || raw.write(text)) return
    await once(raw, 'drain', { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
  }
  return {
    send: ({ id, event, data }, signal) => write(`id: ${id}\nevent: ${event}\ndata: ${data}\n\n`, signal),
    comment: (text, signal) => write(`: ${text}\n\n`, signal),
    end: () => void raw.end(),
  }
}
