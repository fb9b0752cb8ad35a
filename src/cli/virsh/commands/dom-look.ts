/** virsh's commands that show one domain. */
import { common, data, flag, type VirshDefinition } from '../grammar/definition.ts';
import { printXml } from '../dumpxml.ts';
import { stateReason } from '../../../state/state-reasons.ts';
import { findDomainRecord } from './domain-arguments.ts';

export const dominfo: VirshDefinition = {
  options: [common.domain],
  examples: [['virsh dominfo VM1', 'name, state, memory and processors']],
  async run(call) {
    const connection = await call.connection('read');
    const { id, name, uuid, persistent, autostart } = await findDomainRecord(call, connection);
    const info = await connection.call('getDomainInfo', { domain: uuid });
    const messages = await connection.call('getDomainMessages', { domain: uuid });
    const { security } = info;
    const lines: readonly (readonly [label: string, value: string])[] = [
      ['Id:', id === undefined ? '-' : String(id)],
      ['Name:', name],
      ['UUID:', uuid],
      ['OS Type:', info.osType],
      ['State:', info.state],
      ['CPU(s):', String(info.cpus)],
      ...(info.cpuTimeNs === 0 ? [] : [['CPU time:', `${(info.cpuTimeNs / 1e9).toFixed(1)}s`] as const]),
      ['Max memory:', info.maxMemoryKiB === 0xffffffff ? 'no limit' : `${String(info.maxMemoryKiB)} KiB`],
      ['Used memory:', `${String(info.memoryKiB)} KiB`],
      ['Persistent:', persistent ? 'yes' : 'no'],
      ['Autostart:', autostart ? 'enable' : 'disable'],
      ['Managed save:', info.hasManagedSave === undefined ? 'unknown' : info.hasManagedSave ? 'yes' : 'no'],
      ...(security
        ? ([
            ['Security model:', security.model],
            ['Security DOI:', security.doi],
          ] as const)
        : []),
      ...(security && security.label !== ''
        ? [['Security label:', `${security.label} (${security.enforcing ? 'enforcing' : 'permissive'})`] as const]
        : []),
      ...messages.map((message, index) => [index === 0 ? 'Messages:' : '', message] as const),
    ];
    lines.forEach(([label, value]) => {
      call.print(`${label.padEnd(15)} ${value}\n`);
    });
    return { id, name, uuid, persistent, autostart, ...info, messages };
  },
};

export const domstate: VirshDefinition = {
  options: [common.domain, flag('reason', 'also print the reason of the state')],
  examples: [['virsh domstate VM1 --reason', 'running (booted)']],
  async run(call) {
    const connection = await call.connection('read');
    const { name, uuid } = await findDomainRecord(call, connection);
    const { state, reason } = await connection.call('getDomainState', { domain: uuid });
    const because = stateReason(state, reason);
    call.print(call.given('reason') ? `${state} (${because})\n` : `${state}\n`);
    return { name, uuid, state, reason: because };
  },
};

export const domid: VirshDefinition = {
  options: [common.domain],
  examples: [['virsh domid VM1', 'the number of a running domain']],
  async run(call) {
    const { id, name } = await findDomainRecord(call, await call.connection('read'), ['uuid', 'name']);
    call.print(`${id === undefined ? '-' : String(id)}\n`);
    return { id, name };
  },
};

export const domuuid: VirshDefinition = {
  options: [data('domain', 'domain name or id', { completes: 'domain' })],
  examples: [['virsh domuuid VM1', 'its UUID']],
  async run(call) {
    const { name, uuid } = await findDomainRecord(call, await call.connection('read'), ['id', 'name']);
    call.print(`${uuid}\n`);
    return { name, uuid };
  },
};

export const domname: VirshDefinition = {
  options: [data('domain', 'domain id or UUID')],
  examples: [['virsh domname 1', 'the name of the domain with the number 1']],
  async run(call) {
    const { name, uuid } = await findDomainRecord(call, await call.connection('read'), ['id', 'uuid']);
    call.print(`${name}\n`);
    return { name, uuid };
  },
};

/** virDomainXMLFlags by virsh's option. */
const xmlFlags = { 'security-info': 1, inactive: 2, 'update-cpu': 4, migratable: 8 } as const;

export const dumpxml: VirshDefinition = {
  options: [
    common.domain,
    flag('inactive', 'the definition at the next start, also of a running domain'),
    flag('security-info', 'with passwords and keys'),
    flag('update-cpu', "update the guest's processor by the host's"),
    flag('migratable', 'XML for a migration'),
    common.xpath,
    common.wrap,
  ],
  examples: [["virsh dumpxml VM1 --xpath '//interface/mac/@address'", 'the MAC addresses of its NICs']],
  async run(call) {
    const needsRights = call.given('security-info') || call.given('migratable');
    const connection = await call.connection(needsRights ? 'change' : 'read');
    const { name, uuid } = await findDomainRecord(call, connection);
    const flags = Object.entries(xmlFlags).reduce((sum, [option, bit]) => sum | (call.given(option) ? bit : 0), 0);
    return printXml(call, connection, name, () => connection.call('getDomainXml', { domain: uuid, flags }));
  },
};
