/** What Docker runs every few seconds: ask /readyz, and say what it answers. */
import { get } from 'node:http';

const port = Number(process.env.PORT) || 8080;

const options = { host: '127.0.0.1', port, path: '/readyz', timeout: 1500 };

// The usual agent may ask a proxy.
const request = get({ ...options, agent: false }, (response) => {
  response.pipe(process.stdout);
  process.exitCode = response.statusCode === 200 ? 0 : 1;
});
request.on('timeout', () => {
  request.destroy(new Error('no answer within 1.5 s'));
});
request.on('error', (error) => {
  console.log(error.message);
  process.exitCode = 1;
});
