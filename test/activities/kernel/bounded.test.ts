import { describe, expect, it } from 'vitest';
import { throwFailures } from '../../../activities/containers/do-for-each.ts';
import { boundedResult } from '../../../activities/kernel/bounded.ts';
import { ActFailure, toApplicationFailure } from '../../../activities/kernel/failures.ts';

const names = Array.from({ length: 2_000 }, (_, n) => `container-with-a-name-of-some-length-${n}`);

describe('what enters a history', () => {
  it('is a result whose words are cut, with how much is missing', () => {
    const result = boundedResult({ outcome: 'done', reason: names.join(', '), figures: { containers: names.length } });
    expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThan(2_500);
    expect(result.reason).toMatch(/^container-with-a-name-of-some-length-0, .* … \(\d+ characters more; the journal/);
    expect(result.figures).toEqual({ containers: 2_000 });
    expect(boundedResult({ reason: 'short' })).toEqual({ reason: 'short' });
  });

  it('is a failure that names some of thousands and keeps its kind', () => {
    const error = new ActFailure('docker-refused', 'the engine said no');
    const thrown = failureOf(() =>
      throwFailures(
        'stopped',
        names.map((name) => ({ name, error })),
        names.length,
      ),
    );
    const failure = toApplicationFailure(thrown);
    expect(failure).toMatchObject({ type: 'docker-refused', nonRetryable: false });
    expect(failure.message).toContain('2000 of 2000 could not be stopped');
    const { message, details, stack } = failure;
    expect(JSON.stringify({ message, details, stack }).length).toBeLessThan(8_000);
  });
});

function failureOf(run: () => void): ActFailure {
  try {
    run();
  } catch (error) {
    if (error instanceof ActFailure) return error;
  }
  throw new Error('It did not fail.');
}
