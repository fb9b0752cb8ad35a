/** A text in the user's own editor. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KvmnetError } from '../../errors.ts';
import { interact } from '../../host/run.ts';
import type { Context } from '../context.ts';
import { askYes } from './prompt.ts';

/**
 * $VISUAL or $EDITOR, else vi, with its arguments: words between spaces, of which no shell makes anything.
 * @throws USAGE for one that is empty
 */
export function editorCommand({ VISUAL, EDITOR }: NodeJS.ProcessEnv): readonly [program: string, ...args: string[]] {
  const chosen = [VISUAL, EDITOR].find((value) => value !== undefined && value.trim() !== '') ?? 'vi';
  const [program, ...args] = chosen.trim().split(/\s+/);
  if (program !== undefined) return [program, ...args];
  throw new KvmnetError('USAGE', 'no editor is installed', { hint: 'name one: EDITOR=nano kvmnet net edit NAME' });
}

/** A file that only its owner can read, for as long as it is edited. */
export interface Draft {
  readonly path: string;
  /** Opens the editor, and returns what it has left. */
  edit(): Promise<string>;
  remove(): void;
}

/**
 * Writes a text into a new file, for an editor.
 * @throws DEPENDENCY where the editor is not installed, BACKEND where it ends with another status than 0
 */
export function draft(name: string, text: string): Draft {
  const directory = mkdtempSync(join(tmpdir(), 'kvmnet-')); // 0700
  const path = join(directory, name);
  writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
  const [program, ...args] = editorCommand(process.env);
  return {
    path,
    edit: async () => {
      await interact(program, [...args, path]);
      return readFileSync(path, 'utf8');
    },
    remove: () => {
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Reports the errors of an edited text, and asks whether to edit it again; false without a terminal to ask on. */
export async function wantsToEditAgain(context: Context, { message }: KvmnetError): Promise<boolean> {
  const { streams, session } = context;
  if (streams.stdin.isTTY !== true || session.isScript) return false;
  context.say(message);
  return askYes(streams, 'edit it again?');
}
