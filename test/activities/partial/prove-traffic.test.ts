import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { proveTraffic } from '../../../activities/partial/prove-traffic.ts';
import { roomFor, type TestRoom } from '../support/room.ts';

let server: Server;
let answers: (n: number) => string;
let asked: number;
let test: TestRoom;

beforeEach(async () => {
  asked = 0;
  server = createServer((_request, response) => {
    asked += 1;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ system: answers(asked) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/health`;
  const json = { type: 'object', required: ['system'], properties: { system: { const: 'stable' } } };
  test = await roomFor({
    target: {
      partial: {
        integration: {
          switches: [{ kind: 'file', name: 'route', file: 'router.env', format: 'env', key: 'ROUTE', value: 'stable' }],
          probes: [{ name: 'who', url, expect: { status: 200, json } }],
          samples: 6,
        },
      },
    },
  });
});

afterEach(async () => {
  test.close();
  await new Promise((resolve) => server.close(resolve));
});

it('is done when every request ends at the stable system', async () => {
  answers = () => 'stable';
  expect(await proveTraffic(test.room)).toMatchObject({ outcome: 'done', figures: { asked: 6, elsewhere: 0 } });
  expect(asked).toBe(6);
});

it('finds a part of the traffic that still goes elsewhere', async () => {
  answers = (n) => (n % 3 === 0 ? 'experiment' : 'stable');
  const seen = await proveTraffic(test.room);
  expect(seen).toMatchObject({ outcome: 'failed', figures: { asked: 6, elsewhere: 2 } });
  expect(seen.reason).toContain('who, 2 times');
});
