import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { noteLeaving, takeLeaks, watchedLog, watchedMetrics, type Place } from './watched.ts'

/** The watch over every other test is itself watched: what it would miss would be missed everywhere. */
const PLANTED = ['Jane Roe', 'dr-lee@example.com', 'ya29.abc', '1//0abc', 'lk_0123456789abcdefghij']

test.each(PLANTED)('%s is found wherever it leaves', planted => {
  const places: Place[] = ['log', 'metric', 'problem', 'page', 'span']
  for (const place of places) noteLeaving(place, `before ${planted} after`)
  expect(takeLeaks().map(each => each.split(':')[0])).toEqual(places)
  noteLeaving('log', 'nothing of it')
  expect(takeLeaks()).toEqual([])
})

test('a log line with a title in an allowed field, or with an address in its text, is found', () => {
  watchedLog().debug('decided', { reason: 'Follow-up, Jane Roe' })
  watchedLog().info('connected dr-lee@example.com')
  expect(takeLeaks()).toHaveLength(2)
  watchedLog().debug('decided', Object.assign({ rule: 'echo' }, { title: 'Jane Roe' })) // not on the list of fields
  expect(takeLeaks()).toEqual([])
})

test('an answer with a patient’s name in a problem, a figure or an operator’s page is found', async () => {
  const app = Fastify()
  app.get('/problem', (_request, reply) => reply.type('application/problem+json').send('{"detail":"Jane Roe"}'))
  app.get('/page', (_request, reply) => reply.type('text/html').send('<i class="role">Operator</i> Jane Roe'))
  app.get('/metrics', (_request, reply) =>
    reply.type('text/plain').send('# TYPE lockstep_x gauge\nlockstep_x{u="Jane Roe"} 1'),
  )
  app.get('/content', async () => ({ title: 'Jane Roe' }))
  for (const [path, places] of Object.entries({
    problem: ['problem'],
    page: ['page'],
    metrics: ['metric'],
    content: [],
  })) {
    await app.inject(`/${path}`)
    expect([path, takeLeaks().map(each => each.split(':')[0])]).toEqual([path, places])
  }
  await app.close()
})

test('a figure whose label is an address is found when the file is done', async () => {
  watchedMetrics().delivery({ outcome: 'to dr-lee', ms: 1 })
  expect(takeLeaks()).toEqual([])
})
