/** One setting tried out, and what to do where it does not work. */
export type Finding = { name: string; isOk: boolean; detail: string; remedy: string }

const TIMEOUT_MS = 10_000
/** Google's own tolerance for signed times is five minutes; half of it leaves time to act. */
const SKEW_MAX_MS = 150_000

type Question = { name: string; remedy: string; ask: () => Promise<string> }

/** Asks one question; an answer is what was seen, an error is why not. */
export async function find({ name, remedy, ask }: Question): Promise<Finding> {
  try {
    return { name, isOk: true, detail: await ask(), remedy }
  } catch (error) {
    return { name, isOk: false, detail: error instanceof Error ? reasonOf(error) : String(error), remedy }
  }
}

/**
 * A code nobody issued: Google answers `invalid_grant` when it knows the client and `invalid_client` when it does not.
 * @throws Error when the client is not known.
 */
export async function askTokenEndpoint(
  tokenUrl: string,
  client: { clientId: string; clientSecret: string },
): Promise<string> {
  const answer = await fetch(tokenUrl, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: 'none',
      client_id: client.clientId,
      client_secret: client.clientSecret,
    }),
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  const body: unknown = await answer.json()
  const error = typeof body === 'object' && body !== null && 'error' in body ? String(body.error) : `${answer.status}`
  if (error !== 'invalid_grant') throw new Error(`the token endpoint answers ${error}`)
  return 'the token endpoint knows the client'
}

/** @throws Error when something else, or nothing, answers there. */
export async function askPublicUrl(publicUrl: string): Promise<string> {
  const answer = await fetch(`${publicUrl}/health/live`, {
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  const body = await answer.text()
  if (answer.status !== 200 || !body.includes('"ok"')) throw new Error(`answers ${answer.status}, but not as Lockstep`)
  return `${publicUrl} reaches the service`
}

/** By the Date of an answer, which is exact to a second. @throws Error when the clocks differ by too much. */
export async function compareClocks(url: string, now: () => number): Promise<string> {
  const answer = await fetch(url, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) })
  const theirs = Date.parse(answer.headers.get('date') ?? '')
  if (Number.isNaN(theirs)) return 'the other side tells no time; not compared'
  const skewMs = now() - theirs
  if (Math.abs(skewMs) > SKEW_MAX_MS) throw new Error(`this clock is ${Math.round(skewMs / 1_000)} s away from it`)
  return `within ${Math.max(1, Math.ceil(Math.abs(skewMs) / 1_000))} s`
}

function reasonOf(error: Error): string {
  const cause = error.cause
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : ''
  return `${error.message || error.name}${code}`
}
