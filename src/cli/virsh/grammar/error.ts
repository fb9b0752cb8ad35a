/** Errors in virsh's words: the lines that scripts look for in what a failed command prints on stderr. */
import { KvmnetError, type ErrorCode, type ErrorContext } from '../../../errors.ts';
import { LibvirtError } from '../../../libvirt/error.ts';
import { errorText } from '../../output/error-text.ts';
import { printable, printableLines } from '../../../values/printable.ts';

/** An error for which virsh has a line of its own. */
export class VirshError extends KvmnetError {
  /** The line, or lines, without `error: `. libvirt's own sentence follows it where libvirt is the cause. */
  readonly line: string;

  constructor(code: ErrorCode, message: string, line: string, context: ErrorContext = {}) {
    super(code, message, context);
    this.line = line;
  }
}

/**
 * Formats an error as virsh prints it on stderr, followed by kvmnet's hint.
 * @param failure virsh's line for a failure of this command
 * @param refusalOf returns libvirt's message if kvmnet refuses the command first
 */
export function virshErrorText(
  error: unknown,
  failure?: string,
  refusalOf: (code: ErrorCode) => string | undefined = () => undefined,
): string {
  if (!(error instanceof KvmnetError)) return errorText(error, false);
  const all = linesOf(error, failure, refusalOf(error.code));
  const lines = all.filter((line) => line !== '').map((line) => `error: ${printableLines(line)}\n`);
  return `${lines.join('')}${error.hint === undefined ? '' : `hint: ${printable(error.hint)}\n`}`;
}

function linesOf(error: KvmnetError, failure: string | undefined, refusal: string | undefined): readonly string[] {
  const sentence = libvirtSentence(error);
  if (error instanceof VirshError) return [...error.line.split('\n'), ...(sentence === undefined ? [] : [sentence])];
  const unread = unreadFile(error);
  if (unread !== undefined) return [unread];
  if (sentence === undefined && (error.code === 'USAGE' || failure === undefined)) return [error.message];
  return [...(failure === undefined ? [] : [failure]), sentence ?? refusal ?? error.message];
}

/** The sentence of the libvirt error that is at the bottom of this one. */
function libvirtSentence(error: unknown): string | undefined {
  if (error instanceof LibvirtError) return error.virError.message;
  return error instanceof Error ? libvirtSentence(error.cause) : undefined;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'No such file or directory',
  EACCES: 'Permission denied',
};

/** libvirt's sentence for a file that cannot be read. */
function unreadFile({ cause, details }: KvmnetError): string | undefined {
  const { code = '', path } = (cause instanceof Error ? cause : {}) as NodeJS.ErrnoException;
  if (code === 'EISDIR') return `Failed to read file '${String(details['file'])}': Is a directory`;
  const reason = reasons[code];
  return reason === undefined || path === undefined ? undefined : `Failed to open file '${path}': ${reason}`;
}
