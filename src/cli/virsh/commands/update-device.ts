import { KvmnetError } from '../../../errors.ts';
import { readDocument } from '../../terminal/input-file.ts';
import { common, flag, type VirshDefinition } from '../grammar/definition.ts';
import { affectedScopes, changeDomain, checkScopes, findVirshDomain, scopeOptions } from './domain-arguments.ts';
import { planUpdateDevice, readDevice } from '../../../plan/virsh/device.ts';

export const updateDevice: VirshDefinition = {
  options: [common.domain, common.file('the device'), ...scopeOptions, flag('force', 'of no effect on a NIC')],
  description:
    'What the document leaves out is as libvirt makes it by default: a link that is down comes up. --force is for removable media, and refused for them here.',
  examples: [['update-device VM1 nic.xml --live --config', 'now, and at the next start']],
  async run(call) {
    checkScopes(call);
    const domain = await findVirshDomain(call, await call.connection('change'));
    const device = readDevice(await readDocument(call.context, call.required('file')));
    if (call.given('force') && device.kind !== 'interface') {
      throw new KvmnetError('DEPENDENCY', `kvmnet cannot force the change of a <${device.kind}>`, {
        hint: 'leave out --force, or use virsh update-device',
      });
    }
    const scopes = affectedScopes(call, domain, 'current');
    return changeDomain(
      call,
      domain.uuid,
      (seen, state) => planUpdateDevice(seen, device, scopes, state),
      () => {
        call.extra('Device updated successfully\n');
        return { domain: domain.name, device: device.kind, ...scopes };
      },
    );
  },
};
