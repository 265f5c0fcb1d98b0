import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freePort } from '../../src/demo/free-port.ts'
import { DemoError, readOptions } from '../../src/demo/options.ts'

test('without options everything is where it usually is', async () => {
  expect(await readOptions([])).toEqual({
    port: null,
    pagePort: null,
    simulatorPort: null,
    isKept: false,
    calendar: null,
  })
})

test('options are read', async () => {
  expect(await readOptions(['--port', '9000', '--simulator-port', '0', '--page-port', '9001', '--keep'])).toMatchObject(
    {
      port: 9000,
      pagePort: 9001,
      simulatorPort: 0,
      isKept: true,
    },
  )
  expect(await readOptions(['--help'])).toBeNull()
})

test.each([
  [['--port', 'eighty'], '--port must be a number'],
  [['--port', '65536'], '--port must be a number'],
  [['--calender', 'x.ics'], "Unknown option '--calender'"],
  [['--calendar', '/nowhere/mine.ics'], '/nowhere/mine.ics cannot be read'],
])('what cannot be understood is said: %j', async (argv, message) => {
  await expect(readOptions(argv)).rejects.toThrow(DemoError)
  await expect(readOptions(argv)).rejects.toThrow(message)
})

test('a file that is no calendar is refused before anything starts', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'demo-options-'))
  const file = join(folder, 'notes.ics')
  await writeFile(file, 'shopping list')
  await expect(readOptions(['--calendar', file])).rejects.toThrow('is no iCalendar file')
  await writeFile(file, 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n')
  expect((await readOptions(['--calendar', file]))?.calendar?.name).toBe('notes.ics')
  await rm(folder, { recursive: true })
})

test('a usual port that is taken is passed over, one that was asked for is an error', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => other.once('listening', resolve))
  const address = other.address()
  const busy = typeof address === 'object' && address !== null ? address.port : 0
  const found = await freePort({ option: '--port', asked: null, usual: busy, taken: new Set() })
  expect(found).toBeGreaterThan(busy)
  const promised = new Set([found])
  expect(await freePort({ option: '--port', asked: null, usual: busy, taken: promised })).toBeGreaterThan(found)
  await expect(freePort({ option: '--port', asked: busy, usual: 1, taken: new Set() })).rejects.toThrow(
    `Port ${busy} is taken: choose another with --port`,
  )
  other.close()
})
