/**
 * What other people's test runners import: a Google Calendar in their process, or on a port of its own.
 * `createSimulator` needs no socket: hand its `fetch` to the client, and move its clock by hand.
 */
export { startSimulator, type RunningSimulator, type ServerOptions } from './server.ts'
export { createSimulator, type Simulator, type SimulatorOptions } from './simulator.ts'
export type { SimRequest, SimResponse } from './http.ts'
export type { LogEntry, World } from './world.ts'
export { addAccount, addCalendar, setRole } from './calendars.ts'
export { importIcs, type IcsImport } from './ics-import.ts'
export { loadIcs, type IcsCalendar, type IcsProblem } from './ics.ts'
export { seedEvents } from './seeding.ts'
export { GOOGLE_QUOTAS } from './quotas.ts'
