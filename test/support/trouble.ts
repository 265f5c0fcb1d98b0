import type { Engine } from './engine.ts'

/** The simulator's control API, without a socket. @throws Error when it refuses. */
export function control(engine: Engine, method: string, path: string, body: object = {}): Record<string, unknown> {
  const answer = engine.simulator.handle({
    method,
    path: `/_control/${path}`,
    query: new URLSearchParams(),
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (answer.status >= 400) throw new Error(`control ${path}: ${answer.status} ${answer.body}`)
  return JSON.parse(answer.body) as Record<string, unknown>
}

type Fault = { match?: Record<string, string>; times?: number | 'always'; probability?: number } & Record<
  string,
  unknown
>

/** Something goes wrong at Google from now on, as often as `times` says (once). */
export const cause = (engine: Engine, fault: Fault): void => void control(engine, 'POST', 'faults', fault)

/** `insert`, `list`… : what a method of events goes through, every time. */
export const always = (engine: Engine, kind: string, fault: object): void =>
  cause(engine, { match: { kind }, times: 'always', ...fault })

export const endTrouble = (engine: Engine): void => void control(engine, 'DELETE', 'faults')

export const inPath = (id: string): string => encodeURIComponent(id)

/** How often the engine made this call since `mark`. */
export function countCalls(engine: Engine, mark: number, kind: string): number {
  return engine.simulator.world.requestLog.slice(mark).filter(each => each.kind === kind && each.clientId === 'client')
    .length
}
