import { readDocument } from '../../terminal/input-file.ts';
import { common, type VirshDefinition } from '../grammar/definition.ts';
import { randomMacs } from '../../random.ts';
import { affectedScopes, changeDomain, checkScopes, findVirshDomain, scopeOptions } from './domain-arguments.ts';
import { planAttachDevice, readDevice } from '../../../plan/virsh/device.ts';

export const attachDevice: VirshDefinition = {
  options: [common.domain, common.file('the device'), ...scopeOptions],
  description: 'A NIC can be undone; another device is handed to libvirt as it stands.',
  examples: [['attach-device VM1 nic.xml --persistent', 'now, and at the next start']],
  async run(call) {
    checkScopes(call);
    const domain = await findVirshDomain(call, await call.connection('change'));
    const file = call.required('file');
    const device = readDevice(await readDocument(call.context, file));
    const scopes = affectedScopes(call, domain, 'live');
    const macs = randomMacs();
    return changeDomain(
      call,
      domain.uuid,
      (seen, state) => planAttachDevice(seen, { ...device, macs }, scopes, state),
      () => {
        call.extra('Device attached successfully\n');
        return { domain: domain.name, device: device.kind, ...scopes };
      },
    );
  },
};
