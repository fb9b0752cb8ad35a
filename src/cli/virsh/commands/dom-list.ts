import { flag, type VirshCall, type VirshDefinition } from '../grammar/definition.ts';
import { inVirshOrder } from '../order.ts';
import type { ProcedureResult } from '../../../libvirt/procedures.ts';

type Domain = ProcedureResult<'listDomainStates'>[number];

/** Pairs of options that let through what one of them, or both, name. */
const pairs: readonly (readonly [yes: string, no: string, is: (domain: Domain) => boolean])[] = [
  ['persistent', 'transient', ({ persistent }) => persistent],
  ['autostart', 'no-autostart', ({ autostart }) => autostart],
];

const states: readonly (readonly [option: string, is: (state: string) => boolean])[] = [
  ['state-running', (state) => state === 'running'],
  ['state-paused', (state) => state === 'paused'],
  ['state-shutoff', (state) => state === 'shut off'],
  ['state-other', (state) => !['running', 'paused', 'shut off'].includes(state)],
];

export const list: VirshDefinition = {
  options: [
    flag('inactive', 'only inactive domains'),
    flag('all', 'running and inactive ones'),
    flag('transient', 'only transient ones'),
    flag('persistent', 'only persistent ones'),
    ...states.map(([option]) => flag(option, `only those in the state ${option.slice('state-'.length)}`)),
    flag('autostart', 'only those with autostart'),
    flag('no-autostart', 'only those without autostart'),
    flag('uuid', 'print UUIDs only'),
    flag('name', 'print names only'),
    flag('id', 'print numbers only'),
    flag('table', 'print a table (the default)'),
  ],
  isPartial: true,
  examples: [['virsh list --all', 'all domains, as virsh prints them']],
  async run(call) {
    const isPlain = call.given('uuid') || call.given('name') || call.given('id');
    call.exclusive('table', 'name');
    call.exclusive('table', 'uuid');
    call.exclusive('table', 'id');
    const all = await (await call.connection('read')).call('listDomainStates');
    const wanted = all.filter(
      (domain) =>
        (call.given('all') || isStateGiven(call) || domain.active !== call.given('inactive')) &&
        pairs.every(([yes, no, is]) => call.given(yes) === call.given(no) || is(domain) === call.given(yes)) &&
        (!isStateGiven(call) || states.some(([option, is]) => call.given(option) && is(domain.state))),
    );
    const running = wanted.filter(({ active }) => active).sort((left, right) => (left.id ?? 0) - (right.id ?? 0));
    const others = inVirshOrder(
      wanted.filter(({ active }) => !active),
      ({ name }) => name,
    );
    const shown = [...running, ...others];
    if (isPlain) shown.forEach((domain) => call.print(`${plain(call, domain)}\n`));
    else {
      await call.table(
        ['Id', 'Name', 'State'],
        shown.map(({ id, name, state }) => [id === undefined ? '-' : String(id), name, state]),
      );
    }
    return shown.map(({ id, name, uuid, state, active, persistent, autostart }) => ({
      ...{ id, name, uuid, state, active, persistent, autostart },
    }));
  },
};

type Given = Pick<VirshCall, 'given'>;

function isStateGiven(call: Given): boolean {
  return states.some(([option]) => call.given(option));
}

function plain(call: Given, { id, uuid, name }: Domain): string {
  const parts = [
    ...(call.given('uuid') ? [uuid] : []),
    ...(call.given('id') ? [id === undefined ? '-' : String(id)] : []),
    ...(call.given('name') ? [name] : []),
  ];
  return parts.join(' ');
}
