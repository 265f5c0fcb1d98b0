/** What happened, in order, as one number (FNV-1a): two runs of a seed must come to the same. */
export function createTrace() {
  let hash = 0x811c9dc5
  let length = 0
  return {
    note: (text: string): void => {
      for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
      length += 1
    },
    digest: (): string => `${(hash >>> 0).toString(16).padStart(8, '0')}-${length}`,
  }
}

export type Trace = ReturnType<typeof createTrace>
