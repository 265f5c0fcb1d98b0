/** One event of a stream (the WHATWG's server-sent events). */
export type StreamEvent = { id: string; event: string; data: string }

/** Reads events as they come; ends with the stream. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent> {
  const decoder = new TextDecoder()
  let rest = ''
  let lastId = ''
  for await (const chunk of body) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n\r?\n/)
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const event = parseBlock(block, lastId)
      lastId = event.id
      if (event.data !== '') yield event
    }
  }
}

function parseBlock(block: string, lastId: string): StreamEvent {
  const event = { id: lastId, event: 'message', data: '' }
  const data: string[] = []
  for (const line of block.split(/\r?\n/)) {
    const [, name, value = ''] = /^(\w+)(?:: ?(.*))?$/.exec(line) ?? []
    if (name === 'id') event.id = value
    else if (name === 'event') event.event = value
    else if (name === 'data') data.push(value)
  }
  return { ...event, data: data.join('\n') }
}
