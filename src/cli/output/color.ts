/** Colors: their meaning, and when they are used. */
import type { styleText } from 'node:util';

export const colorModes = ['auto', 'always', 'never'] as const;
export type ColorMode = (typeof colorModes)[number];

const styles = {
  error: ['bold', 'red'],
  warning: ['bold', 'yellow'],
  hint: ['bold', 'cyan'],
  heading: 'bold',
  bad: 'red',
  good: 'green',
} as const satisfies Readonly<Record<string, Parameters<typeof styleText>[0]>>;

export type Tone = keyof typeof styles;
export type Paint = (tone: Tone | undefined, text: string) => string;

/** For output that does not go to a terminal. */
export const unpainted: Paint = (_tone, text) => text;

/** `auto` is a terminal that shows colors, unless NO_COLOR is set (no-color.org) or TERM is dumb. */
export function paintFor(
  mode: ColorMode,
  { isTTY = false }: { readonly isTTY?: boolean },
  { NO_COLOR = '', TERM }: NodeJS.ProcessEnv = process.env,
): Paint {
  const isAuto = isTTY && NO_COLOR === '' && TERM !== 'dumb';
  if (mode === 'never' || (mode === 'auto' && !isAuto)) return unpainted;
  const { styleText } = process.getBuiltinModule('node:util');
  return (tone, text) =>
    tone === undefined || text === '' ? text : styleText([styles[tone]].flat(), text, { validateStream: false });
}

/** The mode that a command line asks for, also where the rest of it cannot be read. */
export function colorIn(argv: readonly string[]): ColorMode {
  const typed = argv.flatMap((word, index) => {
    if (word === '--no-color') return ['never'];
    return word === '--color' ? [argv[index + 1]] : word.startsWith('--color=') ? [word.slice('--color='.length)] : [];
  });
  return colorModes.find((mode) => mode === typed.at(-1)) ?? 'auto';
}
