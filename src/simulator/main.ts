import { parseArgs } from 'node:util'

import { startSimulator } from './server.ts'

const DEFAULT_PORT = 8090

/** `npx lockstep simulator`: starts a simulator and prints where it is. */
export async function runSimulator(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: {
      port: { type: 'string', default: String(DEFAULT_PORT) },
      host: { type: 'string', default: '127.0.0.1' },
      'virtual-time': { type: 'boolean', default: false },
    },
  })
  const simulator = await startSimulator({
    port: Number(values.port),
    host: values.host,
    virtualTime: values['virtual-time'],
  })
  console.log(`Google Calendar simulator on ${simulator.url}`)
}

if (import.meta.main) await runSimulator(process.argv.slice(2))
