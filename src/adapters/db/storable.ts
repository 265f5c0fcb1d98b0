const REPLACEMENT = '\ufffd'

/**
 * PostgreSQL keeps neither NUL nor half of a surrogate pair; Google and platforms send both. Each becomes U+FFFD, here and nowhere else.
 */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', REPLACEMENT)
}

/**
 * JSON text in which every string is storable. `JSON.stringify` writes exactly the characters in question as escapes,
 * so they are replaced in its output; `\\\\` is read first, since `\\u0000` is a backslash followed by plain letters.
 */
export function storableJson(value: unknown): string {
  const json = JSON.stringify(value)
  if (!json.includes('\\u')) return json
  return json.replace(
    /(\\\\)|\\u(?:0000|d[89a-f][0-9a-f]{2})/g,
    (_escape, backslash?: string) => backslash ?? REPLACEMENT,
  )
}
