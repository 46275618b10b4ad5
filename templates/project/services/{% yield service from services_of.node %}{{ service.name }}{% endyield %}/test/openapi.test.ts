/** The committed openapi.json is the same as that of the code; `make openapi` updates it. */
import { expect, test } from 'vitest';
import { testApp } from './support.ts';

test('the committed description is current', async () => {
  const app = await testApp();
  await app.ready();
  const current = `${JSON.stringify(app.swagger(), null, 2)}\n`;
  await expect(current, 'run: make openapi').toMatchFileSnapshot('../openapi.json');
});
