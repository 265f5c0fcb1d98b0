import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'

type Block = { language: string; note: string; text: string }

/** The page's fenced blocks, in order. Its three ports are ours here, since others use this machine too. */
export async function blocksOf(page: string): Promise<Block[]> {
  const ports = { 8080: await freePort(), 8090: await freePort(), 8091: await freePort() }
  const text = page.replaceAll(/\b(8080|8090|8091)\b/g, port => ports[port as unknown as keyof typeof ports])
  return [...text.matchAll(/^```(\w+) ?(.*)\n([\s\S]*?)^```$/gm)].map(([, language = '', note = '', body = '']) => ({
    language,
    note,
    text: body,
  }))
}

/** `…` stands for what differs from run to run. */
export function patternOf(line: string): RegExp {
  const parts = line
    .trimEnd()
    .split('…')
    .map(part => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.+')}\\s*$`)
}

/** Runs a page's commands in one shell, and ends whatever they left running. */
export async function follow(
  script: string,
  cwd: string,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const env = { PATH: `${join(cwd, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`, HOME: cwd, NO_COLOR: '1' }
  const shell = spawn('bash', ['-c', `set -e\n${script}`], {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { stdout: '', stderr: '' }
  shell.stdout.on('data', chunk => (said.stdout += String(chunk)))
  shell.stderr.on('data', chunk => (said.stderr += String(chunk)))
  const [code] = (await once(shell, 'exit')) as [number | null]
  // Whatever the page left running is in the shell's own group.
  if (shell.pid !== undefined) endGroup(shell.pid)
  return { code, ...said }
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

export async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return String(typeof address === 'object' ? address?.port : '')
}
