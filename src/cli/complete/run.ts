/**
 * Called by the completion scripts at each press of Tab: `kvmnet __complete WORD...`, with the words of a command line after
 * `kvmnet`, up to and with the one that is being typed; `kvmnet __complete-bash LINE BREAKS`, with bash's COMP_LINE up to the cursor
 * and COMP_WORDBREAKS. Prints one candidate per line: the word, and for the first a tab and its description, if any.
 */
import { bashReplies } from './bash.ts';
import type { Candidate, Names } from './candidate.ts';
import { complete } from './complete.ts';
import { namesThrough } from './names.ts';
import { defaultUri } from '../../observe/default-uri.ts';
import { printable } from '../../values/printable.ts';
import type { Streams } from '../output/streams.ts';
import { endAtOnce } from '../terminal/end.ts';
import { splitLine } from '../terminal/shell-words.ts';

/**
 * The time that Tab takes at most, without the start of the program: KVMNET_COMPLETION_TIMEOUT in seconds, up to 60.
 * @returns milliseconds
 */
function patienceMs(): number {
  const seconds = Number(process.env.KVMNET_COMPLETION_TIMEOUT);
  return 1_000 * (seconds > 0 && seconds <= 60 ? seconds : 1.5);
}

/** Never fails and never prints an error: omits candidates that cannot be read in time. Returns the exit status, 0. */
export async function runComplete(argv: readonly string[], streams: Streams): Promise<number> {
  const found = reply(argv, streams).catch(() => '');
  const text = await Promise.race([found, late()]);
  if (text !== undefined) {
    await new Promise((resolve) => streams.stdout.write(text, resolve));
    return 0;
  }
  // A thread may hang in libvirt, and the usual end would wait for it.
  return endAtOnce(0);
}

function late(): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(resolve, patienceMs(), undefined);
  });
}

async function reply([name, ...words]: readonly string[], streams: Streams): Promise<string> {
  if (name === '__complete-bash') {
    const [line = '', breaks = ''] = words;
    const { words: typed, lastWord } = splitLine(line);
    const found = await complete([...typed.slice(1), ...(lastWord === undefined ? [''] : [])], streams, namesOf);
    const replies = bashReplies(line.slice(lastWord ?? line.length), found.filter(isOneLine), breaks);
    return replies.map((word) => `${word}\n`).join('');
  }
  const found = await complete(words, streams, namesOf);
  return found
    .filter(isOneLine)
    .map(({ word, description }) => `${word}${description === undefined ? '' : `\t${printable(description)}`}\n`)
    .join('');
}

/** A name that a terminal, or this protocol, would take for something else is not offered. */
function isOneLine({ word }: Candidate): boolean {
  return printable(word) === word;
}

function namesOf(chosen: string | undefined): Names {
  const uri = chosen ?? defaultUri();
  return namesThrough(uri, async () => {
    const [{ connect }, { parseUri }] = await Promise.all([
      import('../../libvirt/connection.ts'),
      import('../../observe/uri.ts'),
    ]);
    parseUri(uri);
    // Longer than the patience: a connection that hangs must not end before the program does.
    return connect(uri, { readOnly: true, timeout: 2 * patienceMs() });
  });
}
