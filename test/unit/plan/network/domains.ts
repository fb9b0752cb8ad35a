import { KvmnetError } from '../../../../src/errors.ts';
import { parseNetwork } from '../../../../src/xml/network.ts';

export const uuid = 'a0f7a1a2-0000-4000-8000-00000000000a';
export const defaultUuid = 'c4a1b9ab-2f9b-4cc5-8a58-9f6a4f8f8b0e';
export const keennet = parseNetwork(`<network><name>keennet</name><forward mode='nat'/><bridge name='keenbr0'/>
  <ip address='192.168.132.1' netmask='255.255.255.0'/><ip family='ipv6' address='fd00:0::1' prefix='64'/></network>`);

export const bridged =
  "<network><name>lan</name><uuid>b0f7a1a2-0000-4000-8000-00000000000b</uuid><forward mode='bridge'/><bridge name='br0'/></network>";

export function nic(mac: string, source: string, target?: string): string {
  const type = source.startsWith('bridge') ? 'bridge' : 'network';
  const dev = target === undefined ? '' : `<target dev='${target}'/>`;
  return `<interface type='${type}'><mac address='${mac}'/><source ${source}/>${dev}</interface>`;
}

export function domain(name: string, ...nics: readonly string[]): string {
  return `<domain type='kvm'><name>${name}</name><devices>${nics.join('')}</devices></domain>`;
}

export function thrown(act: () => unknown): KvmnetError {
  try {
    act();
  } catch (error) {
    if (error instanceof KvmnetError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
