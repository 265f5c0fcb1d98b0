import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { Registry } from 'prom-client'
import type { Deps } from '../../usecases/deps.ts'

/** The server as routes see it: handlers take their types from their TypeBox schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

export type ServerDeps = Deps & {
  adminToken: string
  /** Where `/metrics` reads; the server adds its own figures. A registry of its own when left out. */
  registry?: Registry
}

/** Registers routes: one function per file in `routes/`, listed in `server.ts`. */
export type Routes = (app: App, deps: ServerDeps) => void | Promise<void>
