#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import type { CommandFile } from './command.ts';
import { exitCodeLines, exitCodes } from './exit-codes.ts';
import { ClientFailure, exitOfFailure, toFailure } from './failures.ts';
import { processOutput } from './output.ts';
import { renderFailure } from './render-failure.ts';
import type { Word } from './words.ts';
import { words } from './words.ts';

const argv = process.argv.slice(2);
try {
  const program = await buildProgram(wordOf(argv));
  await program.parseAsync(argv, { from: 'user' });
} catch (error) {
  end(error);
}

/** Only the command that is named is loaded with its options; the others show their line. */
async function buildProgram(named: string | undefined): Promise<Command> {
  const program = new Command('rollback')
    .description('Durable rollback: takes an experiment out and proves that the stable system serves again.')
    .helpOption('-h, --help', 'show help')
    .addHelpText('after', ['', 'Exit codes:', ...exitCodeLines()].join('\n'));
  quiet(program);
  if (argv.includes('--version') || argv.includes('-V')) program.version(version());
  else program.option('-V, --version', 'show the version');
  for (const row of words) {
    const command = program.command(row.word).summary(row.summary);
    quiet(command);
    if (row.word === named) addCommand(command, await row.load(), row);
  }
  return program;
}

function addCommand(command: Command, file: CommandFile, row: Word): void {
  command.description(asParagraphs(file.usage || row.summary)).helpOption('-h, --help', 'show help');
  file.options(command);
  command.action(async () => {
    const out = processOutput(command.opts<{ json?: boolean }>().json === true);
    const ended = await file.run({ args: command.args, command, out });
    process.exitCode = exitCodes[ended].code;
  });
}

/** Lines of the source belong to one paragraph; the terminal's width breaks them. */
function asParagraphs(text: string): string {
  return text.replace(/(?<!\n)\n(?!\n)/g, ' ');
}

/** Faults of usage are thrown, so that one place prints them and ends the process. */
function quiet(command: Command): void {
  command.exitOverride().configureOutput({ writeErr: () => undefined });
}

function wordOf(args: readonly string[]): string | undefined {
  return args[0] === 'help' ? args[1] : args[0];
}

function version(): string {
  const file: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return typeof file === 'object' && file !== null && 'version' in file ? String(file.version) : 'unknown';
}

function end(error: unknown): void {
  if (error instanceof CommanderError && error.exitCode === 0) return;
  const json = argv.includes('--json');
  const failure = error instanceof CommanderError ? usageFailure(error) : toFailure(error);
  const ending = exitOfFailure(failure);
  const out = processOutput(json);
  out.result({
    error: {
      kind: failure.kind,
      message: failure.message,
      details: failure.details,
      next: failure.next,
      data: failure.data,
    },
    exitCode: exitCodes[ending].code,
  });
  for (const line of renderFailure(failure, out.style)) out.aside(line);
  if (process.env['ROLLBACK_DEBUG'] !== undefined && error instanceof Error) out.aside(error.stack ?? '');
  process.exitCode = exitCodes[ending].code;
}

function usageFailure(error: CommanderError): ClientFailure {
  if (error.code === 'commander.help') {
    return new ClientFailure('usage', 'No command given.', { next: ['rollback --help lists the commands.'] });
  }
  const text = error.message.replace(/^error: /, '').replace(/\n/g, ' ');
  const word = words.find((row) => row.word === argv[0])?.word;
  return new ClientFailure('usage', text, { next: [`rollback ${word === undefined ? '' : `${word} `}--help`] });
}
