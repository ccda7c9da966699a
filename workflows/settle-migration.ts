import type { MigrationState } from '../contract/rollback.ts';
import { ask } from './ask.ts';
import type { Story } from './story.ts';

/** The original data serve again; whether and when the migration is run once more a person says (runbook, "Scenario 3"). */
export async function settleMigration(story: Story): Promise<void> {
  const { migration, request } = story;
  const waitMs = request.target.partial.migration?.waitMs;
  if (migration === undefined || waitMs === undefined) return;
  const asked = await ask(story, {
    kind: 'migration',
    id: `migration/${migration.runs}/${story.children}`,
    text: textOf(migration),
    deadlineMs: Math.max(1_000, waitMs * request.timeScale),
  });
  if (asked === null) return;
  switch (asked.option) {
    case 'fixed':
      story.migration = { runs: migration.runs + 1, last: 'wanted', said: '' };
      return;
    case 'full':
      story.wishes.scope = {
        scenario: 'data-corruption',
        by: asked.by ?? 'default, nobody answered',
        why: 'the migration is not mended',
      };
      return;
    default:
      story.migration = { ...migration, last: 'left' };
  }
}

function textOf({ last, said }: MigrationState): string {
  switch (last) {
    case 'taken-back':
      return `${said} It was taken back: both systems go on with the original data. Is it mended now?`;
    case 'unchanged':
      return `${said} Is it mended now?`;
    default:
      return 'Both systems go on with the original data. Is the migration mended, so that it can be run again?';
  }
}
