import { KvmnetError } from '../../../errors.ts';
import type { Lives } from '../../../state/scopes.ts';
import type { Plan, Step } from '../../../plan/step.ts';
import type { DomainState, State } from '../../../state/state.ts';
import { common, data, type VirshDefinition } from '../definition.ts';
import { affectedLives, changeDomain, checkLives, findVirshDomain } from './dom-common.ts';
import { nicsThatFit, planVirshDetach } from './dom-nic.ts';

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
  if (!nic) return otherDevice(domain, alias, lives);
  const plan = planVirshDetach(domain, nic, lives, state);
  return { ...plan, steps: plan.steps.map((step) => byAlias(step, alias, lives)) };
}

/** The same step by the alias; done once the guest was asked, unless the configuration waits for that. */
function byAlias(step: Step, alias: string, lives: Lives): Step {
  const { do: action, verify } = step;
  if (action.call !== 'domainDetachDevice' || verify.expect !== 'nic') return step;
  const { domain, live, config } = action;
  const asked = { ...step, do: { call: 'domainDetachDeviceAlias', domain, alias, live, config } } as const;
  return lives.config ? asked : { ...asked, verify: { expect: 'nic', domain, mac: verify.mac } };
}

/** @throws NOTFOUND where no device has the alias */
function otherDevice({ name, uuid, active, xml, inactiveXml }: DomainState, alias: string, lives: Lives): Plan {
  const title = `take the device ${alias} out of ${name}`;
  const definitions = [lives.live ? xml : undefined, lives.config ? inactiveXml : undefined];
  if (definitions.some((definition) => definition?.includes(`<alias name='${alias}'/>`))) {
    const step: Step = {
      title,
      do: { call: 'domainDetachDeviceAlias', domain: uuid, alias, ...lives },
      undo: [],
      verify: { expect: 'domain', domain: uuid, active },
    };
    return { title, steps: [step], warnings: [], consent: [] };
  }
  throw new KvmnetError('NOTFOUND', `${name} has no device with the alias ${JSON.stringify(alias)}`, {
    hint: `kvmnet vm nics ${name} shows its NICs; a configuration has only aliases that begin with ua-`,
  });
}
