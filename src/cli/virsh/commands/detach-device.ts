import { KvmnetError } from '../../../errors.ts';
import { readDocument } from '../../terminal/input-file.ts';
import { common, type VirshDefinition } from '../grammar/definition.ts';
import { affectedScopes, changeDomain, checkScopes, findVirshDomain, scopeOptions } from './domain-arguments.ts';
import { countDevices, planDetachDevice, readDevice } from '../../../plan/virsh/device.ts';

export const detachDevice: VirshDefinition = {
  options: [common.domain, common.file('the device'), ...scopeOptions],
  description: [
    'Unlike virsh it waits until the running guest has let go (30 s, or --timeout), and fails where it does not; the configuration is',
    'changed after that. Another device than a NIC is handed to libvirt, and looked for afterwards.',
  ].join('\n'),
  examples: [['detach-device VM1 nic.xml --persistent', 'now, and at the next start']],
  async run(call) {
    checkScopes(call);
    const connection = await call.connection('change');
    const domain = await findVirshDomain(call, connection);
    const device = readDevice(await readDocument(call.context, call.required('file')));
    const scopes = affectedScopes(call, domain, 'live');
    const count = async (): Promise<number> =>
      countDevices(await connection.call('domainXml', { domain: domain.uuid, inactive: false }), device.kind);
    const before = device.kind === 'interface' || !scopes.live ? undefined : await count();
    return changeDomain(
      call,
      domain.uuid,
      (seen, state) => planDetachDevice(seen, device, scopes, state),
      async () => {
        if (before !== undefined && (await count()) >= before) {
          throw new KvmnetError('BACKEND', `the guest has not released the <${device.kind}> of ${domain.name}`, {
            hint: 'it was asked to, and may still do so; a guest that has no system running never does',
          });
        }
        call.extra('Device detached successfully\n');
        return { domain: domain.name, device: device.kind, ...scopes };
      },
    );
  },
};
