/** Checks of kvmnet's port forwards and source NAT. */
import { examineForward } from '../../firewall/examine-forward.ts';
import { natStatuses } from '../../firewall/nat-status.ts';
import { formatPlace } from '../../firewall/ruleset.ts';
import { forwardText, sourceText, targetText } from '../../values/nat-text.ts';
import { advice, check, repair, shell, type Check, type Complaint } from '../check.ts';
import { restartOfNetworks } from '../daemon-commands.ts';

const restore = repair(['forward', 'restore']);

const notInForce = check({
  code: 'forward-not-in-force',
  severity: 'error',
  title: 'The rules of a port forward are missing',
  explanation:
    'Another program has flushed the firewall, for example by `nft flush ruleset`, or a reload of its rules. The repair loads the rules of all forwards again.',
  example: 'kvmnet forward restore',
  needs: ['nat'],
  find: ({ nat: { rules, backend, tables } }) => {
    const { forwards } = natStatuses(rules, backend, tables);
    return rules.forwards.flatMap((forward, index) => {
      const state = forwards[index]?.inForce ?? 'no';
      if (state === 'yes') return [];
      return [
        {
          message: `forward ${forwardText(forward)} to ${targetText(forward)} is ${state === 'no' ? 'not' : 'only partly'} in force`,
          evidence: { forward: forwardText(forward), inForce: state },
          remedy: restore,
        },
      ];
    });
  },
});

const sourceNotInForce = check({
  code: 'snat-not-in-force',
  severity: 'error',
  title: 'The rules of a source NAT are missing',
  explanation:
    'Another program has flushed the firewall. The repair loads the rules of all forwards and source NAT again.',
  example: 'kvmnet forward restore',
  needs: ['nat'],
  find: ({ nat: { rules, backend, tables } }) => {
    const { sources } = natStatuses(rules, backend, tables);
    return rules.sources.flatMap((source, index) => {
      const state = sources[index]?.inForce ?? 'no';
      if (state === 'yes') return [];
      return [
        {
          message: `source NAT is ${state === 'no' ? 'not' : 'only partly'} in force: ${sourceText(source)}`,
          evidence: { subnet: source.subnet, device: source.dev, inForce: state },
          remedy: restore,
        },
      ];
    });
  },
});

const blocked = check({
  code: 'firewall-drops-forward',
  severity: 'error',
  title: 'The firewall drops the connections of a port forward',
  explanation:
    'The rules of the forward are in force, but another table of the packet filter drops its packets. The remedy adds the rules that let them pass, until the program of that table loads its rules again; `kvmnet forward add --fix` adds a forward with rules that stay.',
  example: 'iptables -t filter -I FORWARD 1 -o virbr0 -d 192.168.132.10 -p tcp --dport 80 -j ACCEPT',
  needs: ['nat', 'host'],
  find: ({ nat, host }) =>
    nat.rules.forwards.flatMap((forward): readonly Complaint[] => {
      const report = examineForward(forward, nat.rules, { ...nat, ...host });
      if (report?.obstacle?.kind !== 'rule' || report.remaining !== undefined) return [];
      const rule = formatPlace(report.obstacle.place);
      return [
        {
          message: `forward ${forwardText(forward)}: ${rule} stops its packets`,
          evidence: { forward: forwardText(forward), rule },
          remedy: shell(...report.admissions.map(({ command }) => command)),
        },
      ];
    }),
});

const targetMissing = check({
  code: 'forward-target-missing',
  severity: 'warning',
  title: 'A port forward leads to a VM that does not exist',
  explanation: 'The VM was deleted or renamed. Another guest may get its address, and then the connections.',
  example: 'kvmnet forward remove 8080/tcp',
  needs: ['nat', 'libvirt'],
  find: ({ nat, libvirt }) => {
    const known = [...libvirt.domains, ...(libvirt.unreadable ?? [])].map(({ name }) => name);
    return nat.rules.forwards.flatMap((forward) => {
      const { domain } = forward.target;
      if (domain === undefined || known.includes(domain)) return [];
      return [
        {
          message: `forward ${forwardText(forward)} leads to ${targetText(forward)}, but no VM has that name`,
          evidence: { forward: forwardText(forward), vm: domain },
          remedy: advice(['forward', 'remove', forwardText(forward)]),
        },
      ];
    });
  },
});

const hookUnnoticed = check({
  code: 'hook-unnoticed',
  severity: 'warning',
  title: 'libvirt does not run the hook that restores port forwards',
  explanation:
    'The daemon looks for hooks only when it starts, and it started before the first forward was added: the start of a network does not restore the rules. Guests keep running during the restart of the daemon.',
  example: 'systemctl restart libvirtd',
  needs: ['nat', 'daemons'],
  find: ({ nat: { isHookUnnoticed, rules }, daemons }) =>
    isHookUnnoticed && rules.forwards.length + rules.sources.length > 0
      ? [
          {
            message: 'the daemon does not run the hook that restores forwards when a network starts',
            evidence: { running: daemons.running },
            remedy: restartOfNetworks(daemons),
          },
        ]
      : [],
});

export const forwardChecks: readonly Check[] = [notInForce, sourceNotInForce, blocked, targetMissing, hookUnnoticed];
