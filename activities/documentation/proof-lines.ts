import type { IncidentFacts } from './incident-facts.ts';
import { list } from './list.ts';

/** What the verdict rests on, for the report: counts and hashes of every data root, images, commit and tree. */
export function proofLines({ judgement }: IncidentFacts): readonly string[] {
  if (judgement === null) return ['None: the world was not judged.'];
  const { data, images, git } = judgement;
  return [
    'Data, compared entry by entry:',
    '',
    ...list(data.map(dataProof), 'No data root was compared.'),
    '',
    'Images of the running containers:',
    '',
    ...list(
      images.map(
        ({ service, container, image, expected }) =>
          `${service} (${container}): ${image}${expected === null ? ', nothing recorded to compare with' : expected === image ? ', as recorded' : `, but ${expected} is recorded`}`,
      ),
      'No container of the stable system was found.',
    ),
    '',
    `Repository: commit ${git.head}, branch ${git.branch ?? 'none (detached)'}, tree ${git.tree}${treeProof(git)}.`,
  ];
}

type Proven = NonNullable<IncidentFacts['judgement']>;

function dataProof(row: Proven['data'][number]): string {
  const { root, compared, equal, differing, missing, extra, rootHash, checkpointHash, keptAt = [], explained } = row;
  const same = checkpointHash === rootHash ? "the checkpoint's" : `the checkpoint's is ${checkpointHash}`;
  const kept = keptAt.length === 0 ? '' : ` What was there before: ${keptAt.map((path) => `\`${path}\``).join(', ')}.`;
  return (
    `${root}: ${compared} compared, ${equal} equal, ${differing} differ, ${missing} missing, ${extra} more; ` +
    `root hash ${rootHash || 'none'}${checkpointHash == null ? '' : `, ${same}`}. ${explained}.${kept}`
  );
}

/** A commit names its tree: the same commit has the same one, and only another has to be told. */
function treeProof({ head, tree, expected }: Proven['git']): string {
  if (expected == null) return '; nothing is recorded to compare with';
  if (expected.commit === head && (expected.tree === null || expected.tree === tree)) return ', as recorded';
  return `; recorded are commit ${expected.commit}, tree ${expected.tree ?? 'unknown'}`;
}
