/** RFC 5545 §3.1 and §3.3.11: how an iCalendar object is written down. */
const LINE_OCTETS_MAX = 75

/** TEXT: what would end it or the line is escaped, and control characters, which no reader expects, are left out. */
export function escapeText(text: string): string {
  return text
    .replace(/[\\;,]/g, '\\$&')
    .replace(/\r\n?|\n/g, '\\n')
    .replace(/(?!\t)\p{Cc}/gu, '')
}

/** Lines with CRLF, folded so that none is longer than 75 octets and no character is cut in two. */
export function contentLines(lines: readonly string[]): string {
  return lines.map(line => `${fold(line)}\r\n`).join('')
}

function fold(line: string): string {
  let folded = ''
  let octets = 0
  for (const character of line) {
    const width = octetsOf(character)
    if (octets + width > LINE_OCTETS_MAX) {
      folded += '\r\n '
      octets = 1
    }
    folded += character
    octets += width
  }
  return folded
}

function octetsOf(character: string): number {
  const code = character.codePointAt(0) ?? 0
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
}
