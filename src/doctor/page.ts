/** docs/troubleshooting.md, which is made of the table of checks. */
import { severities, type Check, type Severity } from './check.ts';
import type { CheckGroup } from './checks.ts';
import type { FactName } from './facts.ts';

const words: Readonly<Record<Severity, string>> = {
  error: 'An error: something does not work now.',
  warning: 'A warning: something stops working after a boot, a restart or a change.',
  notice: 'A notice: something may surprise you later.',
};

/** Facts that other users than root cannot read. */
const ofRoot: readonly FactName[] = ['nat', 'root'];

const introduction = `<!-- Generated from src/doctor/checks by npm run docs:troubleshooting. -->

# Troubleshooting

\`kvmnet doctor\` looks for the problems on this page, and prints each one with its evidence and the command that removes it.
\`kvmnet doctor CODE\` looks for one of them, \`kvmnet doctor --list\` lists them. \`kvmnet doctor --fix\` runs the commands that are
safe, after showing them and asking; \`kvmnet undo\` reverts them. The exit status is 3 if anything was found.

doctor works without libvirt and as an ordinary user. A check that cannot be done is listed as not checked, with the reason; those
marked below need root.
`;

/** Returns the text of docs/troubleshooting.md. */
export function troubleshootingPage(groups: readonly CheckGroup[]): string {
  const kinds = severities.map((severity) => `- ${words[severity]}`).join('\n');
  const sections = groups.map(({ subject, checks }) => `## ${subject}\n\n${checks.map(sectionOf).join('\n\n')}`);
  return `${[`${introduction}\n${kinds}`, ...sections].join('\n\n')}\n`;
}

function sectionOf({ code, severity, title, explanation, example, needs }: Check): string {
  const root = needs.some((name) => ofRoot.includes(name)) ? ', found by root only' : '';
  return [`### ${code}`, `**${title}** (${severity}${root})`, wrapped(explanation), `\`\`\`\n${example}\n\`\`\``].join(
    '\n\n',
  );
}

/** Columns of a line of prose. */
const width = 120;

function wrapped(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && `${line} ${word}`.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.join('\n');
}
