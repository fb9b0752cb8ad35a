/** The look of a drawing: the same shapes in colors for light and for dark pages. */

/** `auto` follows the reader's own setting, also in a picture that another page shows. */
export type ColorScheme = 'light' | 'dark' | 'auto';

interface Palette {
  readonly text: string;
  /** Labels of edges. */
  readonly faint: string;
  readonly line: string;
  readonly box: string;
  readonly network: string;
  readonly bridge: string;
  readonly vm: string;
  readonly broken: string;
}

const palettes: Readonly<Record<'light' | 'dark', Palette>> = {
  light: {
    ...{ text: '#222', faint: '#555', line: '#555', box: '#fff' },
    ...{ network: '#eef5ff', bridge: '#f3f0ff', vm: '#effaf0', broken: '#c00' },
  },
  dark: {
    ...{ text: '#eee', faint: '#bbb', line: '#aaa', box: '#222' },
    ...{ network: '#1b2a40', bridge: '#2a2440', vm: '#1b3320', broken: '#ff7b72' },
  },
};

const shapes = `text{font:12px monospace}.name{font-weight:bold}.label{font-size:11px}path{fill:none;stroke-width:1.5}
.routed path{stroke-dasharray:6 4}.forward path{stroke-dasharray:2 4}.off{opacity:.55}.broken rect,.broken path{stroke-width:2}`;

/** The colors of a drawing, as CSS. */
export function colorsOf(scheme: 'light' | 'dark'): string {
  const { text, faint, line, box, network, bridge, vm, broken } = palettes[scheme];
  return `text{fill:${text}}.label{fill:${faint}}rect{fill:${box};stroke:${line}}path{stroke:${line}}
.network rect{fill:${network}}.bridge rect{fill:${bridge}}.vm rect{fill:${vm}}
.broken text{fill:${broken}}.broken rect,.broken path{stroke:${broken}}`;
}

/** All of the look, as CSS. */
export function styleOf(scheme: ColorScheme): string {
  const darkToo = scheme === 'auto' ? `\n@media(prefers-color-scheme:dark){${colorsOf('dark')}}` : '';
  return `${shapes}\n${colorsOf(scheme === 'dark' ? 'dark' : 'light')}${darkToo}`;
}
