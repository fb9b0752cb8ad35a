import { describe, expect, it } from '@jest/globals';
import type { Column } from '../../../../src/cli/command.ts';
import { fittingColumns } from '../../../../src/cli/output/fit.ts';
import { render } from '../../../../src/cli/output/output.ts';

interface Row {
  readonly name: string;
  readonly mac: string;
  readonly state: string;
}

const rows: readonly Row[] = [
  { name: 'red', mac: '52:54:00:00:00:01', state: 'broken' },
  { name: 'network-with-a-name', mac: '52:54:00:00:00:02', state: 'active' },
];
const columns: readonly Column<Row>[] = [
  { heading: 'Name', cell: ({ name }) => name },
  { heading: 'State', cell: ({ state }) => state, tone: ({ state }) => (state === 'broken' ? 'bad' : undefined) },
  { heading: 'MAC', cell: ({ mac }) => mac, isSpare: true },
];
const result = { value: rows, table: { rows, columns } };
const lines = async (options: { readonly width?: number; readonly columns?: readonly string[] }): Promise<string[]> =>
  (await render(result, { format: 'table', columns: undefined, ...options })).split('\n');

describe('a table', () => {
  it('is whole if stdout is not a terminal, and if the terminal is wide enough', async () => {
    const whole = await lines({});
    expect(whole[0]).toBe('Name                 State   MAC');
    expect(await lines({ width: 46 })).toEqual(whole);
  });

  it('leaves out its spare columns where the terminal is narrow', async () => {
    expect(await lines({ width: 45 })).toEqual([
      'Name                 State',
      'red                  broken',
      'network-with-a-name  active',
      '',
    ]);
  });

  it('is a line for each cell where nothing else fits, and so never wraps in the middle of an address', async () => {
    const narrow = await lines({ width: 20 });
    expect(narrow.slice(0, 5)).toEqual([
      'Name   red',
      'State  broken',
      'MAC    52:54:00:00:00:01',
      '',
      'Name   network-with-a-name',
    ]);
  });

  it('keeps the columns that the user has chosen', async () => {
    expect((await lines({ width: 45, columns: ['Name', 'MAC'] }))[0]).toBe('Name                 MAC');
  });

  it('is painted behind its alignment: headings, and the cells that have a tone', async () => {
    const text = await render(result, {
      format: 'table',
      columns: ['State', 'Name'],
      paint: (tone, cell) => (tone === undefined ? cell : `<${tone}>${cell}</>`),
    });
    expect(text.split('\n').slice(0, 3)).toEqual([
      '<heading>State</>   <heading>Name</>',
      '<bad>broken</>  red',
      'active  network-with-a-name',
    ]);
  });

  it('is not painted in formats for programs', async () => {
    expect(await render(result, { format: 'csv', columns: ['State'], paint: () => 'painted' })).toBe(
      'State\nbroken\nactive\n',
    );
  });
});

describe('the columns that fit', () => {
  it('are all but the last spare ones', () => {
    expect(fittingColumns([4, 4, 4], [false, true, true], 16)).toEqual([0, 1, 2]);
    expect(fittingColumns([4, 4, 4], [false, true, true], 15)).toEqual([0, 1]);
    expect(fittingColumns([4, 4, 4], [true, false, true], 9)).toEqual([1]);
    expect(fittingColumns([4, 4, 4], [false, true, true], 3)).toBeUndefined();
  });
});
