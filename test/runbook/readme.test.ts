import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checklistIds } from '../../runbook/checklist.ts';
import { checkpointSteps } from '../../runbook/checkpoint-steps.ts';
import { phases } from '../../runbook/phases.ts';
import { steps } from '../../runbook/steps.ts';
import { undoSteps } from '../../runbook/undo-steps.ts';
import { upkeepSteps } from '../../runbook/upkeep-steps.ts';

const project = new URL('../../', import.meta.url);
const text = readFileSync(new URL('runbook/README.md', project), 'utf8');
const lines = text.split('\n');
const headings = lines.filter((line) => line.startsWith('#')).map((line) => line.replace(/^#+ /, ''));

/** Names in backticks, with the line they stand in. */
const quoted = lines.flatMap((line) => [...line.matchAll(/`([^`]+)`/g)].map(([, name = '']) => ({ name, line })));
const files = [...new Set(quoted.map(({ name }) => name).filter((name) => /^[a-z-]+\/\S*\.[a-z]+$/.test(name)))];

describe('the map of the runbook', () => {
  it.each(files)('names %s, which is there', (file) => {
    expect(existsSync(new URL(file, project))).toBe(true);
  });

  it.each([
    ...Object.keys(steps),
    ...Object.keys(checkpointSteps),
    ...Object.keys(undoSteps),
    ...Object.keys(upkeepSteps),
  ])('names the row %s with the file of its act', (row) => {
    const act = `${row.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.ts`;
    expect(quoted.filter(({ name }) => name === row).map(({ line }) => line)).toContainEqual(
      expect.stringContaining(`/${act}\``),
    );
  });

  it.each(checklistIds)('names the item %s', (id) => {
    expect(quoted.map(({ name }) => name)).toContain(id);
  });

  it('has a heading for every section that a row or a phase says it carries out', () => {
    const sections = [
      ...Object.values(steps),
      ...Object.values(checkpointSteps),
      ...Object.values(undoSteps),
      ...Object.values(phases),
    ];
    const missing = sections
      .map(({ section }) => section)
      .filter(
        (section) =>
          !headings.some(
            (heading) => heading === section || heading.startsWith(`${section}:`) || heading.startsWith(`${section} `),
          ),
      );
    expect(missing).toEqual([]);
  });

  it('has every heading of the runbook', () => {
    expect(headings.slice(1)).toEqual(runbookHeadings);
  });

  it('says of every entry what carries it out and what proves it, or that it comes later', () => {
    const rows = lines.filter((line) => line.startsWith('|') && !/^\|\s*(---|entry)/.test(line));
    for (const row of rows) {
      const [entry = '', by = '', proof = ''] = row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim());
      expect(entry, row).not.toBe('');
      expect(by, row).toMatch(/`|later|a person/);
      expect(proof, row).toMatch(/`test\/|^later$|^none$/);
      // Only people's work, and what is not built, goes without a test.
      if (!proof.includes('`')) expect(by, row).toMatch(/^later|^a person/);
    }
  });
});

/** Headings of the runbook, version 1.0; those of steps with the number of their phase, as the step table writes them. */
const runbookHeadings = [
  'Overview',
  'Rollback Triggers',
  'Immediate Rollback Triggers (Stop Experiment Immediately)',
  'Conditional Rollback Triggers (Evaluate Within 24 Hours)',
  'Rollback Procedure',
  'Phase 1: Immediate Response (0-15 minutes)',
  '1.1 Stop OpenViking Services',
  '1.2 Isolate Problem',
  '1.3 Verify SMP System',
  'Phase 2: Data Recovery (15-60 minutes)',
  '2.1 Data Integrity Check',
  '2.2 Restore from Git Checkpoint',
  '2.3 Verify Data Migration Reversal',
  'Phase 3: System Validation (60-120 minutes)',
  '3.1 SMP System Health Check',
  '3.2 Performance Validation',
  '3.3 Data Consistency Check',
  'Phase 4: Documentation & Learning (120+ minutes)',
  '4.1 Incident Report',
  '4.2 Data Preservation',
  '4.3 Update Documentation',
  'Rollback Validation Checklist',
  'System Health',
  'Data Integrity',
  'Performance',
  'User Experience',
  'Emergency Rollback (Critical Issues)',
  'Partial Rollback Scenarios',
  'Scenario 1: OpenViking API Issues',
  'Scenario 2: Performance Issues Only',
  'Scenario 3: Data Migration Issues',
  'Rollback Time Targets',
  'Post-Rollback Activities',
  'Immediate (0-24 hours)',
  'Short-term (1-7 days)',
  'Long-term (1+ weeks)',
  'Contacts and Escalation',
  'Primary Contacts',
  'Escalation Paths',
];
