import { createTransport } from 'nodemailer';
import type { Notice } from '../../contract/notices.ts';
import type { Target } from '../../target/schema.ts';
import { ActFailure } from '../kernel/failures.ts';
import { type SecretText, secretText } from '../kernel/secrets.ts';
import type { World } from '../kernel/world.ts';
import { mailOf, messageIdOf, pagerDutyPayload, plainPayload, slackPayload } from './payloads.ts';

export type Channel = Target['notices']['channels'][number];
type ChannelOf<K extends Channel['kind']> = Extract<Channel, { readonly kind: K }>;

/** One try to hand a notice over. */
export interface Delivery {
  readonly world: World;
  readonly notice: Notice;
  readonly signal: AbortSignal;
  /** An earlier try ended without an answer. */
  readonly perhapsSent: boolean;
}

/** More of an answer is not read. */
const maxBytes = 16 * 1024;

/**
 * Hands the notice to a channel, within the channel's time.
 * @returns what the channel said
 * @throws ActFailure `no-answer` when it did not take it
 */
export function deliver(channel: Channel, delivery: Delivery): Promise<string> {
  switch (channel.kind) {
    case 'webhook':
      return post(channel, delivery, {
        url: channel.url,
        body: plainPayload(delivery.notice),
        headers: headersOf(delivery.world, channel),
      });
    case 'slack':
      return post(channel, delivery, { url: channel.url, body: slackPayload(delivery.notice) });
    case 'pagerduty': {
      const routingKey = secretText(delivery.world, `routingKey of ${channel.name}`, channel.routingKey);
      return post(channel, delivery, { url: channel.url, body: pagerDutyPayload(delivery.notice, routingKey) });
    }
    case 'email':
      return mail(channel, delivery);
    case 'command':
      return run(channel, delivery);
  }
}

function headersOf(world: World, channel: ChannelOf<'webhook'>): Readonly<Record<string, string>> {
  const texts = Object.entries(channel.headers).map(([name, value]) => [
    name.toLowerCase(),
    secretText(world, `header ${name} of ${channel.name}`, value),
  ]);
  return Object.fromEntries(texts);
}

/** The address may hold a secret: it stands in no message. */
async function post(
  channel: Channel,
  { world, notice, signal }: Delivery,
  what: { readonly url: SecretText; readonly body: string; readonly headers?: Readonly<Record<string, string>> },
): Promise<string> {
  const url = secretText(world, `url of ${channel.name}`, what.url);
  let status: number;
  try {
    const answer = await world.http.ask({
      method: 'POST',
      url,
      // The draft standard's name; receivers that know it drop a repeated notice by themselves.
      headers: { 'content-type': 'application/json', 'idempotency-key': notice.key, ...what.headers },
      body: what.body,
      timeoutMs: channel.timeoutMs,
      maxBytes,
      signal,
    });
    status = answer.status;
  } catch (error) {
    signal.throwIfAborted();
    const why = error instanceof ActFailure ? String(error.data['why'] ?? error.kind) : 'unknown';
    throw new ActFailure('no-answer', `Channel ${channel.name} gave no answer (${why}).`);
  }
  if (status >= 200 && status < 300) return `taken with status ${status}`;
  throw new ActFailure('no-answer', `Channel ${channel.name} did not take the notice: status ${status}.`);
}

async function mail(channel: ChannelOf<'email'>, { world, notice, perhapsSent }: Delivery): Promise<string> {
  const transport = createTransport({
    host: channel.host,
    port: channel.port,
    secure: channel.tls === 'from-the-start',
    requireTLS: channel.tls === 'required',
    ...(channel.user === undefined ? {} : { auth: { user: channel.user, pass: passwordOf(world, channel) } }),
    connectionTimeout: channel.timeoutMs,
    greetingTimeout: channel.timeoutMs,
    socketTimeout: channel.timeoutMs,
    dnsTimeout: channel.timeoutMs,
  });
  try {
    const { response } = await transport.sendMail({
      from: channel.from,
      to: [...channel.to],
      messageId: messageIdOf(notice, channel.name),
      date: new Date(notice.at),
      ...mailOf(notice, perhapsSent),
    });
    return `taken: ${response}`;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new ActFailure('no-answer', `Channel ${channel.name} did not take the mail (${code}).`, { cause: error });
  } finally {
    transport.close();
  }
}

function passwordOf(world: World, channel: ChannelOf<'email'>): string {
  return channel.password === undefined ? '' : secretText(world, `password of ${channel.name}`, channel.password);
}

async function run(channel: ChannelOf<'command'>, { world, notice, signal }: Delivery): Promise<string> {
  const { exitCode, timedOut } = await world.commands.run({
    argv: channel.command,
    cwd: '/',
    timeoutMs: channel.timeoutMs,
    maxOutputBytes: maxBytes,
    marker: `${notice.environment}/notice/${notice.key}/`,
    input: `${plainPayload(notice)}\n`,
    signal,
  });
  if (exitCode === 0) return 'ended with 0';
  const how = timedOut ? `did not end within ${channel.timeoutMs} ms` : `ended with ${exitCode ?? 'a signal'}`;
  throw new ActFailure('no-answer', `Channel ${channel.name}: its command ${how}.`);
}
