import { describe, expect, it } from '@jest/globals';
import { byAge, newId, parseFileName, timeOf } from '../../../../src/apply/journal/entry-file.ts';
import { shapeFault } from '../../../../src/apply/journal/entry-shape.ts';

const step = {
  title: 's',
  do: { call: 'networkStart', network: 'n' },
  undo: [],
  verify: { expect: 'network', network: 'n' },
};
const process = { pid: 1, started: '', boot: '' };
const entry = { version: 1, process, user: 'u', uri: 'test:///x', command: 'c', inputs: [], title: 't', steps: [step] };
const ip = (...command: readonly string[]): object => ({
  ...entry,
  steps: [{ ...step, do: { call: 'hostLinks', commands: [command] } }],
});

describe('the order of entries', () => {
  it('follows their numbers, whatever the clock showed', () => {
    const first = newId(41, new Date('2026-11-28T10:00:00.000Z'), 7);
    const second = newId(42, new Date('2026-11-27T10:00:00.000Z'), 7);
    const third = newId(1e8, new Date('1970-01-01T00:00:00.000Z'), 7);
    expect([third, second, first].sort(byAge)).toEqual([first, second, third]);
  });

  it('has the entries of a kvmnet without numbers before all others, by their time', () => {
    const old = ['2026-11-28T201339.333Z-360', '2026-11-29T201339.333Z-360'];
    const numbered = newId(1, new Date('2020-01-01T00:00:00.000Z'), 7);
    expect([numbered, ...old].sort(byAge)).toEqual([...old, numbered]);
  });

  it('leaves the time in the name, for people', () => {
    for (const id of ['2026-11-28T201339.333Z-360', newId(7, new Date('2026-11-28T20:13:39.333Z'), 360)]) {
      expect(timeOf(id)).toBe('2026-11-28T20:13:39.333Z');
      expect(parseFileName(`${id}.3.done.json`)).toEqual({ id, begun: 3, outcome: 'done' });
    }
  });
});

describe('the shape of an entry', () => {
  it.each([
    ['an entry', entry],
    ['a change that awaits confirmation', { ...entry, confirm: { within: 60, deadline: 1.5, until: 'x' } }],
    ['ip link', ip('link', 'set', 'dev', 'x', 'up')],
    ['ip route', ip('route', 'replace', 'default', 'dev', 'x')],
  ])('fits %s', (_, value) => {
    expect(shapeFault(value)).toBeUndefined();
  });

  it.each([
    ['no object', []],
    ['null', null],
    ['another version', { ...entry, version: 2 }],
    ['nothing but a version', { version: 1 }],
    ['no process', { ...entry, process: null }],
    ['a process without a boot', { ...entry, process: { pid: 1, started: '' } }],
    ['no steps', { ...entry, steps: null }],
    ['a confirmation of no shape', { ...entry, confirm: true }],
    ['a step of no shape', { ...entry, steps: [null] }],
    ['a step without an undo', { ...entry, steps: [{ ...step, undo: undefined }] }],
    ['an expectation of no known kind', { ...entry, steps: [{ ...step, verify: { expect: 'constructor' } }] }],
    ['an action of no known kind', { ...entry, steps: [{ ...step, undo: [{ call: 'constructor' }] }] }],
    ['an action without what it needs', { ...entry, steps: [{ ...step, do: { call: 'networkStart' } }] }],
    ['another program behind ip', ip('netns', 'exec', 'x', 'true')],
    ['a file of commands for ip', ip('-batch', 'x')],
    ['a command of ip that is no list', { ...entry, steps: [{ ...step, do: { call: 'hostLinks', commands: ['x'] } }] }],
  ])('does not fit %s', (_, value) => {
    expect(shapeFault(value)).toEqual(expect.any(String));
  });
});
