import { expect, test } from 'vitest'
import { createLog } from '../../../src/adapters/log/log.ts'
import type { LogFields } from '../../../src/ports/log.ts'

function linesOf(write: (log: ReturnType<typeof createLog>) => void, level = 'debug'): Record<string, unknown>[] {
  const lines: string[] = []
  write(createLog(level, { write: line => void lines.push(line) }))
  return lines.map(line => JSON.parse(line) as Record<string, unknown>)
}

test('a line carries its level, its time and the fields that are allowed', () => {
  const [line] = linesOf(log => log.info('pulled', { tenantId: 't1', count: 3, ms: 12.5 }))
  expect(line).toEqual({ level: 'info', time: expect.any(String), tenantId: 't1', count: 3, ms: 12.5, msg: 'pulled' })
})

test('a field nobody allowed is not written, whoever passes it', () => {
  const fields: LogFields & { title: string } = { rule: 'echo', title: 'Follow-up, Jane Roe' }
  const [line] = linesOf(log => log.warn('decided', fields))
  expect(line).toMatchObject({ rule: 'echo' })
  expect(JSON.stringify(line)).not.toContain('Jane')
})

test('an allowed field of the wrong type is not written: it may be a whole object', () => {
  const fields = { reason: { token: 'ya29.secret' }, status: 'secret' } as unknown as LogFields
  expect(JSON.stringify(linesOf(log => log.warn('refused', fields)))).not.toContain('secret')
})

test('of an error its class, code, frames and causes are said, never its message', () => {
  const cause = Object.assign(new TypeError('token ya29.secret\nsecond line of Jane Roe'), { code: 'ECONNRESET' })
  const [line] = linesOf(log => log.error('failed', { error: new Error('Jane Roe at (5:30:00)', { cause }) }))
  const text = JSON.stringify(line)
  expect(text).not.toMatch(/ya29|Jane/)
  expect(line?.['error']).toMatchObject({ type: 'Error', cause: { type: 'TypeError', code: 'ECONNRESET' } })
  expect(text).toContain('log.test.ts')
})

test('of an address the path is written, without its query and without secrets in it', () => {
  const secret = 'pV8r2mX0qLkZ7cYt1nBwEeUs'
  const urls = [`/feeds/${secret}.ics?x=jane`, `GET https://h.example/connect/${secret}#f`, '/v1/appointments/apt_842']
  const written = linesOf(log => urls.forEach(url => log.info('answered', { url }))).map(line => line['url'])
  expect(written).toEqual(['/feeds/*', 'GET /connect/*', '/v1/appointments/apt_842'])
})

test('a line break in a field stays inside its line', () => {
  const lines = linesOf(log => log.info('refused', { reason: 'a\n{"level":"error","msg":"forged"}' }))
  expect(lines).toHaveLength(1)
})

test('what is below the level is not written', () => {
  expect(linesOf(log => log.debug('detail'), 'info')).toEqual([])
})
