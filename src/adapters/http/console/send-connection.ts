import type { FastifyReply } from 'fastify'
import { effectivePolicies } from '../../../core/model/policies.ts'
import type { Check } from '../../../usecases/connections/check-connection.ts'
import { planDeletions } from '../../../usecases/connections/plan-deletions.ts'
import { readWeek } from '../../../usecases/operations/read-week.ts'
import { connectionPage } from './connection-page.ts'
import { sendNotFound, type ConsoleDeps } from './enter.ts'
import { sendPage, type Notice } from './layout.ts'
import type { Visit } from './session.ts'

const LISTED_MAX = 50
const RUNS_MAX = 8

type Which = { tenantId: string; connectionId: string }
type Shown = { day?: string | null; checks?: readonly Check[]; notice?: Notice; status?: number }

/** The page of one connection, after an action with what it led to. */
export async function sendConnection(
  deps: ConsoleDeps,
  reply: FastifyReply,
  visit: Visit,
  which: Which,
  { day = null, checks, notice, status }: Shown = {},
): Promise<FastifyReply> {
  const { tenantId, connectionId } = which
  const { store } = deps
  const now = deps.system.now()
  const [tenant, connection, health] = await Promise.all([
    store.tenant(tenantId),
    store.connection(tenantId, connectionId),
    store.healthOf(tenantId, connectionId, now),
  ])
  if (tenant === null || connection === null || health === null) return sendNotFound(reply, visit)
  const [calendars, channels, lanes, stuck, parked, runs, samples] = await Promise.all([
    store.calendarsOf(tenantId, connectionId),
    store.channelsOf(tenantId, connectionId),
    store.laneDepths({ tenantId, connectionId }),
    store.stuckWrites(tenantId, connectionId, LISTED_MAX),
    store.parkedLinks(tenantId, connectionId, LISTED_MAX),
    store.runsOf(tenantId, connectionId, RUNS_MAX),
    store.samplesOf(tenantId, connectionId),
  ])
  const policies = effectivePolicies(tenant.settings.policies, connection.policies)
  const showsTitles = visit.viewer.kind === 'tenant'
  const week = await readWeek(deps, { connection, calendars, policies, day, showsTitles, now })
  const deletions = connection.status === 'held' ? await countDeletions(deps, which) : null
  const parts = {
    visit,
    now,
    connection,
    health,
    calendars,
    channels,
    policies,
    week,
    lanes,
    stuck,
    parked,
    runs,
    samples,
  }
  return sendPage(reply, {
    visit,
    tenantId,
    tenantName: tenant.name,
    menu: 'connections',
    title: connection.userId,
    body: connectionPage({ ...parts, checks: checks ?? null, deletions }),
    notice: notice ?? null,
    ...(status === undefined ? {} : { status }),
    isLive: checks === undefined && notice === undefined,
  })
}

async function countDeletions(deps: ConsoleDeps, which: Which): Promise<{ accept: number; restore: number }> {
  const accepted = await planDeletions(deps, { ...which, deletions: 'accept' })
  const restored = await planDeletions(deps, { ...which, deletions: 'restore' })
  return {
    accept: accepted.ok ? accepted.value.local.length : 0,
    restore: restored.ok ? restored.value.google.length : 0,
  }
}
