import { fork } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DemoError } from './options.ts'

export type Service = {
  url: string
  /** The last lines of its log, for when something does not work. */
  logEnd: () => string
  close: () => Promise<void>
  kill: () => void
  onExit: (listener: () => void) => void
}

export type Secrets = { secretKeys: string; adminToken: string; clientId: string; clientSecret: string }

const READY_MS_MAX = 60_000
const CLOSE_MS_MAX = 15_000
const LOG_LINES_SHOWN = 15
/** The simulator has no quota: nothing holds the first sync back. */
const UNHURRIED = { GOOGLE_PROJECT_RPM: '100000', GOOGLE_USER_RPM: '20000' }

/** Starts the service beside this process and waits until it is ready. @throws DemoError with the end of its log when it is not. */
export async function startService(of: {
  port: number
  simulatorUrl: string
  folder: string
  secrets: Secrets
}): Promise<Service> {
  const { port, simulatorUrl, folder, secrets } = of
  const logFile = join(folder, 'service.log')
  const log = openSync(logFile, 'a')
  const child = fork(join(import.meta.dirname, 'service-process.ts'), {
    stdio: ['ignore', log, log, 'ipc'],
    env: { ...inherited(), ...UNHURRIED, ...settings({ port, simulatorUrl, folder, secrets }) },
  })
  const exited = once(child, 'exit')
  const url = `http://127.0.0.1:${port}`
  const logEnd = (): string => readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LOG_LINES_SHOWN).join('\n')
  const service: Service = {
    url,
    logEnd,
    kill: () => void child.kill('SIGKILL'),
    onExit: listener => void child.once('exit', listener),
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const timer = setTimeout(() => child.kill('SIGKILL'), CLOSE_MS_MAX)
      if (child.connected) child.disconnect()
      await exited
      clearTimeout(timer)
    },
  }
  const ready = once(child, 'message', { signal: AbortSignal.timeout(READY_MS_MAX) }).then(() => true)
  const isReady = await Promise.race([ready, exited.then(() => false)]).catch(() => false)
  ready.catch(() => undefined)
  if (isReady) return service
  service.kill()
  throw new DemoError(`The service did not start. The end of its log:\n${logEnd()}`)
}

/** What a process needs of its surroundings; settings of a real service that may stand there are not for the demo. */
function inherited(): Record<string, string> {
  const names = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'TZ', 'NODE_OPTIONS']
  return Object.fromEntries(names.flatMap(name => (process.env[name] === undefined ? [] : [[name, process.env[name]]])))
}

function settings(of: {
  port: number
  simulatorUrl: string
  folder: string
  secrets: Secrets
}): Record<string, string> {
  const { port, simulatorUrl, folder, secrets } = of
  return {
    HOST: '127.0.0.1',
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    DATA_DIR: join(folder, 'database'),
    SECRET_KEYS: secrets.secretKeys,
    ADMIN_TOKEN: secrets.adminToken,
    GOOGLE_CLIENT_ID: secrets.clientId,
    GOOGLE_CLIENT_SECRET: secrets.clientSecret,
    GOOGLE_API_URL: simulatorUrl,
    GOOGLE_AUTH_URL: `${simulatorUrl}/o/oauth2/v2/auth`,
    GOOGLE_TOKEN_URL: `${simulatorUrl}/token`,
    GOOGLE_REVOKE_URL: `${simulatorUrl}/revoke`,
    WEBHOOK_ALLOW_PRIVATE: 'true',
    LOG_LEVEL: 'info',
    NO_PROXY: '127.0.0.1,localhost',
  }
}
