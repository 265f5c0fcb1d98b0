import { Type } from 'typebox'
import { succeed } from '../../../core/model/failures.ts'
import type { ChosenCalendars } from '../../../core/model/calendar-choice.ts'
import { chooseCalendars } from '../../../usecases/calendars/choose-calendars.ts'
import { listCalendars } from '../../../usecases/calendars/list-calendars.ts'
import { planChoice } from '../../../usecases/calendars/plan-choice.ts'
import { sendOutcome } from '../answers.ts'
import type { App, ServerDeps } from '../app.ts'
import { CalendarChoiceSchema, PlanSchema, StartedRun } from '../connection-schemas.ts'
import { closed, Id, IdParams, Nullable } from '../schemas.ts'

const tags = ['connections']
const CALENDARS_MAX = 100

const CalendarIds = Type.Array(Id('a calendar’s id as Google gave it'), { maxItems: CALENDARS_MAX })

const Choice = Type.Object(
  {
    target: Type.Optional(
      Nullable(
        Type.Union([
          Type.Object({ create: Type.String({ minLength: 1, maxLength: 100 }) }, closed),
          Type.Object({ calendarId: Id('a calendar the account may write to') }, closed),
        ]),
      ),
    ),
    sources: Type.Optional(CalendarIds),
    conflicts: Type.Optional(CalendarIds),
    dryRun: Type.Optional(Type.Boolean({ description: 'answer with the plan, change nothing' })),
    replaceFeed: Type.Optional(Type.Boolean({ description: 'retire the user’s feed for two-way sync' })),
  },
  closed,
)

export function calendarRoutes(app: App, deps: ServerDeps): void {
  app.get(
    '/v1/connections/:id/calendars',
    {
      config: { access: 'tenant' },
      schema: {
        tags,
        summary: 'Google’s list, and what each calendar may be used for',
        params: IdParams,
        response: { 200: Type.Object({ items: Type.Array(CalendarChoiceSchema) }) },
      },
    },
    async (request, reply) => {
      const listed = await listCalendars(deps, { tenantId: request.tenantId(), connectionId: request.params.id })
      return sendOutcome(reply, listed.ok ? succeed({ items: listed.value }) : listed)
    },
  )
  app.put(
    '/v1/connections/:id/calendars',
    {
      config: { access: 'tenant' },
      schema: {
        tags,
        summary: 'Choose target, sources and conflict calendars; starts the first or the renewed sync',
        params: IdParams,
        body: Choice,
        response: { 200: PlanSchema, 202: StartedRun },
      },
    },
    async (request, reply) => {
      const { target = null, sources = [], conflicts = [], dryRun = false, replaceFeed = false } = request.body
      const choice: ChosenCalendars = { target, sources, conflicts, replaceFeed }
      const input = { tenantId: request.tenantId(), connectionId: request.params.id, choice }
      if (dryRun) return sendOutcome(reply, await planChoice(deps, input))
      return sendOutcome(reply, await chooseCalendars(deps, input), 202)
    },
  )
}
