import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const MAIN = resolve(import.meta.dirname, '../../src/demo/main.ts')
const ANY_PORTS = ['--port', '0', '--page-port', '0', '--simulator-port', '0']
const READY_MS_MAX = 100_000

export type RunningDemo = {
  pageUrl: string
  simulatorUrl: string
  serviceUrl: string
  apiKey: string
  output: () => string
  pid: number
  /** As Ctrl-C does. @returns the exit code. */
  stop: () => Promise<number | null>
}

/**
 * The demo as a person starts it, on any free ports unless said otherwise, in a folder of its own.
 * @throws Error with all that it printed when it does not become ready.
 */
export async function runDemo(
  args: readonly string[] = [],
  folder?: string,
  ports: readonly string[] = ANY_PORTS,
): Promise<RunningDemo> {
  const home = folder ?? (await mkdtemp(join(tmpdir(), 'demo-test-')))
  const child = spawn(process.execPath, [MAIN, ...ports, ...args], {
    cwd: home,
    env: { ...process.env, TMPDIR: home, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', chunk => (output += String(chunk)))
  child.stderr.on('data', chunk => (output += String(chunk)))
  const exited = once(child, 'exit')
  await Promise.race([exited, ready(child, () => output)])
  const read = (label: string): string => new RegExp(`${label}\\s+(\\S+)`).exec(output)?.[1] ?? ''
  const stop = async (): Promise<number | null> => {
    child.kill('SIGINT')
    await exited
    if (folder === undefined) await rm(home, { recursive: true, force: true })
    return child.exitCode
  }
  if (!output.includes('Ctrl-C stops')) {
    await stop()
    throw new Error(`the demo did not become ready:\n${output}`)
  }
  return {
    pageUrl: read('Both sides of one week'),
    simulatorUrl: read('Edit as in Google'),
    serviceUrl: read('API documentation').replace(/\/docs$/, ''),
    apiKey: read('API key'),
    output: () => output,
    pid: child.pid ?? 0,
    stop,
  }
}

function ready(child: ChildProcess, output: () => string): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, READY_MS_MAX)
    child.stdout?.on('data', () => {
      if (!output().includes('Ctrl-C stops')) return
      clearTimeout(timer)
      resolve()
    })
  })
}

/** Whether anybody listens at an address. */
export const isUp = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  )
