import { common, data, type VirshDefinition } from '../grammar/definition.ts';
import { affectedScopes, changeDomain, checkScopes, findVirshDomain } from './domain-arguments.ts';
import { planDetachAlias } from '../../../plan/virsh/nic.ts';

export const detachDeviceAlias: VirshDefinition = {
  options: [
    common.domain,
    data('alias', "the device's alias: net0, or a name of your own that begins with ua-"),
    common.config('domain'),
    common.live('domain'),
    common.current('domain'),
  ],
  description: [
    'As virsh it only asks a running guest, and returns at once. Unlike virsh, with --live --config it waits until the guest has let go of',
    'a NIC, and changes the configuration after that. Another device than a NIC is handed to libvirt.',
  ].join('\n'),
  examples: [['detach-device-alias VM1 ua-lan --live', 'asks the guest to let go of it']],
  async run(call) {
    checkScopes(call, false);
    const domain = await findVirshDomain(call, await call.connection('change'));
    const alias = call.required('alias');
    const scopes = affectedScopes(call, domain, 'current', false);
    return changeDomain(
      call,
      domain.uuid,
      (seen, state) => planDetachAlias(seen, alias, scopes, state),
      () => {
        call.extra('Device detach request sent successfully\n');
        return { domain: domain.name, alias, ...scopes };
      },
    );
  },
};
