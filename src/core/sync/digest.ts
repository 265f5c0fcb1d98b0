/** Two independent 53-bit hashes in one pass: not for secrets, only to see that something changed (cyrb53, public domain). */
export function digest(text: string): string {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  let highToo = 0xdeadbeef ^ SECOND_SEED
  let lowToo = 0x41c6ce57 ^ SECOND_SEED
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    high = Math.imul(high ^ code, 2654435761)
    low = Math.imul(low ^ code, 1597334677)
    highToo = Math.imul(highToo ^ code, 2654435761)
    lowToo = Math.imul(lowToo ^ code, 1597334677)
  }
  return `${mixed(high, low)}.${mixed(highToo, lowToo)}`
}
const SECOND_SEED = 0x9e3779b9

function mixed(highSum: number, lowSum: number): string {
  const high = Math.imul(highSum ^ (highSum >>> 16), 2246822507) ^ Math.imul(lowSum ^ (lowSum >>> 13), 3266489909)
  const low = Math.imul(lowSum ^ (lowSum >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909)
  return (4294967296 * (2097151 & low) + (high >>> 0)).toString(36)
}
