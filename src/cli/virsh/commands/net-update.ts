import { networkState } from '../../../observe/observe.ts';
import { newFindings, planVirshUpdate, updateCommands } from '../../../plan/virsh/net-update.ts';
import { sections } from '../../../plan/virsh/section.ts';
import { suggestion } from '../../../values/nearest.ts';
import type { NetworkState, Seen } from '../../../state/state.ts';
import { readDocument } from '../../terminal/input-file.ts';
import { changeByPlan } from '../change.ts';
import { common, data, number, type VirshCall, type VirshDefinition } from '../grammar/definition.ts';
import { VirshError } from '../grammar/error.ts';
import { findNetwork } from '../find.ts';

export const netUpdate: VirshDefinition = {
  options: [
    common.network,
    data('command', 'add (the same as add-last), add-first, delete or modify', {
      completes: Object.keys(updateCommands),
    }),
    data('section', 'which part of the definition', { completes: Object.keys(sections) }),
    data('xml', 'the element, or a file with it', { completes: 'file' }),
    number('parent-index', 'which of its <ip> elements, counted from 0 over both families'),
    common.config('network'),
    common.live('network'),
    common.current('network'),
  ],
  description: [
    'Without --live, --config or --current it changes a running network until it stops, as virsh does; mostly you want --live --config.',
    "Unlike virsh: modify ip-dhcp-host does not overwrite another's reservation, an entry that only one of --live and --config has is",
    'deleted there, and an IPv6 address finds its <ip> without --parent-index.',
  ].join('\n'),
  examples: [
    [
      "net-update default add ip-dhcp-host \"<host mac='52:54:00:00:00:01' ip='192.168.122.10'/>\" --live --config",
      'reserves an address',
    ],
  ],
  async run(call) {
    call.exclusive('current', 'live');
    call.exclusive('current', 'config');
    const connection = await call.connection('change');
    const { name, uuid } = await findNetwork(call, connection);
    const request = {
      network: uuid,
      command: oneOf(call, 'command', updateCommands),
      section: oneOf(call, 'section', sections),
      parentIndex: call.number('parent-index'),
      xml: await xmlOf(call),
      live: call.given('live'),
      config: call.given('config'),
    };
    let before: { readonly state: Seen<'networks' | 'host'>; readonly network: NetworkState | undefined } | undefined;
    return changeByPlan(
      call,
      (state) => {
        before = { state, network: state.networks.find((network) => network.uuid === uuid) };
        return planVirshUpdate(request, state);
      },
      async () => {
        const after = networkState(await connection.call('getNetwork', { network: uuid }));
        if (before?.network) call.context.warn(newFindings(before.network, after, before.state));
        const live = request.live || (!request.config && after.active);
        const what = [...(live ? [] : ['persistent config']), ...(live && !request.config ? ['live state'] : [])];
        call.extra(
          `Updated network ${name} ${live && request.config ? 'persistent config and live state' : what.join('')}`,
        );
        return { network: name, uuid, command: request.command, section: request.section };
      },
      { only: ['networks', 'host'], leases: false },
    );
  },
};

function oneOf<T extends object>(call: VirshCall, option: string, known: T): keyof T {
  const given = call.required(option);
  const found = Object.keys(known).find((name) => name === given);
  if (found === undefined) {
    throw new VirshError(
      'USAGE',
      `${JSON.stringify(given)} is not a ${option} of net-update`,
      `unrecognized ${option} name '${given}'`,
      {
        hint: suggestion(given, Object.keys(known), `one of ${Object.keys(known).join(', ')}`),
      },
    );
  }
  return found as keyof T;
}

/** Reads --xml as virsh does: the element itself, or the name of a file. */
async function xmlOf(call: VirshCall): Promise<string> {
  const given = call.required('xml');
  return given.startsWith('<') ? given : readDocument(call.context, given);
}
