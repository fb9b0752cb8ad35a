import { KvmnetError } from '../../../errors.ts';
import { common, data, flag, text, type VirshCall, type VirshDefinition } from '../grammar/definition.ts';
import { VirshError } from '../grammar/error.ts';
import { randomMacs } from '../../random.ts';
import { affectedScopes, changeDomain, checkScopes, findVirshDomain, scopeOptions } from './domain-arguments.ts';
import { planAttachDevice } from '../../../plan/virsh/device.ts';
import { checkRate, parseVirshRate, type VirshRate } from './dom-rate.ts';

const types = ['network', 'bridge', 'direct', 'hostdev', 'vhostuser'] as const;

export const attachInterface: VirshDefinition = {
  options: [
    common.domain,
    data('type', types.join(', '), { completes: types }),
    data('source', 'network, bridge, NIC of the host, PCI address or socket', { completes: 'source' }),
    text('target', 'name of the tap on the host'),
    text('mac', 'MAC address; a free one by default'),
    text('script', 'program that plugs the tap in'),
    text('model', 'model of the NIC; without it libvirt chooses, on x86 rtl8139'),
    text('alias', 'a name of your own, beginning with ua-'),
    text('inbound', 'what the guest receives: average,peak,burst,floor in kilobytes'),
    text('outbound', 'what the guest sends: average,peak,burst in kilobytes'),
    ...scopeOptions,
    flag('print-xml', 'print the XML, and change nothing'),
    flag('managed', 'take a passed-through device from the host, and give it back'),
    text('source-mode', 'of vhostuser: server or client', { completes: ['server', 'client'] }),
  ],
  description:
    'As virsh, it plugs the NIC into a running domain until it stops, unless --config or --persistent is given. kvmnet vm attach plugs in a virtio NIC, and for good.',
  examples: [
    ['attach-interface VM1 network default --model virtio --persistent', 'now, and at the next start'],
    ['attach-interface VM1 bridge br0 --print-xml', 'only the XML'],
  ],
  async run(call) {
    checkScopes(call);
    const xml = interfaceXml(call);
    if (call.given('print-xml')) {
      call.print(xml);
      return { xml };
    }
    const domain = await findVirshDomain(call, await call.connection('change'));
    const scopes = affectedScopes(call, domain, 'live');
    const macs = randomMacs();
    return changeDomain(
      call,
      domain.uuid,
      (seen, state) => planAttachDevice(seen, { kind: 'interface', xml, macs }, scopes, state),
      () => {
        call.extra('Interface attached successfully\n');
        return { domain: domain.name, type: call.required('type'), source: call.required('source'), ...scopes };
      },
    );
  },
};

/** To the letter what virsh makes of its options. */
function interfaceXml(call: VirshCall): string {
  const values = ['target', 'mac', 'script', 'model', 'alias'].map((name) => [name, call.text(name)] as const);
  const { target, mac, script, model, alias } = Object.fromEntries(values);
  const type = types.find((known) => known === call.required('type'));
  if (type === undefined) {
    const given = call.required('type');
    const line = `No support for ${given} in command 'attach-interface'`;
    throw new VirshError('USAGE', `attach-interface knows no type ${JSON.stringify(given)}`, line, {
      hint: `one of ${types.join(', ')}`,
    });
  }
  const rates = bandwidth(call);
  const lines = [
    ...sourceLines(call, type),
    ...(target === undefined ? [] : [`<target dev='${target}'/>`]),
    ...(mac === undefined ? [] : [`<mac address='${mac}'/>`]),
    ...(script === undefined ? [] : [`<script path='${script}'/>`]),
    ...(model === undefined ? [] : [`<model type='${model}'/>`]),
    ...(alias === undefined ? [] : [`<alias name='${alias}'/>`]),
    ...rates,
  ];
  const managed = call.given('managed') ? " managed='yes'" : '';
  return `<interface type='${type}'${managed}>\n${lines.map((line) => `  ${line}\n`).join('')}</interface>\n`;
}

function sourceLines(call: VirshCall, type: (typeof types)[number]): readonly string[] {
  const source = call.required('source');
  const mode = call.text('source-mode');
  if (mode !== undefined && mode !== 'server' && mode !== 'client') {
    throw new VirshError(
      'USAGE',
      `--source-mode ${JSON.stringify(mode)} is not possible`,
      `Invalid source mode: ${mode}`,
      {
        hint: 'server or client',
      },
    );
  }
  switch (type) {
    case 'network':
    case 'bridge':
      return [`<source ${type}='${source}'/>`];
    case 'direct':
      return [`<source dev='${source}'/>`];
    case 'hostdev':
      return ['<source>', `  ${pciAddress(source)}`, '</source>'];
    case 'vhostuser':
      if (mode === undefined) {
        throw new KvmnetError('USAGE', 'vhostuser needs --source-mode', { hint: 'server or client' });
      }
      return [`<source type='unix' path='${source}' mode='${mode}'/>`];
  }
}

/** Four hexadecimal numbers, with any character between them, as virsh takes them; what follows is ignored. */
function pciAddress(source: string): string {
  const [, ...parts] =
    /^\s*(?:0x)?([\da-f]+).\s*(?:0x)?([\da-f]+).\s*(?:0x)?([\da-f]+).\s*(?:0x)?([\da-f]+)/i.exec(source) ?? [];
  const [domain, bus, slot, fn] = parts.map((part) => Number.parseInt(part, 16));
  if (domain === undefined || bus === undefined || slot === undefined || fn === undefined || !parts.every(isUnsigned)) {
    throw new KvmnetError('INPUT', `${JSON.stringify(source)} is not a PCI address`, {
      hint: 'for example 0000:01:00.0',
    });
  }
  const hex = (value: number, width: number): string => `0x${value.toString(16).padStart(width, '0')}`;
  return `<address type='pci' domain='${hex(domain, 4)}' bus='${hex(bus, 2)}' slot='${hex(slot, 2)}' function='${hex(fn, 1)}'/>`;
}

function isUnsigned(digits: string): boolean {
  return Number.parseInt(digits, 16) <= 0xffff_ffff;
}

function bandwidth(call: VirshCall): readonly string[] {
  const [given, sent] = [call.text('inbound'), call.text('outbound')];
  const inbound = given === undefined ? undefined : parseVirshRate(given, '--inbound');
  if (inbound) checkRate(inbound, '--inbound', true);
  const outbound = sent === undefined ? undefined : parseVirshRate(sent, '--outbound');
  if (outbound) checkRate(outbound, '--outbound', true);
  if (!inbound && !outbound) return [];
  return [
    '<bandwidth>',
    ...(inbound ? [`  <inbound${attributes(inbound)}/>`] : []),
    ...(outbound ? [`  <outbound${attributes(outbound)}/>`] : []),
    '</bandwidth>',
  ];
}

function attributes(rate: VirshRate): string {
  return (['average', 'peak', 'burst', 'floor'] as const)
    .filter((name) => rate[name] > 0n)
    .map((name) => ` ${name}='${String(rate[name])}'`)
    .join('');
}
