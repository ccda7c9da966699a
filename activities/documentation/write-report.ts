import type { ActBody } from '../kernel/room.ts';
import { incidentFacts } from './incident-facts.ts';
import { keepDocument } from './keep-document.ts';
import { renderReport } from './render-report.ts';
import { shareableText } from './shareable-text.ts';

/** Name of the report in the rollback's `report/`. */
export const reportName = 'incident-report.md';

/**
 * Runbook 4.1 "Incident Report": what a machine knows, measured and with its sources; what only people can say is
 * marked as theirs. A draft that somebody has written into is moved aside, never replaced.
 */
export const writeReport: ActBody = async (room) => {
  const facts = await incidentFacts(room);
  const [file, written] = keepDocument(room, reportName, shareableText(room)(renderReport(facts)));
  const verdict = facts.conclusion?.verdict ?? facts.judgement?.verdict ?? 'none';
  return {
    outcome: written ? 'done' : 'already-done',
    reason: `The report is drafted (verdict ${verdict}); root cause and lessons learned are for people to write.`,
    figures: { bytes: file.bytes, obligations: facts.obligations.length },
    files: [file],
  };
};
