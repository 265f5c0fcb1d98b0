import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { OAuth2Client } from 'google-auth-library'
import { calendar } from 'googleapis/build/src/apis/calendar/index.js'
import { afterEach, expect, test } from 'vitest'

import { addCalendar } from '../../src/simulator/calendars.ts'
import { type RunningSimulator, startSimulator } from '../../src/simulator/server.ts'
import { anEvent, ANNA } from './world-builder.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  await Promise.all(closers.splice(0).map(close => close()))
})

async function started(options: Parameters<typeof startSimulator>[0] = {}): Promise<RunningSimulator> {
  const simulator = await startSimulator({ autoConsent: { account: ANNA }, notificationDelayMs: 0, ...options })
  closers.push(simulator.close)
  return simulator
}

async function signedIn(simulator: RunningSimulator) {
  const endpoints = {
    oauth2AuthBaseUrl: `${simulator.url}/o/oauth2/v2/auth`,
    oauth2TokenUrl: `${simulator.url}/token`,
    oauth2RevokeUrl: `${simulator.url}/revoke`,
  }
  const auth = new OAuth2Client({ clientId: 'c', clientSecret: 's', redirectUri: 'http://127.0.0.1:1/cb', endpoints })
  const scope = ['openid', 'email', 'https://www.googleapis.com/auth/calendar']
  const url = auth.generateAuthUrl({ access_type: 'offline', scope })
  const answer = await fetch(url, { redirect: 'manual' })
  const code = new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? ''
  const { tokens } = await auth.getToken(code)
  auth.setCredentials(tokens)
  return { auth, api: calendar({ version: 'v3', auth, rootUrl: simulator.url, retry: false }) }
}

test('Google’s own client signs in, writes, lists, is notified and revokes', async () => {
  const simulator = await started()
  const { auth, api } = await signedIn(simulator)
  const receiver = createServer((_request, response) => response.end())
  closers.push(() => new Promise(done => receiver.close(done)))
  await new Promise<void>(ready => receiver.listen(0, '127.0.0.1', ready))
  const { port } = receiver.address() as AddressInfo // an http server listens on an address, never on a pipe here
  const told: string[] = []
  const arrived = new Promise<void>(resolve => {
    receiver.on('request', request => {
      if (request.headers['x-goog-resource-state'] === 'exists')
        resolve(void told.push(String(request.headers['x-goog-channel-id'])))
    })
  })
  const requestBody = { id: 'channel-1', type: 'web_hook', address: `http://127.0.0.1:${port}/` }
  await api.events.watch({ calendarId: 'primary', requestBody })
  await api.events.insert({ calendarId: 'primary', requestBody: anEvent({ id: 'abcde1' }) })
  await arrived
  expect(told).toEqual(['channel-1'])
  const listed = await api.events.list({ calendarId: 'primary' })
  expect(listed.data.items?.map(item => item.id)).toEqual(['abcde1'])
  const etag = listed.data.items?.[0]?.etag ?? ''
  const patched = await api.events.patch(
    { calendarId: ANNA, eventId: 'abcde1', requestBody: { location: 'Room 4' } },
    { headers: { 'If-Match': etag } },
  )
  expect(patched.data.location).toBe('Room 4')
  await expect(
    api.events.update(
      { calendarId: ANNA, eventId: 'abcde1', requestBody: anEvent() },
      { headers: { 'If-Match': etag } },
    ),
  ).rejects.toMatchObject({ status: 412 })
  await auth.revokeToken(auth.credentials.refresh_token ?? '')
  await expect(api.events.list({ calendarId: 'primary' })).rejects.toMatchObject({ status: 401 })
})

test('a calendar with # and @ in its id is reached, and its neighbours are not', async () => {
  const simulator = await started()
  const { api } = await signedIn(simulator)
  const owner = simulator.world.accounts.get(ANNA)
  if (!owner) throw new Error('no account')
  addCalendar(simulator.world, { owner, summary: 'Holidays', id: 'en.usa#holiday@group.v.calendar.google.com' })
  const listed = await api.events.list({ calendarId: 'en.usa#holiday@group.v.calendar.google.com' })
  expect(listed.data.summary).toBe('Holidays')
})

test('a connection cut after the work leaves the work done', async () => {
  const simulator = await started()
  const { api } = await signedIn(simulator)
  await fetch(`${simulator.url}/_control/faults`, {
    method: 'POST',
    body: JSON.stringify({ cut: 'after', match: { kind: 'events.insert' } }),
  })
  await expect(api.events.insert({ calendarId: 'primary', requestBody: anEvent({ id: 'abcde1' }) })).rejects.toThrow()
  expect((await api.events.get({ calendarId: 'primary', eventId: 'abcde1' })).data.status).toBe('confirmed')
})
