/** The same two queries with Fastify and pg and nothing else. */
import fastify from 'fastify';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const app = fastify();

const item = {
  type: 'object',
  properties: {
    id: { type: 'integer' },
    name: { type: 'string' },
    version: { type: 'integer' },
    created_at: { type: 'string', format: 'date-time' },
  },
};
const page = {
  type: 'object',
  properties: { items: { type: 'array', items: item }, next_cursor: { type: ['string', 'null'] } },
};
const querystring = {
  type: 'object',
  properties: { cursor: { type: 'string' }, limit: { type: 'integer', default: 20 } },
};
const params = { type: 'object', properties: { item_id: { type: 'string' } } };

app.get('/items', { schema: { querystring, response: { 200: page } } }, async (request) => {
  const { cursor = '0', limit } = request.query;
  const { rows } = await pool.query(
    'SELECT id, name, version, created_at FROM items WHERE id > $1 ORDER BY id LIMIT $2',
    [cursor, limit + 1],
  );
  const items = rows.slice(0, limit);
  return { items, next_cursor: rows.length > limit ? items.at(-1).id : null };
});

app.get('/items/:item_id', { schema: { params, response: { 200: item } } }, async (request, reply) => {
  const { rows } = await pool.query(
    'SELECT id, name, version, created_at FROM items WHERE id = $1',
    [request.params.item_id],
  );
  return rows[0] ?? reply.code(404).send();
});

// As process 1 it would not even end.
process.once('SIGTERM', () => app.close().then(() => process.exit(0)));
await app.listen({ host: '0.0.0.0', port: 8080 });
