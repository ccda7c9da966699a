import { describe, expect, it } from 'vitest';
import { type ComparedJudgement, compareJudgements } from '../../runbook/compare-judgements.ts';

const then: ComparedJudgement = {
  verdict: 'restored',
  items: [{ id: 'git-clean', status: 'pass', measured: 'HEAD is a' }],
  data: [{ root: 'agent', equal: 9, differing: 0, missing: 0, extra: 0, rootHash: 'h1' }],
  images: [{ service: 'web', image: 'i1' }],
  git: { head: 'a'.repeat(40), branch: 'rollback/x', tree: 't' },
};

describe('two judgements of one rollback', () => {
  it('are the same when only the words of what was measured differ', () => {
    const items = [{ id: 'git-clean', status: 'pass', measured: 'in other words' }];
    expect(compareJudgements(then, { ...then, items })).toEqual([]);
  });

  it('differ by verdict, items, data, images and HEAD, each in a sentence', () => {
    const now: ComparedJudgement = {
      verdict: 'failed',
      items: [{ id: 'git-clean', status: 'fail', measured: 'HEAD is b' }],
      data: [{ root: 'agent', equal: 8, differing: 1, missing: 0, extra: 0, rootHash: 'h2' }],
      images: [],
      git: { head: 'b'.repeat(40), branch: null, tree: 't' },
    };
    expect(compareJudgements(then, now)).toEqual([
      'the verdict is failed, and was restored',
      'git-clean is fail, and was pass: HEAD is b',
      'the data of agent changed: 8 equal, 1 differing, 0 missing, 0 extra against the checkpoint; then 9 equal, 0 differing, 0 missing, 0 extra',
      'web has no container any more',
      'HEAD is bbbbbbbbbbbb (detached), and was aaaaaaaaaaaa (rollback/x)',
    ]);
  });
});
