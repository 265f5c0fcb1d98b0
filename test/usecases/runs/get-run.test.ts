import { expect, test } from 'vitest'
import type { Run } from '../../../src/ports/store/operations.ts'
import { runResource } from '../../../src/usecases/runs/get-run.ts'
import { NOW } from '../../support/builders.ts'

const aRun = (fields: Partial<Run> = {}): Run => ({
  tenantId: 'clinic',
  id: 'run_1',
  connectionId: 'con_1',
  kind: 'first_sync',
  state: 'running',
  phase: 'reading',
  done: 250,
  total: 1_000,
  phaseStartedAt: NOW,
  phaseStartedDone: 0,
  error: null,
  createdAt: NOW,
  startedAt: NOW,
  finishedAt: null,
  ...fields,
})

test.each([
  ['a quarter done in ten seconds leaves thirty', {}, 30],
  ['nothing done yet tells nothing', { done: 0 }, null],
  ['an unknown total tells nothing', { total: null }, null],
  ['what is finished has nothing left', { state: 'done' as const, done: 1_000 }, null],
  ['more done than thought leaves nothing', { done: 1_200 }, 0],
])('%s', (_sentence, fields, etaSeconds) => expect(runResource(aRun(fields), NOW + 10_000).etaSeconds).toBe(etaSeconds))
