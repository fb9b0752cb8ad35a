import { KvmnetError } from '../../../errors.ts';
import type { Lives } from '../../../plan/nic-lives.ts';
import type { Plan } from '../../../plan/step.ts';
import type { DomainState, State } from '../../../state/state.ts';
import { common, data, type VirshDefinition } from '../../virsh/definition.ts';
import { affectedLives, changeDomain, checkLives, findVirshDomain } from './dom-common.ts';
import { nicsThatFit, planVirshDetach } from './dom-nic.ts';

export const detachDeviceAlias: VirshDefinition = {
  options: [
    common.domain,
    data('alias', "the NIC's alias: net0, or a name of your own that begins with ua-"),
    common.config('domain'),
    common.live('domain'),
    common.current('domain'),
  ],
  description: [
    'As virsh it only asks a running guest. Unlike virsh, with --live --config it waits until the guest has let go, and changes the',
    'configuration after that. It knows NICs only.',
  ].join('\n'),
  examples: [['detach-device-alias VM1 ua-lan --live', 'asks the guest to let go of it']],
  async run(call) {
    checkLives(call, false);
    const domain = await findVirshDomain(call, await call.connection('change'));
    const alias = call.required('alias');
    const lives = affectedLives(call, domain, 'current', false);
    return changeDomain(
      call,
      domain.uuid,
      (seen, state) => planDetachAlias(seen, alias, lives, state),
      () => {
        call.extra('Device detach request sent successfully\n');
        return { domain: domain.name, alias, ...lives };
      },
    );
  },
};

function planDetachAlias(domain: DomainState, alias: string, lives: Lives, state: State): Plan {
  const [nic] = nicsThatFit(domain, lives, (each) => each.alias?.name === alias);
  if (!nic) {
    throw new KvmnetError('NOTFOUND', `${domain.name} has no NIC with the alias ${JSON.stringify(alias)}`, {
      hint: `kvmnet vm nics ${domain.name} shows its NICs; a configuration has only aliases that begin with ua-`,
    });
  }
  const plan = planVirshDetach(domain, nic, lives, state);
  return lives.config ? plan : { ...plan, steps: plan.steps.map(unwatched) };
}

/** Done once the guest was asked. */
function unwatched(step: Plan['steps'][number]): Plan['steps'][number] {
  if (step.verify.expect !== 'nic') return step;
  const { expect, domain, mac } = step.verify;
  return { ...step, verify: { expect, domain, mac } };
}
