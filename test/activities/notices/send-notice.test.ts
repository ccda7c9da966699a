import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, expect, it, vi } from 'vitest';
import { noticeRecords } from '../../../activities/notices/notice-records.ts';
import { sendNotice } from '../../../activities/notices/send-notice.ts';
import type { Notice } from '../../../contract/notices.ts';
import type { NoticeRecord } from '../../../runbook/notice-record.ts';
import { type HttpReceiver, httpReceiver, type MailReceiver, mailReceiver } from '../../support/receivers.ts';
import { roomFor, type TargetSections, type TestRoom } from '../support/room.ts';

/** Real receivers on the loopback: what arrives is what they kept. */
const opened: { close(): unknown }[] = [];

afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

type ChannelsOf = NonNullable<NonNullable<TargetSections['notices']>['channels']>;

async function placeWith(channels: ChannelsOf, secrets: Readonly<Record<string, string>> = {}): Promise<TestRoom> {
  const place = await roomFor({ target: { notices: { channels } }, world: { secrets } });
  opened.push(place);
  return place;
}

async function receiver(): Promise<HttpReceiver> {
  const made = await httpReceiver();
  opened.push(made);
  return made;
}

async function mailbox(): Promise<MailReceiver> {
  const made = await mailReceiver();
  opened.push(made);
  return made;
}

function noticeOf(place: TestRoom): Notice {
  const { environment, rollbackId } = place.room.input;
  return {
    key: `${rollbackId}/1/3-target-passed`,
    event: 'target-passed',
    urgency: 'warning',
    title: 'The time target has passed',
    text: 'The service is not yet proven healthy <yet> & more.',
    at: '2026-01-01T00:15:00.000Z',
    environment,
    rollbackId,
    scenario: 'data-corruption',
  };
}

function send(place: TestRoom, channel: string): Promise<NoticeRecord> {
  const { targetHash } = place.room.input;
  const input = { notice: noticeOf(place), channel, targetHash };
  return new MockActivityEnvironment().run(
    (given: typeof input) => sendNotice(place.world, given),
    input,
  ) as Promise<NoticeRecord>;
}

it('posts plain JSON to a webhook under the key of the notice, with secret headers', async () => {
  const { url, received } = await receiver();
  const channels: ChannelsOf = [
    { kind: 'webhook', name: 'hook', url, headers: { Authorization: { secret: 'TOKEN' } } },
  ];
  const place = await placeWith(channels, { TOKEN: 'Bearer s3cret-value' });
  const record = await send(place, 'hook');
  expect(record).toMatchObject({ state: 'sent', tries: 1, said: 'taken with status 202' });
  expect(received).toHaveLength(1);
  const [request] = received;
  expect(request?.headers).toMatchObject({
    'idempotency-key': noticeOf(place).key,
    authorization: 'Bearer s3cret-value',
    'content-type': 'application/json',
  });
  expect(JSON.parse(request?.body ?? '')).toEqual({ format: 1, ...noticeOf(place) });
  expect(JSON.stringify(noticeRecords(place.room.rollback))).not.toContain('s3cret-value');
});

it('writes to Slack what Slack reads, with its mark-up escaped', async () => {
  const { url, received } = await receiver();
  const place = await placeWith([{ kind: 'slack', name: 'chat', url: { secret: 'HOOK' } }], {
    HOOK: `${url}/services/T0`,
  });
  await send(place, 'chat');
  expect(received[0]?.path).toBe('/services/T0');
  const { text } = JSON.parse(received[0]?.body ?? '{}');
  expect(text).toContain('*[test] The time target has passed*');
  expect(text).toContain('&lt;yet&gt; &amp; more');
});

it('raises one alert at PagerDuty for each key', async () => {
  const { url, received } = await receiver();
  const channels: ChannelsOf = [{ kind: 'pagerduty', name: 'pager', url, routingKey: { secret: 'KEY' } }];
  const place = await placeWith(channels, { KEY: 'routing-key-1' });
  await send(place, 'pager');
  expect(JSON.parse(received[0]?.body ?? '{}')).toMatchObject({
    routing_key: 'routing-key-1',
    event_action: 'trigger',
    dedup_key: noticeOf(place).key,
    payload: { severity: 'warning', source: 'test', timestamp: '2026-01-01T00:15:00.000Z' },
  });
});

it('sends nothing a second time once it is known to have arrived', async () => {
  const { url, received } = await receiver();
  const place = await placeWith([{ kind: 'webhook', name: 'hook', url }]);
  await send(place, 'hook');
  expect(await send(place, 'hook')).toMatchObject({ state: 'sent', tries: 1 });
  expect(received).toHaveLength(1);
});

it.each(['refuse', 'hang', 'drop'] as const)('tries again under the same key when a webhook does %s', async (mood) => {
  const hook = await receiver();
  hook.mood = mood;
  const place = await placeWith([{ kind: 'webhook', name: 'hook', url: hook.url, timeout: '500ms' }]);
  await expect(send(place, 'hook')).rejects.toMatchObject({ type: 'no-answer', nonRetryable: false });
  expect(noticeRecords(place.room.rollback)).toMatchObject([{ state: 'failed', tries: 1 }]);
  hook.mood = 'take';
  expect(await send(place, 'hook')).toMatchObject({ state: 'sent', tries: 2 });
  const keys = new Set(hook.received.map(({ headers }) => headers['idempotency-key']));
  expect([...keys]).toEqual([noticeOf(place).key]);
  expect(hook.received).toHaveLength(2);
});

it('sends a mail in doubt under the same Message-ID, and says so', async () => {
  const box = await mailbox();
  box.mood = 'drop';
  const channels: ChannelsOf = [
    {
      kind: 'email',
      name: 'mail',
      host: '127.0.0.1',
      port: box.port,
      tls: 'when-offered',
      from: 'rollback@example.com',
      to: ['ops@example.com'],
      timeout: '2s',
    },
  ];
  const place = await placeWith(channels);
  await expect(send(place, 'mail')).rejects.toMatchObject({ type: 'no-answer' });
  box.mood = 'take';
  expect(await send(place, 'mail')).toMatchObject({ state: 'sent', tries: 2 });
  const [first = '', second = ''] = box.mails;
  const idOf = (mail: string) => /^Message-ID:\s*(<[^>]*>)/im.exec(mail)?.[1];
  expect(idOf(first)).toMatch(/^<.+@durable-rollback\.invalid>$/);
  expect(idOf(second)).toBe(idOf(first));
  expect(first).not.toContain('perhaps sent before');
  expect(second).toContain('perhaps sent before');
  expect(second).toContain(noticeOf(place).key);
});

it('hands the notice to a command as its input, and takes its exit code for the answer', async () => {
  const place = await placeWith([
    { kind: 'command', name: 'works', command: ['/bin/sh', '-c', 'cat > "$0"', '/nowhere'] },
    { kind: 'command', name: 'fails', command: ['/bin/sh', '-c', 'exit 3'] },
  ]);
  const out = join(place.dir, 'notice.json');
  const channels: ChannelsOf = [{ kind: 'command', name: 'works', command: ['/bin/sh', '-c', 'cat > "$0"', out] }];
  const other = await placeWith(channels);
  await send(other, 'works');
  expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual({ format: 1, ...noticeOf(other) });
  await expect(send(place, 'fails')).rejects.toThrow('its command ended with 3');
});

it('gives a channel up that is not there, and says which', async () => {
  const place = await placeWith([]);
  await expect(send(place, 'nobody')).rejects.toMatchObject({ type: 'refused', nonRetryable: true });
});

it('names no address in a failure: it may hold a secret', async () => {
  const place = await placeWith([{ kind: 'slack', name: 'chat', url: { secret: 'HOOK' } }], {
    HOOK: 'http://127.0.0.1:9/services/s3cret',
  });
  const refused = vi.fn();
  await send(place, 'chat').catch(refused);
  expect(refused).toHaveBeenCalledOnce();
  expect(String(refused.mock.calls[0]?.[0])).not.toContain('s3cret');
  expect(noticeRecords(place.room.rollback)[0]?.said).not.toContain('s3cret');
});
