/** The network and the NIC of the tests of the binding, and what a call refuses with. */
import { expect } from '@jest/globals';
import { KvmnetError, LibvirtError, type Connection } from 'kvmnet';

export const uuid = 'c0ffee00-0000-4000-8000-000000000001';
export const xml = `<network><name>bound</name><uuid>${uuid}</uuid><forward mode='nat'/><bridge name='bound0'/>
  <ip address='192.168.210.1' netmask='255.255.255.0'><dhcp><range start='192.168.210.2' end='192.168.210.254'/></dhcp></ip></network>`;
export const mac = '52:54:00:00:b1:01';
export const nic = (link: string) =>
  `<interface type='network'><mac address='${mac}'/><source network='bound'/><model type='virtio'/><link state='${link}'/></interface>`;

/** The refusal of a call: its error's code and libvirt's number of it. */
export async function refusal(
  call: Promise<unknown>,
): Promise<{ code: string; libvirt: number | undefined; function: string | undefined }> {
  const error = await call.then(
    (value) => {
      throw new Error(`it succeeded: ${JSON.stringify(value)}`);
    },
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(KvmnetError);
  const { virError } = error instanceof LibvirtError ? error : {};
  return { code: (error as KvmnetError).code, libvirt: virError?.code, function: virError?.function };
}

/** How many domains a search for `mac` finds where its files, one for each domain, have it nowhere, and where they do. */
export function found(connection: Connection, domain: string): Promise<readonly number[]> {
  const count = async (isFree: boolean): Promise<number> => {
    const without = { defined: [domain], running: ['another'], isFree };
    return (await connection.call('listDomainsWith', { texts: [mac], without })).length;
  };
  return Promise.all([count(true), count(false)]);
}
