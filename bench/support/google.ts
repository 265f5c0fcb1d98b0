import { fork } from 'node:child_process'
import type { GoogleAnswers } from './google-process.ts'

/** The simulated Google, in its own process. */
export type Google = {
  url: string
  ask<K extends keyof GoogleAnswers>(
    name: K,
    ...input: Parameters<GoogleAnswers[K]>
  ): Promise<Awaited<ReturnType<GoogleAnswers[K]>>>
  close(): void
}

type Message = { id: number; value?: unknown; error?: string }

export async function startGoogle(): Promise<Google> {
  const child = fork(new URL('./google-process.ts', import.meta.url), { execArgv: [] })
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  const ready = Promise.withResolvers<unknown>()
  waiting.set(0, ready)
  let questions = 0
  child.on('message', ({ id, value, error }: Message) => {
    if (error === undefined) waiting.get(id)?.resolve(value)
    else waiting.get(id)?.reject(new Error(error))
    waiting.delete(id)
  })
  child.on('exit', code => waiting.forEach(each => each.reject(new Error(`the simulated Google ended with ${code}`))))
  const url = (await ready.promise) as string
  return {
    url,
    ask: (name, ...[input]) => {
      const id = ++questions
      const answer = Promise.withResolvers<unknown>()
      waiting.set(id, answer)
      child.send({ id, name, input })
      return answer.promise as ReturnType<Google['ask']> as never // typed by GoogleAnswers, which the child answers from
    },
    close: () => child.disconnect(),
  }
}
