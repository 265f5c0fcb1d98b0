import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { Registry } from 'prom-client'
import type { Instant } from '../../core/model/time.ts'
import type { AuditLog } from '../../ports/audit.ts'
import type { MeterReading } from '../../ports/quota.ts'
import type { Deps } from '../../usecases/deps.ts'
import type { Rates } from './rate-limits.ts'

/** The server as routes see it: handlers take their types from their TypeBox schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** A job that crashed too often and rests. */
export type HeldJob = { id: string; kind: string; tenantId: string; concerns: string; since: Instant }

/** What only operators need: the record of who did what, and the parts of the process that no use case touches. */
export type OperatorDeps = {
  audit: AuditLog
  meters(limit: number): Promise<MeterReading[]>
  quarantined(): Promise<HeldJob[]>
  /** @returns how many were given back. */
  release(ids: readonly string[]): Promise<number>
}

export type ServerDeps = Deps & {
  adminToken: string
  /** What each caller may ask of this instance; left out: `RATES`. */
  rates?: Rates
  /** Why nothing may be changed: the database belongs to somebody else. Null, or left out: all is well. */
  readOnly?: () => string | null
  /** Where `/metrics` reads; the server adds its own figures. A registry of its own when left out. */
  registry?: Registry
  /** Left out: no console, and no record of who changed what. */
  operator?: OperatorDeps
}

/** Registers routes: one function per file in `routes/`, listed in `server.ts`. */
export type Routes = (app: App, deps: ServerDeps) => void | Promise<void>
