import { randomBytes } from 'node:crypto'
import { startSimulator, type RunningSimulator } from '../simulator/testing.ts'
import { firstWeek, sampleClinic } from './clinic.ts'
import { awaitSent, connectAll, type Connected } from './connect.ts'
import { fillGoogle, fillPlatform, loadCalendar } from './fill.ts'
import { freePort } from './free-port.ts'
import { createGoogle, type Google } from './google.ts'
import { clear, openFolder, readKept, restoreGoogle, writeKept, type Folder, type Kept } from './keep.ts'
import { watchBothSides, type Live } from './live.ts'
import { DemoError, type DemoOptions } from './options.ts'
import { buildPageServer, type Setup } from './page-server.ts'
import { createPlatform, type Platform } from './platform.ts'
import { requestJson } from './request-json.ts'
import type { Clinic } from './sample.ts'
import { weekBounds } from './week.ts'
import { YOUR_EMAIL, yourself } from './yourself.ts'
import { startService, type Secrets, type Service } from './service.ts'

/** Tells a person how far the start has come. */
export type Report = { step: (text: string) => void; warn: (text: string) => void }

export type Demo = {
  pageUrl: string
  serviceUrl: string
  consoleUrl: string | null
  simulatorUrl: string
  connectUrl: string
  apiKey: string
  adminToken: string
  keptIn: string | null
  /** How many appointments are in Google once all of them are: the weeks further away go on after the start. */
  allSent: () => Promise<number>
  /** Called when the service ends by itself. */
  onFailure: (listener: () => void) => void
  close: () => Promise<void>
  kill: () => void
}

const SEED = 20
const USUAL = { service: 8080, page: 8081, simulator: 8090 }
const SAVE_EVERY_MS = 5_000
const FIRST_WEEK_MS_MAX = 40_000
const ALL_MS_MAX = 180_000

type Parts = {
  options: DemoOptions
  report: Report
  ports: Kept['ports']
  secrets: Secrets
  folder: Folder
  simulator: RunningSimulator
  service: Service
  google: Google
}

/** Starts everything; what was started is stopped again when something fails. @throws DemoError with what to do about it. */
export async function startDemo(options: DemoOptions, report: Report): Promise<Demo> {
  const closing: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    for (const step of closing.splice(0).reverse()) await step()
  }
  try {
    return await startParts(options, report, { closing, close })
  } catch (error) {
    await close()
    throw error
  }
}

type Closing = { closing: (() => Promise<void>)[]; close: () => Promise<void> }

async function startParts(options: DemoOptions, report: Report, { closing, close }: Closing): Promise<Demo> {
  const folder = await openFolder(options.isKept)
  closing.push(folder.remove)
  const kept = options.isKept ? await readKept(folder.path) : null
  if (kept === null) await clear(folder.path)
  if (kept !== null && options.calendar !== null)
    throw new DemoError(`--calendar needs a fresh start: leave --keep out, or delete ${folder.path}.`)
  const ports = await choosePorts(options, kept?.ports ?? USUAL)
  if (kept !== null && kept.ports.service !== ports.service)
    report.warn('The service has another port than before: what changes in Google may arrive late, by polling.')
  const simulator = await startSimulator({ port: ports.simulator, seed: SEED })
  closing.push(simulator.close)
  if (kept !== null) await restoreGoogle(folder.path, simulator.world)
  const secrets = kept?.secrets ?? makeSecrets()
  const google = createGoogle(simulator.url)
  const starting = startService({ port: ports.service, simulatorUrl: simulator.url, folder: folder.path, secrets })
  starting.catch(() => undefined) // looked at below, when Google is ready
  const saving = { stop: async (): Promise<void> => undefined }
  closing.push(
    () => saving.stop(), // when the service has said its last word to the simulator
    async () => (await starting.catch(() => null))?.close(),
  )
  const clinic = kept === null ? await prepareGoogle(options, google, report) : null
  const service = await starting
  report.step('Service, worker and embedded database are up')
  const parts: Parts = { options, report, ports, secrets, folder, simulator, service, google }
  const filled = clinic === null ? kept : await fill(parts, clinic).catch(withLog(service))
  if (filled === null) throw new Error('there is neither a kept clinic nor a new one')
  if (options.isKept) saving.stop = keepSaving(folder.path, { ...filled, ports }, simulator)
  return present(parts, filled, { closing, close })
}

const withLog =
  (service: Service) =>
  (error: unknown): never => {
    const message = error instanceof Error ? error.message : String(error)
    throw new DemoError(`${message}\nThe end of the service's log:\n${service.logEnd()}`, { cause: error })
  }

/** A kept demo stays where it was, since Google knows its address. */
async function choosePorts(options: DemoOptions, usual: Kept['ports']): Promise<Kept['ports']> {
  const taken = new Set<number>()
  return {
    service: await freePort({ option: '--port', asked: options.port, usual: usual.service, taken }),
    page: await freePort({ option: '--page-port', asked: options.pagePort, usual: usual.page, taken }),
    simulator: await freePort({
      option: '--simulator-port',
      asked: options.simulatorPort,
      usual: usual.simulator,
      taken,
    }),
  }
}

const makeSecrets = (): Secrets => ({
  secretKeys: `demo:${randomBytes(32).toString('base64')}`,
  adminToken: randomBytes(24).toString('base64url'),
  clientId: '424242424242-demo.apps.googleusercontent.com',
  clientSecret: randomBytes(16).toString('base64url'),
})

/** The clinic, and a calendar of the person's own where one was given, on Google's side. */
async function prepareGoogle(options: DemoOptions, google: Google, report: Report): Promise<Clinic> {
  const clinic = sampleClinic({ seed: SEED, today: today() })
  const { calendar } = options
  if (calendar !== null) clinic.members.unshift(yourself(calendar.text))
  await fillGoogle(google, clinic)
  report.step(`Google simulator with ${clinic.members.length} accounts`)
  if (calendar === null) return clinic
  const { inserted, problems } = await loadCalendar(google, YOUR_EMAIL, calendar.text)
  report.step(`${calendar.name}: ${inserted} events loaded into your calendar`)
  for (const { summary, reason } of problems) report.warn(`left out "${summary ?? '(no title)'}": ${reason}`)
  return clinic
}

/** The day it is on this machine. */
const today = (): string => new Intl.DateTimeFormat('en-CA').format(new Date())

/** A tenant, its appointments, and everybody connected and synced once. */
async function fill(parts: Parts, clinic: Clinic): Promise<Kept> {
  const { report, ports, secrets, service, google, simulator } = parts
  const { apiKey } = await requestJson<{ apiKey: string }>(`${service.url}/v1/tenants`, {
    method: 'POST',
    token: secrets.adminToken,
    body: { name: clinic.name, settings: { branding: { productName: clinic.name, colour: '#0f766e' } } },
  })
  const platform = createPlatform({ baseUrl: service.url, apiKey })
  const booked = await fillPlatform(platform, clinic.members)
  report.step(`${clinic.name}: ${booked} appointments booked through the API`)
  const connected = await connectAll({ platform, google, clinic })
  report.step(`${connected.length} people connected through Google’s consent and synced`)
  const setup = setupOf({ clinic, connected, serviceUrl: service.url, simulatorUrl: simulator.url })
  return { ports, secrets, apiKey, setup }
}

function setupOf(of: { clinic: Clinic; connected: Connected[]; serviceUrl: string; simulatorUrl: string }): Setup {
  const { clinic, connected, serviceUrl, simulatorUrl } = of
  return {
    clinic: clinic.name,
    members: connected.map(({ member, calendars }) => {
      const { userId, name, profession, email, timeZone, shows } = member
      const shown = calendars.map(({ id, summary }) => ({ id, summary }))
      return { userId, name, profession, email, timeZone, shows, calendars: shown }
    }),
    firstWeek: firstWeek(today()),
    weeks: clinic.weeks,
    clockChanges: clinic.clockChanges,
    links: { simulator: `${simulatorUrl}/`, docs: `${serviceUrl}/docs`, console: null },
  }
}

/** The page in front of it all. */
async function present(parts: Parts, kept: Kept, { closing, close }: Closing): Promise<Demo> {
  const { ports, secrets, folder, simulator, service, google, options } = parts
  const platform = createPlatform({ baseUrl: service.url, apiKey: kept.apiKey })
  const console = (await isThere(`${service.url}/console`)) ? `${service.url}/console` : null
  const links = { simulator: `${simulator.url}/`, docs: `${service.url}/docs`, console }
  const setup: Setup = { ...kept.setup, firstWeek: firstWeek(today()), links }
  const live = watchLive({ platform, google, setup })
  closing.push(live.stop)
  const page = await buildPageServer({ setup, platform, google, live })
  closing.push(() => page.close())
  const pageUrl = await page.listen({ host: '127.0.0.1', port: ports.page })
  const everybody = setup.members.map(each => each.userId)
  const week = weekBounds(setup.firstWeek, 'UTC')
  if (week !== null) await awaitSent(platform, everybody, { ...week, msMax: FIRST_WEEK_MS_MAX })
  const { url: connectUrl } = await platform.connectLink(setup.members[0]?.userId ?? 'somebody', {})
  return {
    pageUrl: `${pageUrl}/demo`,
    serviceUrl: service.url,
    consoleUrl: console,
    simulatorUrl: `${simulator.url}/`,
    connectUrl,
    apiKey: kept.apiKey,
    adminToken: secrets.adminToken,
    keptIn: options.isKept ? folder.path : null,
    allSent: () =>
      awaitSent(platform, everybody, {
        from: `${setup.weeks.from}T00:00:00Z`,
        to: `${setup.weeks.to}T00:00:00Z`,
        msMax: ALL_MS_MAX,
      }),
    onFailure: service.onExit,
    close,
    kill: service.kill,
  }
}

function watchLive(of: { platform: Platform; google: Google; setup: Setup }): Live {
  const { platform, google, setup } = of
  const zones = new Map(setup.members.map(each => [each.userId, each.timeZone]))
  return watchBothSides({ platform, google, since: Date.now(), zoneOf: userId => zones.get(userId) ?? 'UTC' })
}

const isThere = async (url: string): Promise<boolean> =>
  fetch(url, { redirect: 'manual' }).then(
    response => response.status < 404,
    () => false,
  )

/** Saves now and again, and once more at the end. */
function keepSaving(folder: string, kept: Kept, { world }: RunningSimulator): () => Promise<void> {
  let saved = -1
  const save = async (): Promise<void> => {
    if (world.counter === saved) return
    saved = world.counter
    await writeKept(folder, kept, world)
  }
  let saving = save()
  const timer = setInterval(() => {
    saving = saving.then(save)
  }, SAVE_EVERY_MS)
  return async () => {
    clearInterval(timer)
    await saving
    await save()
  }
}
