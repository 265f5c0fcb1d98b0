import { refuse } from './refusal.ts'

/**
 * Where a list stands. A page token carries the snapshot it reads (`upTo`) and how far it came (`position`);
 * a sync token carries the change it has seen everything up to. Both are bound to the list's stream (a calendar, or an
 * account's calendar list), to its epoch (a higher one kills all older tokens) and to the parameters of the first request.
 */
export type ListToken = {
  kind: 'page' | 'sync'
  stream: number
  epoch: number
  params: number
  /** Of a page token: the change its increment began after, or null in a full list. */
  since: number | null
  position: number
  upTo: number
}

const KIND_MARK = { sync: 5, page: 7 }
const FIELDS = 8

/** The token in the form of Google's: base64 of protobuf varints, the first of them the list's `updated` in microseconds. */
export function encodeToken(token: ListToken, updatedUs: number): string {
  const { stream, epoch, params, position, upTo } = token
  const since = token.since === null ? 0 : token.since + 1
  const values = [updatedUs, position, KIND_MARK[token.kind], stream, epoch, params, upTo, since]
  const bytes: number[] = []
  values.forEach((value, field) => {
    bytes.push((field + 1) << 3)
    pushVarint(bytes, value)
  })
  return Buffer.from([...bytes, checksum(bytes)]).toString('base64')
}

/**
 * What a token says.
 * @throws Refusal invalid when it is not one that `encodeToken` made: Google answers 400 to a mangled token, 410 to a dead one.
 */
export function decodeToken(text: string, kind: ListToken['kind'], parameter: string): ListToken {
  const bytes = [...Buffer.from(text, 'base64')]
  const sum = bytes.pop()
  const values = readFields(bytes)
  if (sum !== checksum(bytes) || !values || values[2] !== KIND_MARK[kind]) {
    throw kind === 'sync' ? refuse.invalid() : refuse.invalid('Invalid page token value.', parameter)
  }
  const [, position = 0, , stream = 0, epoch = 0, params = 0, upTo = 0, since = 0] = values
  return { kind, stream, epoch, params, since: since === 0 ? null : since - 1, position, upTo }
}

function pushVarint(bytes: number[], value: number): void {
  let rest = value
  while (rest >= 128) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
}

function readFields(bytes: number[]): number[] | undefined {
  const values: number[] = []
  let at = 0
  while (at < bytes.length) {
    if (bytes[at++] !== (values.length + 1) << 3) return undefined
    let value = 0
    let scale = 1
    let byte = 128
    while (byte >= 128) {
      byte = bytes[at++] ?? 0
      value += (byte % 128) * scale
      scale *= 128
    }
    values.push(value)
  }
  return values.length === FIELDS ? values : undefined
}

const checksum = (bytes: number[]): number => bytes.reduce((sum, byte) => (sum * 31 + byte) % 251, 17)
