/** The actions that libvirt has no call for: root carries them out on the host itself. */
import { natTransactions } from '../../firewall/nat-text.ts';
import type { HostAction, LinkVlans, PortVlans } from '../action.ts';
import type { Expectation } from '../expectation.ts';
import { expectsTheSame, showsNothing, type ActionOf, type ActionRows } from './row.ts';

const links = ['master', 'addresses'] as const;

export const hostActions: ActionRows<HostAction> = {
  hostLinks: {
    fields: { commands: 'list' },
    changes: links,
    isWithoutLibvirt: true,
    expects: (_action, verify) => (verify.expect === 'netns' ? { ...verify, present: !verify.present } : { ...verify }),
    shows: ({ commands, netns }) => {
      const program = netns === undefined ? 'ip' : `ip -n ${netns}`;
      return commands.map((words) => `${program} ${words.join(' ')}`).join('\n');
    },
    // The desired links: if they are half undone, other commands are needed.
    again: (action, { verify }) => (verify.expect === 'links' ? { call: 'hostRestore', links: verify.links } : action),
  },
  hostRestore: {
    fields: { links: 'object' },
    changes: links,
    isWithoutLibvirt: true,
    expects: (action) => ({ expect: 'links', links: action.links }),
    shows: showsNothing,
  },
  hostWriteFile: {
    fields: { path: 'string', text: 'any', mode: 'number' },
    changes: ['content'],
    isWithoutLibvirt: true,
    hasFileText: true,
    expects: fileExpectation,
    shows: ({ text }) => text?.trimEnd() ?? '',
  },
  hostSetPortVlans: {
    fields: { domain: 'string', mac: 'string', vlans: 'list' },
    changes: [],
    expects: ({ domain, mac, vlans }) => ({ expect: 'portVlans', domain, mac, vlans }),
    shows: portVlansText,
  },
  hostLinkVlans: {
    fields: { link: 'string', self: 'boolean', add: 'list', remove: 'list' },
    changes: [],
    isWithoutLibvirt: true,
    expects: ({ call: _call, ...vlans }) => ({ expect: 'linkVlans', ...vlans }),
    shows: linkVlansText,
  },
  hostSetDns: {
    fields: { dev: 'string', scope: 'any' },
    changes: [],
    isWithoutLibvirt: true,
    expects: ({ dev, scope }) => ({ expect: 'dns', dev, scope }),
    shows: ({ dev, scope }) => `resolvectl dns ${[dev, ...(scope?.servers ?? [])].join(' ')}`,
  },
  hostSetNat: {
    fields: { rules: 'object', backend: 'string' },
    changes: [],
    isWithoutLibvirt: true,
    expects: ({ rules, backend }) => ({ expect: 'nat', rules, backend }),
    shows: ({ rules, backend }) =>
      natTransactions(rules, backend, undefined)
        .map(({ program, text }) => `${program}\n${text}`)
        .join('')
        .trimEnd(),
  },
  hostSysctl: {
    fields: { name: 'string', value: 'string' },
    changes: [],
    isWithoutLibvirt: true,
    expects: ({ name, value }) => ({ expect: 'sysctl', name, value }),
    shows: ({ name, value }) => `sysctl ${name}=${value}`,
  },
  hostSetMaster: {
    fields: { link: 'string', master: 'string' },
    changes: ['master'],
    expects: ({ link, master }) => ({ expect: 'master', link, master }),
    shows: showsNothing,
  },
  hostEndLease: {
    fields: { network: 'string', server: 'string', mac: 'string', address: 'string' },
    changes: [],
    expects: expectsTheSame,
    shows: showsNothing,
  },
  hostEndDnsmasq: {
    fields: { network: 'string', name: 'string' },
    changes: [],
    expects: ({ name }) => ({ expect: 'dnsmasq', name, running: false }),
    shows: showsNothing,
  },
  hostDeleteBridge: {
    fields: { network: 'string', bridge: 'string', mac: 'string' },
    changes: ['master'],
    expects: ({ bridge }) => ({ expect: 'no bridge', bridge }),
    shows: showsNothing,
  },
  hostDeleteRules: {
    fields: { network: 'string', bridge: 'string', subnets: 'list', only: 'string' },
    changes: [],
    expects: ({ bridge, subnets, only }) => ({ expect: 'no rules', bridge, subnets, only }),
    shows: showsNothing,
  },
};

/** The condition to verify after a file is written. */
export function fileExpectation({ path, root, text, mode, owner, link }: ActionOf<'hostWriteFile'>): Expectation {
  return {
    expect: 'file',
    path,
    text,
    ...(root === undefined ? {} : { root }),
    ...(text === null ? {} : { mode, ...(owner && { owner }), ...(link === undefined ? {} : { link }) }),
  };
}

/** The arguments of bridge(8): the tap's name is known once the NIC is attached. */
function portVlansText({ mac, vlans }: PortVlans): string {
  const added = vlans.map(
    ({ id, pvid, untagged }) =>
      `bridge vlan add dev TAP vid ${String(id)}${pvid ? ' pvid' : ''}${untagged ? ' untagged' : ''}`,
  );
  return [`bridge vlan del dev TAP vid ALL-OTHERS (TAP: the tap of ${mac})`, ...added].join('\n');
}

function linkVlansText({ link, self, add, remove }: LinkVlans): string {
  const line = (verb: string, id: number, words: string): string =>
    `bridge vlan ${verb} dev ${link} vid ${String(id)}${words}${self ? ' self' : ''}`;
  return [
    ...remove.map((id) => line('del', id, '')),
    ...add.map(({ id, pvid, untagged }) => line('add', id, `${pvid ? ' pvid' : ''}${untagged ? ' untagged' : ''}`)),
  ].join('\n');
}
