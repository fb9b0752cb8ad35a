/** All commands as commander knows them: names, summaries and the options of every command. */
import { Command, Option } from 'commander';
import { exampleLines, type CommandEntry } from './command.ts';
import { globalRows } from './global-options.ts';
import { groups, registry } from './registry.ts';

/** Where help goes. */
interface HelpStream {
  write(text: string): unknown;
  /** Of a terminal. */
  readonly columns?: number | undefined;
}

/** The width of help that does not go to a terminal. */
const helpWidth = 80;

/**
 * The command tree with the names and summaries of `entries`, by default of all commands; only the command that runs gets its options, so only its code
 * is loaded.
 */
export function buildProgram(
  streams: Readonly<Record<'stdout' | 'stderr', HelpStream>>,
  onLeaf: (leaf: Command, entry: CommandEntry) => void,
  entries: readonly CommandEntry[] = registry,
): Command {
  const program = new Command('kvmnet');
  const output = {
    writeOut: (text: string) => void streams.stdout.write(text),
    writeErr: (text: string) => void streams.stderr.write(text),
    outputError: () => undefined, // errors are thrown, and printed in one place
    getOutHelpWidth: () => streams.stdout.columns ?? helpWidth,
    getErrHelpWidth: () => streams.stderr.columns ?? helpWidth,
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  };
  program
    .description('Manage networks and NICs of KVM hosts through libvirt, safely')
    .option('-V, --version', 'Print the versions of kvmnet, libvirt, Node.js and koffi')
    .helpOption('-h, --help', 'Show help')
    .helpCommand(false)
    .exitOverride()
    .configureOutput(output);
  for (const { flags, help, choices } of globalRows) {
    const option = new Option(flags, help);
    program.addOption(choices ? option.choices(choices) : option);
  }
  const parents = new Map<string, Command>();
  for (const entry of entries) {
    const [first = '', second] = entry.path;
    const parent = second === undefined ? program : group(program, parents, first);
    const leaf = parent
      .command(second ?? first, { hidden: entry.isHidden ?? false })
      .summary(entry.summary)
      .description(entry.summary)
      .helpOption('-h, --help', 'Show help');
    onLeaf(leaf.exitOverride().configureOutput(output), entry);
  }
  program.addHelpText('after', helpEpilogue);
  return program;
}

/** Command lines without `kvmnet`, each with what it does. */
export const mainExamples = [
  ['net create keennet --nat 192.168.132.0/24', 'Create a NAT network, started now and at boot'],
  ['vm attach VM1 keennet --wait-ip', 'Attach a VM to it and wait for its address'],
  ['domiflist', 'List every NIC of every VM'],
] as const;

export const exitStatuses = [
  ['0', 'success'],
  ['1', 'failure (the message lists what was undone)'],
  ['2', 'refused before any change'],
  ['3', 'findings'],
] as const;

const helpEpilogue = `
${exampleLines(mainExamples)}

Exit status: ${exitStatuses.map((row) => row.join(' ')).join(', ')}.`;

function group(program: Command, known: Map<string, Command>, name: string): Command {
  const existing = known.get(name);
  if (existing) return existing;
  const made = program
    .command(name)
    .description(groups[name] ?? name)
    .helpCommand(false)
    .helpOption('-h, --help', 'Show help');
  made.exitOverride().configureOutput({ outputError: () => undefined });
  known.set(name, made);
  return made;
}
