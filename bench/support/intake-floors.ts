import fastify from 'fastify'
import postgres from 'postgres'

/** What an intake is beside: a route that does nothing, and one that commits one row per request. Told the database by its argument. */
const sql = postgres(process.argv[2] ?? '', { max: 20, onnotice: () => undefined })
await sql`create table if not exists floor_notifications (id bigserial primary key, channel text not null, at timestamptz not null)`
const app = fastify({ logger: false })
app.post('/empty', (_request, reply) => reply.status(204).send())
app.post('/insert', async (request, reply) => {
  const channel = String(request.headers['x-goog-channel-id'])
  await sql`insert into floor_notifications (channel, at) values (${channel}, ${new Date()})`
  return reply.status(204).send()
})
await app.listen({ port: 0, host: '127.0.0.1' })
const address = app.server.address()
process.send?.(typeof address === 'object' ? address?.port : null)
process.on('disconnect', () => process.exit(0))
