/** Settings that port forwards need again after the start of a network: its bridge is a new one, with the kernel's defaults. */
import { localDevices } from '../../firewall/nat.ts';
import type { Forward } from '../../records/nat.ts';
import type { NetworkState } from '../../state/state.ts';
import { deviceSetting } from '../../values/sysctl.ts';
import type { Plan, Step } from '../step.ts';

/**
 * Adds the settings to a plan that starts networks: libvirt's hook does the same, once the daemon has noticed it.
 * @param networks before the plan
 */
export function withLocalForwards<P extends Plan>(
  plan: P,
  forwards: readonly Forward[],
  networks: readonly NetworkState[],
): P {
  const devices = localDevices(forwards);
  const steps = plan.steps.flatMap((step): readonly Step[] => {
    const { do: action } = step;
    if (action.call !== 'networkStart') return [step];
    const found = networks.find(({ uuid }) => uuid === action.network);
    const bridge = (found?.inactive ?? found?.network)?.bridge?.name;
    return bridge === undefined || !devices.includes(bridge) ? [step] : [step, settingStep(bridge)];
  });
  return { ...plan, steps };
}

/** The setting goes with the bridge, so that nothing is left to undo. */
function settingStep(bridge: string): Step {
  const [name, value] = [deviceSetting(bridge, 'route_localnet'), '1'];
  return {
    title: `let this host's own connections be forwarded to ${bridge}`,
    do: { call: 'hostSysctl', name, value },
    undo: [],
    verify: { expect: 'sysctl', name, value },
  };
}
