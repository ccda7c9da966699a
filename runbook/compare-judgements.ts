/** What two judgements of the same rollback are compared by. */
export interface ComparedJudgement {
  readonly verdict: string;
  readonly items: readonly { readonly id: string; readonly status: string; readonly measured: string }[];
  readonly data: readonly {
    readonly root: string;
    readonly equal: number;
    readonly differing: number;
    readonly missing: number;
    readonly extra: number;
    readonly rootHash: string;
  }[];
  readonly images: readonly { readonly service: string; readonly image: string }[];
  readonly git: { readonly head: string; readonly branch: string | null; readonly tree: string };
}

/** What is not as it was then, one sentence each. What was measured may differ in words; its status and hashes may not. */
export function compareJudgements(then: ComparedJudgement, now: ComparedJudgement): readonly string[] {
  return [
    ...(then.verdict === now.verdict ? [] : [`the verdict is ${now.verdict}, and was ${then.verdict}`]),
    ...now.items.flatMap(({ id, status, measured }) => {
      const before = then.items.find((item) => item.id === id)?.status ?? 'not measured';
      return before === status ? [] : [`${id} is ${status}, and was ${before}: ${measured}`];
    }),
    ...now.data.flatMap((row) => dataChange(then, row)),
    ...now.images.flatMap(({ service, image }) => {
      const before = then.images.find((one) => one.service === service)?.image;
      return before === image ? [] : [`${service} runs on ${image}, and ran on ${before ?? 'nothing'}`];
    }),
    ...then.images
      .filter(({ service }) => !now.images.some((one) => one.service === service))
      .map(({ service }) => `${service} has no container any more`),
    ...gitChange(then.git, now.git),
  ];
}

function dataChange(then: ComparedJudgement, row: ComparedJudgement['data'][number]): readonly string[] {
  const before = then.data.find(({ root }) => root === row.root);
  if (before?.rootHash === row.rootHash) return [];
  const counts = ({ equal, differing, missing, extra }: typeof row): string =>
    `${equal} equal, ${differing} differing, ${missing} missing, ${extra} extra`;
  const was = before === undefined ? 'were not compared then' : `then ${counts(before)}`;
  return [`the data of ${row.root} changed: ${counts(row)} against the checkpoint; ${was}`];
}

function gitChange(then: ComparedJudgement['git'], now: ComparedJudgement['git']): readonly string[] {
  if (then.head === now.head && then.branch === now.branch) return [];
  const at = ({ head, branch }: typeof now): string => `${head.slice(0, 12)} (${branch ?? 'detached'})`;
  return [`HEAD is ${at(now)}, and was ${at(then)}`];
}
