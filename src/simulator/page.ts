import { html, type SimRequest, type SimResponse } from './http.ts'

/** The page on which a person edits events; undefined for any path that is not one of its files. */
export function handlePage(request: SimRequest): SimResponse | undefined {
  if (request.path !== '/') return undefined
  return html(200, '<!doctype html><title>Google Calendar simulator</title><p>Google Calendar simulator')
}
