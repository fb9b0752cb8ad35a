/** The manual as values: what `--help` prints of each command, read from commander. Man pages and docs/reference are two formats of it. */
import type { Command } from 'commander';
import { configure, type CommandDefinition, type CommandEntry } from '../command.ts';
import { groups, registry } from '../registry.ts';
import { buildProgram, exitStatuses, mainExamples } from '../tree.ts';

/** An argument, an option, a command or a status, and what it means. */
export type Meaning = readonly [term: string, meaning: string];

/** A paragraph, in which texts between backticks are what one types; or a list. */
export type Block = string | readonly Meaning[];

/** A command. */
export interface Section {
  /** `net create` */
  readonly name: string;
  readonly summary: string;
  /** `kvmnet net create [options] [NAME]` */
  readonly usage: string;
  /** Further help: paragraphs, and lists. */
  readonly blocks: readonly Block[];
  readonly arguments: readonly Meaning[];
  readonly options: readonly Meaning[];
  /** Command lines, each with what it does. */
  readonly examples: readonly Meaning[];
}

/** The commands of a noun. */
export interface Page {
  readonly noun: string;
  readonly summary: string;
  readonly sections: readonly Section[];
}

export interface Manual {
  readonly summary: string;
  readonly usage: string;
  /** The options of every command. */
  readonly options: readonly Meaning[];
  readonly pages: readonly Page[];
  /** Commands of one word. */
  readonly sections: readonly Section[];
  readonly examples: readonly Meaning[];
  readonly statuses: readonly Meaning[];
}

/** Returns the manual of all commands that `kvmnet --help` lists. Their code is loaded. */
export async function readManual(): Promise<Manual> {
  const leaves = new Map<CommandEntry, Command>();
  const unprinted = { write: () => undefined };
  const visible = registry.filter(({ isHidden }) => isHidden !== true);
  const streams = { stdout: unprinted, stderr: unprinted };
  const program = buildProgram(streams, (leaf, entry) => leaves.set(entry, leaf), visible);
  const sections: Section[] = [];
  for (const [entry, leaf] of leaves) sections.push(sectionOf(entry, leaf, (await entry.load()).command));
  const pages = Object.entries(groups).map(([noun, summary]) => ({
    noun,
    summary,
    sections: sections.filter(({ name }) => name.startsWith(`${noun} `)),
  }));
  return {
    summary: program.description(),
    usage: `kvmnet ${program.usage()}`,
    options: optionsOf(program),
    pages,
    sections: sections.filter(({ name }) => !name.includes(' ')),
    examples: commandLines(mainExamples),
    statuses: exitStatuses,
  };
}

function sectionOf({ path, summary }: CommandEntry, leaf: Command, definition: CommandDefinition): Section {
  configure(leaf, definition);
  const help = leaf.createHelp();
  return {
    name: path.join(' '),
    summary,
    usage: help.commandUsage(leaf),
    blocks: blocksOf(definition.description ?? ''),
    arguments: help.visibleArguments(leaf).map((each) => [help.argumentTerm(each), help.argumentDescription(each)]),
    options: optionsOf(leaf),
    examples: commandLines(definition.examples),
  };
}

/** Empty lines separate paragraphs. Indented lines are a list: a term, and behind two spaces what it means. */
function blocksOf(description: string): readonly Block[] {
  return description.split('\n\n').flatMap((paragraph) => {
    const [list = [], text = []] = [true, false].map((isIndented) =>
      paragraph.split('\n').filter((line) => line.startsWith('  ') === isIndented),
    );
    const rows = list.map((line): Meaning => {
      const [, term = '', meaning = ''] = /^ +(.+?)(?:  +(.*))?$/.exec(line) ?? [];
      return [term, meaning];
    });
    return [text.join(' '), rows].filter((block) => block.length > 0);
  });
}

/** The options that `--help` lists, without itself. */
function optionsOf(command: Command): readonly Meaning[] {
  const help = command.createHelp();
  return help
    .visibleOptions(command)
    .filter(({ long }) => long !== '--help')
    .map((option) => [help.optionTerm(option), help.optionDescription(option)]);
}

const commandLines = (examples: readonly Meaning[]): readonly Meaning[] =>
  examples.map(([line, explanation]) => [`kvmnet ${line}`, explanation]);
