import { readDocument } from '../../terminal/input-file.ts';
import { common, type VirshDefinition } from '../grammar/definition.ts';
import { randomMacs } from '../../random.ts';
import { affectedLives, changeDomain, checkLives, findVirshDomain, livesOptions } from './dom-common.ts';
import { planAttachDevice, readDevice } from '../../../plan/virsh/device.ts';

export const attachDevice: VirshDefinition = {
  options: [common.domain, common.file('the device'), ...livesOptions],
  description: 'A NIC can be undone; another device is handed to libvirt as it stands.',
  examples: [['attach-device VM1 nic.xml --persistent', 'now, and at the next start']],
  async run(call) {
    checkLives(call);
    const domain = await findVirshDomain(call, await call.connection('change'));
    const file = call.required('file');
    const device = readDevice(await readDocument(call.context, file));
    const lives = affectedLives(call, domain, 'live');
    const macs = randomMacs();
    return changeDomain(
      call,
      domain.uuid,
      (seen, state) => planAttachDevice(seen, { ...device, macs }, lives, state),
      () => {
        call.extra('Device attached successfully\n');
        return { domain: domain.name, device: device.kind, ...lives };
      },
    );
  },
};
