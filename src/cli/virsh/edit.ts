/** virsh's edit commands: a definition in the user's editor, and then defined again. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KvmnetError } from '../../errors.ts';
import { interact } from '../../host/run.ts';
import { printable } from '../../values/printable.ts';
import { askYes } from '../terminal/prompt.ts';
import type { VirshCall } from './grammar/definition.ts';

interface Edited {
  /** Text that the editor opens with; by default what `read` returns. */
  readonly start?: string;
  /** Message if the text was not changed. */
  readonly unchanged: string;
  /** Defines what was edited, and prints what virsh prints. */
  readonly define: (xml: string) => Promise<unknown>;
}

/**
 * Opens what `read` gives in $VISUAL, $EDITOR or vi. What cannot be defined can be edited again on a terminal; else it is kept in its
 * file, which the error names, and the command fails. virsh prints that all is well then, with "(null)" for the name.
 */
export async function editDocument(
  call: VirshCall,
  read: () => Promise<string>,
  { start, unchanged, define }: Edited,
): Promise<unknown> {
  const before = await read();
  const directory = await mkdtemp(join(tmpdir(), 'kvmnet-'));
  const file = join(directory, 'definition.xml');
  await writeFile(file, start ?? before, { mode: 0o600 });
  let keep = false;
  try {
    for (;;) {
      await edit(call, file);
      const edited = await readFile(file, 'utf8');
      if (edited === before) {
        call.extra(unchanged);
        return { changed: false };
      }
      keep = true;
      try {
        await requireSame(read, before);
        const value = await define(edited);
        keep = false;
        return value;
      } catch (error) {
        if (!(await wantsAgain(call, error))) throw withFile(error, file);
      }
    }
  } finally {
    if (!keep) await rm(directory, { recursive: true });
  }
}

async function edit(call: VirshCall, file: string): Promise<void> {
  call.context.progress.stop();
  const chosen = process.env.VISUAL ?? process.env.EDITOR ?? 'vi';
  // With options in it, as many have it, it is a line for the shell.
  if (/^[\w/.:@-]+$/.test(chosen)) await interact(chosen, [file]);
  else await interact('sh', ['-c', `${chosen} "$0"`, file]);
}

async function requireSame(read: () => Promise<string>, before: string): Promise<void> {
  if ((await read()) !== before) {
    throw new KvmnetError('CONFLICT', 'another user or program changed the definition in the meantime');
  }
}

async function wantsAgain({ context }: VirshCall, error: unknown): Promise<boolean> {
  const { streams, session, options } = context;
  if (!(error instanceof KvmnetError) || error.code === 'INTERRUPTED') return false;
  if (!(streams.stdin.isTTY ?? false) || session.isScript || options.format !== 'table') return false;
  context.progress.stop();
  streams.stderr.write(`error: ${error.message.split('\n').map(printable).join('\n')}\n`);
  return askYes(streams, 'Edit it again?');
}

function withFile(error: unknown, file: string): unknown {
  if (!(error instanceof KvmnetError)) return error;
  const hint = [error.hint, `what you edited is in ${file}`].filter((part) => part !== undefined).join('; ');
  return new KvmnetError(error.code, error.message, { hint, details: error.details, cause: error });
}
