/** README.md's first five minutes: each command with what it prints. */
import { readFileSync } from 'node:fs';
import { root } from './host.ts';

const readme = readFileSync(`${root}README.md`, 'utf8');
const [, walk = ''] = /^## The first network in five minutes\n([^]*?)^## /m.exec(readme) ?? [];

/** Command lines without `kvmnet`, and their output. */
export const walkSteps = [...walk.matchAll(/^```\n([^]*?)^```$/gm)]
  .flatMap(([, block = '']) => block.split(/^(?=\$ )/m))
  .map((text) => {
    const [command = '', ...output] = text.trimEnd().split('\n');
    return { line: command.replace(/^\$ kvmnet /, ''), output: output.join('\n') };
  });

/** Without what is another each time: MAC addresses, UUIDs, leased addresses, the numbers of taps, and the width of columns. */
export function likeness(text: string): string {
  return (
    text
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UUID')
      .replaceAll(/52:54:00(:[0-9a-f]{2}){3}/g, 'MAC')
      // Any address of the range may be leased, also its first; the range itself stays.
      .replaceAll(/(?<!- |(?:start|end)=")\b(192\.168\.1[23]2)\.(?![01]\b)\d+(?!\d| - )/g, '$1.LEASE')
      .replaceAll(/vnet\d+/g, 'vnetN')
      .replaceAll(/(?<=\S) {2,}/g, '  ')
      .trim()
  );
}
