/** virsh's commands that start, stop and define domains: each a single call of libvirt. */
import type { Connection } from '../../../libvirt/connection.ts';
import { readDocument } from '../../terminal/input-file.ts';
import { changeByCall } from '../change.ts';
import { common, flag, text, type VirshCall, type VirshDefinition, type VirshOption } from '../definition.ts';
import { editDocument } from '../edit.ts';
import { VirshError } from '../error.ts';
import { findDomainRecord } from './dom-common.ts';

interface Row {
  readonly options?: readonly VirshOption[];
  /** What libvirt is asked to do with the domain that has this UUID. */
  readonly act: (connection: Connection, uuid: string, call: VirshCall) => Promise<unknown>;
  /** The message, without the full stop; `NAME` is the domain's. */
  readonly done: (call: VirshCall) => string;
  readonly title: string;
  readonly example: string;
  /** Refuses the domain in its state. */
  readonly check?: (domain: { readonly name: string; readonly active: boolean }) => void;
  readonly by?: Parameters<typeof findDomainRecord>[2];
}

function onDomain({ options = [], act, done, title, example, check, by }: Row): VirshDefinition {
  return {
    options: [common.domain, ...options],
    isPartial: true,
    examples: [[`virsh ${example}`, title.toLowerCase()]],
    async run(call) {
      const domain = await findDomainRecord(call, await call.connection('change'), by);
      const { name, uuid } = domain;
      check?.(domain);
      return changeByCall(call, { title: `${title} ${name}` }, async (connection) => {
        await act(connection, uuid, call);
        call.extra(`${done(call).replace('NAME', () => name)}\n`);
        return { domain: name, uuid };
      });
    },
  };
}

/** The sum of the flags whose options are given. */
function flagsOf(call: VirshCall, bits: Readonly<Record<string, number>>): number {
  return Object.entries(bits).reduce((sum, [option, bit]) => sum | (call.given(option) ? bit : 0), 0);
}

/** virDomainCreateFlags by virsh's option. */
const startFlags = { paused: 1, 'bypass-cache': 4, 'force-boot': 8 } as const;

export const start = onDomain({
  options: [
    flag('paused', 'leave the guest paused after creation'),
    flag('bypass-cache', 'avoid file system cache when loading'),
    flag('force-boot', 'force fresh boot by discarding any managed save'),
  ],
  by: ['uuid', 'name'],
  check: ({ active }) => {
    const line = 'Domain is already active';
    if (active) throw new VirshError('CONFLICT', line, line);
  },
  act: (connection, domain, call) => {
    const flags = flagsOf(call, startFlags);
    return flags === 0
      ? connection.call('domainStart', { domain })
      : connection.call('domainStartFlags', { domain, flags });
  },
  done: () => "Domain 'NAME' started",
  title: 'Start',
  example: 'start VM1',
});

export const destroy = onDomain({
  options: [flag('graceful', 'terminate gracefully')],
  act: (connection, domain, call) =>
    call.given('graceful')
      ? connection.call('domainDestroyFlags', { domain, flags: 1 })
      : connection.call('domainDestroy', { domain }),
  done: () => "Domain 'NAME' destroyed",
  title: 'Pull the plug of',
  example: 'destroy VM1',
});

/** virDomainShutdownFlagValues and virDomainRebootFlagValues, which are the same, by virsh's word. */
const modes: Readonly<Record<string, number>> = { acpi: 1, agent: 2, initctl: 4, signal: 8, paravirt: 16 };

function modeFlags(call: VirshCall): number {
  const words = (call.text('mode') ?? '').split(',').filter((word) => word !== '');
  return words.reduce((sum, word) => {
    const bit = modes[word];
    const line = `Unknown mode ${word} value, expecting 'acpi', 'agent', 'initctl', 'signal', or 'paravirt'`;
    if (bit === undefined) throw new VirshError('USAGE', line, line);
    return sum | bit;
  }, 0);
}

const mode = text('mode', 'shutdown mode: acpi|agent|initctl|signal|paravirt', { completes: Object.keys(modes) });

export const shutdown = onDomain({
  options: [mode],
  act: (connection, domain, call) => {
    const flags = modeFlags(call);
    return flags === 0
      ? connection.call('domainShutdown', { domain })
      : connection.call('domainShutdownFlags', { domain, flags });
  },
  done: () => "Domain 'NAME' is being shutdown",
  title: 'Shut down',
  example: 'shutdown VM1',
});

export const reboot = onDomain({
  options: [mode],
  act: (connection, domain, call) => connection.call('domainReboot', { domain, flags: modeFlags(call) }),
  done: () => "Domain 'NAME' is being rebooted",
  title: 'Reboot',
  example: 'reboot VM1',
});

export const suspend = onDomain({
  act: (connection, domain) => connection.call('domainSuspend', { domain }),
  done: () => "Domain 'NAME' suspended",
  title: 'Suspend',
  example: 'suspend VM1',
});

export const resume = onDomain({
  act: (connection, domain) => connection.call('domainResume', { domain }),
  done: () => "Domain 'NAME' resumed",
  title: 'Resume',
  example: 'resume VM1',
});

export const autostart = onDomain({
  options: [flag('disable', 'disable autostarting')],
  act: (connection, domain, call) =>
    connection.call('domainSetAutostart', { domain, autostart: !call.given('disable') }),
  done: (call) => `Domain 'NAME' ${call.given('disable') ? 'unmarked' : 'marked'} as autostarted`,
  title: 'Set autostart of',
  example: 'autostart VM1',
});

/** virDomainUndefineFlagsValues by virsh's option. */
const undefineFlags = {
  'managed-save': 1,
  'snapshots-metadata': 2,
  nvram: 4,
  'keep-nvram': 8,
  'checkpoints-metadata': 16,
} as const;

export const undefine = onDomain({
  options: [
    flag('managed-save', 'remove domain managed state file'),
    flag('snapshots-metadata', 'remove all domain snapshot metadata (vm must be inactive)'),
    flag('checkpoints-metadata', 'remove all domain checkpoint metadata (vm must be inactive)'),
    flag('nvram', 'remove nvram file'),
    flag('keep-nvram', 'keep nvram file'),
  ],
  act: (connection, domain, call) => {
    const flags = flagsOf(call, undefineFlags);
    return flags === 0
      ? connection.call('domainUndefine', { domain })
      : connection.call('domainUndefineFlags', { domain, flags });
  },
  done: () => "Domain 'NAME' has been undefined",
  title: 'Undefine',
  example: 'undefine VM1',
});

export const define: VirshDefinition = {
  options: [common.file('a domain'), common.validate],
  examples: [['virsh define VM1.xml', 'defines a domain; start starts it']],
  async run(call) {
    const file = call.required('file');
    const xml = await readDocument(call.context, file);
    const flags = call.given('validate') ? 1 : 0;
    return changeByCall(call, { title: 'define a domain', xml }, async (connection) => {
      const name = await connection.call('domainDefineFlags', { xml, flags });
      call.extra(`Domain '${name}' defined from ${file}\n`);
      return { domain: name };
    });
  },
};

export const edit: VirshDefinition = {
  options: [common.domain, flag('skip-validate', "do not check the XML against libvirt's schema")],
  examples: [['virsh edit VM1', 'opens its XML in $VISUAL or $EDITOR']],
  async run(call) {
    const connection = await call.connection('change');
    const { name, uuid } = await findDomainRecord(call, connection);
    const flags = call.given('skip-validate') ? 0 : 1;
    return editDocument(call, () => connection.call('domainSecureXml', { domain: uuid }), {
      unchanged: `Domain '${name}' XML configuration not changed.\n`,
      define: (xml) =>
        changeByCall(call, { title: `redefine domain ${name}`, xml }, async () => {
          const defined = await connection.call('domainDefineFlags', { xml, flags });
          call.extra(`Domain '${defined}' XML configuration edited.\n`);
          return { domain: defined };
        }),
    });
  },
};
