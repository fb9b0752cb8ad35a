/** Documents that a command reads: a file, or `-` for standard input. */
import { sha256 } from '../../apply/digest.ts';
import { KvmnetError } from '../../errors.ts';
import type { Context } from '../context.ts';

/** The whole text. Throws NOTFOUND or PERMISSION with the file's name, INPUT for what is not UTF-8. */
export async function readDocument(context: Context, file: string): Promise<string> {
  const document = await read(context, file);
  context.noteInput((await sha256(document)).toString('hex'));
  return document;
}

async function read(context: Context, file: string): Promise<string> {
  if (file === '-') {
    if (context.session.isScript)
      throw new KvmnetError('USAGE', 'in a script, - is the script itself', { hint: 'name a file' });
    return process.getBuiltinModule('node:stream/consumers').text(context.streams.stdin);
  }
  try {
    const bytes = await process.getBuiltinModule('node:fs/promises').readFile(file);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw fileError(file, cause);
  }
}

function fileError(file: string, cause: unknown): KvmnetError {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'ENOENT')
    return new KvmnetError('NOTFOUND', `file ${file} does not exist`, {
      hint: 'a path begins in the current directory',
      cause,
    });
  if (code === 'EISDIR')
    return new KvmnetError('INPUT', `${file} is a directory`, { hint: 'name a file in it', details: { file }, cause });
  if (code === 'EACCES')
    return new KvmnetError('PERMISSION', `${file} may not be read`, {
      hint: `see its owner and rights: ls -l ${file}`,
      cause,
    });
  return new KvmnetError('INPUT', `${file} is not UTF-8 text`, { hint: 'save it as UTF-8', cause });
}
