/** virsh's commands that define, start and stop networks. */
import { KvmnetError } from '../../../errors.ts';
import type { Connection } from '../../../libvirt/connection.ts';
import { planNetworkAutostart } from '../../../plan/network/lifecycle.ts';
import type { Plan } from '../../../plan/step.ts';
import {
  planVirshCreate,
  planVirshDefine,
  planVirshDestroy,
  planVirshStart,
  planVirshUndefine,
} from '../../../plan/virsh/network.ts';
import type { State } from '../../../state/state.ts';
import { parseNetwork, type Network } from '../../../xml/network.ts';
import { readDocument } from '../../terminal/input-file.ts';
import { changeByPlan } from '../change.ts';
import { common, flag, type VirshCall, type VirshDefinition } from '../grammar/definition.ts';
import { findNetwork } from '../find.ts';

const unlikeKvmnet = 'What kvmnet net define would refuse, libvirt decides; kvmnet says it on stderr.';

function fromFile(
  planFor: typeof planVirshCreate,
  done: string,
  examples: VirshDefinition['examples'],
): VirshDefinition {
  return {
    options: [common.file('a network'), common.validate],
    description: unlikeKvmnet,
    examples,
    async run(call) {
      const file = call.required('file');
      const network = await readNetwork(call, await readDocument(call.context, file));
      const options = { uuid: network.uuid ?? crypto.randomUUID(), validate: call.given('validate') };
      return changeByPlan(
        call,
        (state) => planFor(network, state, options),
        () => {
          call.extra(`Network ${network.name} ${done} from ${file}\n`);
          return { network: network.name, uuid: options.uuid };
        },
        { leases: false },
      );
    },
  };
}

/** For XML that kvmnet refuses libvirt has words of its own: its test driver reads it as the daemon would, and keeps nothing. */
async function readNetwork(call: VirshCall, xml: string): Promise<Network> {
  try {
    return parseNetwork(xml);
  } catch (error) {
    if (!(error instanceof KvmnetError)) throw error;
    const { code, message, hint } = error;
    const options = { ...call.context.options, uri: 'test:///default', readOnly: false };
    const driver = await call.context.session.connection(options, 'change', () => undefined);
    const cause = await driver.call('networkDefine', { xml }).catch((refusal: unknown) => refusal);
    throw new KvmnetError(code, message, { ...(hint === undefined ? {} : { hint }), cause: cause ?? error });
  }
}

export const netDefine = fromFile(planVirshDefine, 'defined', [
  ['net-define keennet.xml', 'defines it; net-start starts it'],
  ['net-define keennet.xml --validate', "checks it against libvirt's schema first"],
]);

export const netCreate = fromFile(planVirshCreate, 'created', [
  ['net-create keennet.xml', 'makes and starts a network that is gone when it stops'],
]);

function onNetwork(
  planFor: (uuid: string, state: State, call: VirshCall) => Plan,
  done: (name: string, call: VirshCall) => string,
  {
    refusedWhile,
    ...rest
  }: Pick<VirshDefinition, 'examples' | 'description'> &
    Partial<Pick<VirshDefinition, 'options'>> & {
      /** Whether it is active when libvirt refuses the command. */
      readonly refusedWhile?: boolean;
    },
): VirshDefinition {
  return {
    options: [common.network],
    ...rest,
    async run(call) {
      const connection = await call.connection('change');
      const { name, uuid, active } = await findNetwork(call, connection);
      const printDone = (): unknown => {
        call.extra(done(call.required('network'), call));
        return { network: name, uuid };
      };
      if (active === refusedWhile && !call.context.options.dryRun) {
        await refused(connection, { name, uuid, active });
        return printDone();
      }
      return changeByPlan(call, (state) => planFor(uuid, state, call), printDone, { leases: false });
    },
  };
}

/** Starts an active network, or stops one that is not: libvirt itself refuses, in its words. It returns where that has changed meanwhile. */
async function refused(
  connection: Connection,
  { name, uuid, active }: { readonly name: string; readonly uuid: string; readonly active: boolean },
): Promise<void> {
  try {
    await connection.call(active ? 'networkStart' : 'networkDestroy', { network: uuid });
  } catch (cause) {
    throw new KvmnetError('CONFLICT', `network ${name} is ${active ? 'active already' : 'not active'}`, { cause });
  }
}

export const netStart = onNetwork(planVirshStart, (name) => `Network ${name} started\n`, {
  refusedWhile: true,
  examples: [['net-start default', 'starts it']],
});

export const netDestroy = onNetwork(planVirshDestroy, (name) => `Network ${name} destroyed\n`, {
  refusedWhile: false,
  description: 'Like virsh it does not ask; stderr lists the guests that it cuts off. kvmnet net stop asks.',
  examples: [['net-destroy default', 'stops it; a transient one is gone']],
});

export const netUndefine = onNetwork(planVirshUndefine, (name) => `Network ${name} has been undefined\n`, {
  examples: [['net-undefine default', 'removes its definition; while active it goes on until it stops']],
});

export const netAutostart = onNetwork(
  (uuid, state, call) => {
    const transient = state.networks.find((network) => network.uuid === uuid && !network.persistent);
    if (transient) {
      throw new KvmnetError('CONFLICT', `network ${transient.name} is transient: it cannot start at boot`, {
        hint: `kvmnet net-dumpxml ${transient.name} | kvmnet net-define - makes it persistent`,
      });
    }
    return planNetworkAutostart([uuid], !call.given('disable'), state);
  },
  (name, call) => `Network ${name} ${call.given('disable') ? 'unmarked' : 'marked'} as autostarted\n`,
  {
    options: [common.network, flag('disable', 'no autostart')],
    examples: [
      ['net-autostart default', 'has it started at boot'],
      ['net-autostart default --disable', 'has it not'],
    ],
  },
);
