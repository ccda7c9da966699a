import type { Judgement } from '../contract/records.ts';
import type { Style } from './style.ts';
import { oneLine, plural, wrap } from './text.ts';

/** What the verdict rests on: every data root with counts and hashes, images, commit and tree. */
export function renderProof(
  { data, images, git }: Pick<Judgement, 'data' | 'images' | 'git'>,
  style: Style,
): readonly string[] {
  const short = (image: string): string => image.replace('sha256:', '').slice(0, 12);
  return [
    style.bold('Proof'),
    ...data.flatMap((row) => [
      ...wrap(
        `${row.root}: ${plural(row.compared, 'path')} compared, ${row.equal} equal, ${row.differing} differing, ${row.missing} missing, ${row.extra} extra`,
        style.width,
        '  ',
      ),
      `    root hash ${row.rootHash || 'none'}${checkpointHash(row)}`,
      ...(row.keptAt ?? []).map((place) => `    kept: ${oneLine(place)}`),
    ]),
    ...images.map(({ service, image, expected }) => {
      const as = expected === null ? 'nothing recorded' : expected === image ? 'as recorded' : `not ${short(expected)}`;
      return `  image of ${service}: ${short(image)}, ${as}`;
    }),
    `  commit ${git.head} (${git.branch ?? 'detached'}), tree ${git.tree}`,
  ];
}

function checkpointHash({ checkpointHash: recorded, rootHash }: Judgement['data'][number]): string {
  if (recorded === undefined || recorded === null) return '';
  return recorded === rootHash ? ", the checkpoint's" : `; the checkpoint's is ${recorded}`;
}
