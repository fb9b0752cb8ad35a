/** Problems that `net list` shows and `net heal` repairs: each kind is a check, with the sentence and the repair that those have. */
import { forgotten, networkProblems, type NetworkProblem } from '../../state/health.ts';
import { isLeftEmpty, strandedNics, strandedText } from '../../state/membership.ts';
import { unreadableText } from '../../state/unreadable.ts';
import { advice, check, repair, shell, type Check } from '../check.ts';
import { restartOfNetworks, restartWithChains, uncallChains } from '../daemon-commands.ts';

type Text = Pick<Check, 'code' | 'title' | 'explanation'> &
  Partial<Pick<Check, 'severity'>> & {
    /** Only root can see it. */
    readonly isHidden?: true;
  };

/** A problem of heal's vocabulary that `net heal` repairs, by its kind. */
const kinds: Readonly<Record<Exclude<NetworkProblem['kind'], 'chains'>, Text>> = {
  bridge: {
    code: 'network-bridge-gone',
    title: 'An active network has lost its bridge',
    explanation:
      'libvirt shows a network as active even after its bridge was deleted, for example by `ip link delete` or by a network manager. Its guests have no connection. The repair recreates the bridge and reattaches the guests.',
  },
  cut: {
    code: 'guests-cut-off',
    title: 'NICs of running guests have lost their network',
    explanation:
      'After a network was destroyed and started again, the NICs of its running guests are attached to nothing, although their definitions still name the network. The repair reattaches them; the guests only notice a pause.',
  },
  dnsmasq: {
    code: 'dnsmasq-died',
    title: 'The dnsmasq of an active network has died',
    explanation:
      'Guests of the network get neither addresses nor names any more, and keep their addresses only until their leases end. The repair starts dnsmasq again.',
  },
  rules: {
    code: 'network-rules-gone',
    isHidden: true,
    title: "libvirt's firewall rules for a network are missing",
    explanation:
      'Another program has flushed the firewall, for example by `nft flush ruleset`, `iptables -F` or a reload of its rules. The guests cannot reach other networks. The repair writes the rules again.',
  },
  doubles: {
    code: 'network-rules-twice',
    isHidden: true,
    severity: 'warning',
    title: "libvirt's firewall rules for a network exist twice",
    explanation:
      'A killed daemon left rules behind, and the next one added its own. Packets pass, but the second copy stays when the network stops. The repair deletes the copies.',
  },
  leftovers: {
    code: 'network-left-behind',
    title: 'An inactive network has left its bridge, dnsmasq or rules',
    explanation:
      'A daemon was killed, or a hook failed while the network started. What is left keeps the network from starting again. The repair removes it, and starts the network if it has autostart or attached guests.',
  },
  undefined: {
    code: 'definition-lost',
    isHidden: true,
    title: 'libvirt has lost the configuration of an active network',
    explanation:
      'The definition exists on disk, but the daemon takes the network for a transient one, which is gone as soon as it stops. The repair defines it again.',
  },
  unsaved: {
    code: 'definition-not-saved',
    isHidden: true,
    title: 'The configuration of a network is not saved on disk',
    explanation:
      'The disk was full or not writable when the network was defined: a restart of the daemon would revert or delete it. The repair defines it again, once the disk has space.',
  },
};

const healed = Object.entries(kinds).map(([kind, { isHidden, ...text }]) =>
  check({
    severity: 'error',
    ...text,
    example: 'kvmnet net heal keennet',
    needs: isHidden ? ['libvirt', 'health', 'root'] : ['libvirt', 'health'],
    find: ({ libvirt, health }) =>
      libvirt.networks.flatMap((network) =>
        networkProblems(network, libvirt, health)
          .filter((problem) => problem.kind === kind)
          .map(({ says }) => ({
            message: `network ${network.name}: ${says}`,
            evidence: { network: network.name },
            remedy: repair(['net', 'heal', network.name]),
          })),
      ),
  }),
);

const chains = check({
  code: 'libvirt-chains-gone',
  severity: 'error',
  title: "libvirt's own firewall chains are missing",
  explanation:
    'Another program has deleted the chains or tables that libvirt creates when its daemon starts. No network can start, and guests may be cut off, until the daemon restarts. Guests keep running during the restart.',
  example: `${uncallChains}; systemctl restart virtnetworkd`,
  needs: ['libvirt', 'health', 'daemons', 'root'],
  find: ({ libvirt, health, daemons }) => {
    const affected = libvirt.networks.flatMap((network) =>
      networkProblems(network, libvirt, health)
        .filter(({ kind }) => kind === 'chains')
        .map(({ says }) => ({ name: network.name, says })),
    );
    const [first] = affected;
    if (first === undefined) return [];
    const evidence = { networks: affected.map(({ name }) => name), chains: health.rules?.broken ?? [] };
    const isIptables = health.rules?.broken.some((chain) => chain.includes('LIBVIRT_'));
    const remedy = isIptables === true ? restartWithChains(daemons) : restartOfNetworks(daemons);
    return [{ message: first.says, evidence, remedy }];
  },
});

const misordered = check({
  code: 'libvirt-chains-order',
  severity: 'error',
  title: "libvirt's firewall chains are in the wrong order",
  explanation:
    'FORWARD calls LIBVIRT_FWO before LIBVIRT_FWI: packets that one network may send are accepted before packets that another network must not receive are rejected. Guests of routed networks then reach guests of NAT networks. It happens if another program removed one of the calls before the daemon restarted. The remedy removes them all, and libvirt adds them in its order.',
  example: `${uncallChains}; systemctl restart virtnetworkd`,
  needs: ['nat', 'daemons', 'root'],
  find: ({ nat, daemons }) =>
    nat.tables.flatMap(({ tool, name, family, chains }) => {
      const called = chains
        .find((chain) => chain.name === 'FORWARD')
        ?.rules.map(({ effect }) => (effect.kind === 'jump' ? effect.chain : ''));
      const [first = -1, second = -1] = ['LIBVIRT_FWI', 'LIBVIRT_FWO'].map((chain) => called?.indexOf(chain));
      if (tool !== 'iptables' || name !== 'filter' || second === -1 || first < second) return [];
      return [
        {
          message: `iptables table ${family} filter: chain FORWARD calls LIBVIRT_FWO before LIBVIRT_FWI, and routed networks reach the others`,
          evidence: { table: `${family} filter`, chain: 'FORWARD' },
          remedy: restartWithChains(daemons),
        },
      ];
    }),
});

const lost = check({
  code: 'network-forgotten',
  severity: 'error',
  title: 'The definition of a network is on disk, but libvirt does not know it',
  explanation:
    'libvirt skipped the file when its daemon started, or lost the network in a failed operation. The repair defines the network again from the file.',
  example: 'kvmnet net heal keennet',
  needs: ['libvirt', 'health', 'root'],
  find: ({ libvirt, health }) =>
    forgotten(libvirt, health).map(({ name }) => ({
      message: `libvirt does not know network ${name} any more, though its definition is still on disk`,
      evidence: { network: name },
      remedy: repair(['net', 'heal', name]),
    })),
});

const stranded = check({
  code: 'nic-without-network',
  severity: 'error',
  title: 'A NIC of a running guest names a network that is not active or does not exist',
  explanation:
    'The network was stopped or deleted while the guest was running. Start the network and reattach the NIC, or move the NIC to another network.',
  example: 'kvmnet net start keennet && kvmnet net heal keennet',
  needs: ['libvirt'],
  find: ({ libvirt }) =>
    strandedNics(libvirt).map((each) => {
      const isDefined = libvirt.networks.some(({ name, active }) => name === each.network && !active);
      const { network = '' } = each;
      return {
        message: strandedText(each),
        evidence: {
          vm: each.domain.name,
          ...(each.nic.target?.dev === undefined ? {} : { device: each.nic.target.dev }),
        },
        remedy: isDefined ? repair(['net', 'start', network], ['net', 'heal', network]) : shell(each.remedy),
      };
    }),
});

const waiting = check({
  code: 'waiting-network-left',
  severity: 'warning',
  title: 'A temporary network of an interrupted run of kvmnet still exists',
  explanation:
    'Guests wait in this network while theirs restarts. No guest is attached to it any more, and the repair removes it.',
  example: 'kvmnet net heal kvmnet-refuge',
  needs: ['libvirt'],
  find: ({ libvirt }) =>
    libvirt.networks
      .filter((network) => isLeftEmpty(network, libvirt))
      .map(({ name }) => ({
        message: `network ${name}: an interrupted run of kvmnet left it, and no guest is attached to it`,
        evidence: { network: name },
        remedy: repair(['net', 'heal', name]),
      })),
});

const unreadable = check({
  code: 'definition-unreadable',
  severity: 'warning',
  title: 'The definition of a network or domain cannot be read',
  explanation: 'kvmnet leaves it alone, and does not know which networks and bridges it uses. Correct its definition.',
  example: 'kvmnet net-edit keennet',
  needs: ['libvirt'],
  find: ({ libvirt }) =>
    (libvirt.unreadable ?? []).map((each) => ({
      message: unreadableText(each),
      evidence: { [each.object]: each.name },
      remedy: advice([each.object === 'network' ? 'net-edit' : 'edit', each.name]),
    })),
});

export const healthChecks: readonly Check[] = [...healed, chains, misordered, lost, stranded, waiting, unreadable];
