import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { runInLab } from '../helpers/lab.ts';

jest.setTimeout(1_200_000);

const runs = [
  ['few', '1000-1049', 50],
  ['many', '2000-2499', 500],
] as const;

/** Milliseconds of each command, by `NAME VERB`, from a machine of its own. */
const script = `cat >/tmp/inside <<'INSIDE'
set -e
timed() { local name=$1 start=$(date +%s%N); shift; kvmnet "$@" >/tmp/said; echo "$name $(( ($(date +%s%N) - start) / 1000000 )) ms"; }
for _ in 1 2 3; do timed 'start' --version; done
${runs
  .map(
    ([name, range]) => `timed '${name} create' vlan create eno1 ${range} --bridge 'b{id}'
timed '${name} list' vlan list --json; echo "${name} rows $(jq length /tmp/said)"
timed '${name} again' vlan create eno1 ${range} --bridge 'b{id}'
timed '${name} delete' vlan delete eno1 ${range} --yes
for bridge in /sys/class/net/b[0-9]*; do echo "link delete dev \${bridge##*/}"; done | ip -batch -`,
  )
  .join('\n')}
INSIDE
test/lab/enter bash /tmp/inside`;

describe('VLANs with bridges on one NIC', () => {
  let stdout = '';
  const time = (name: string): number => Number(new RegExp(`^${name} (\\d+) ms$`, 'm').exec(stdout)?.[1]);

  beforeAll(async () => {
    ({ stdout } = await runInLab(script, { nics: 1, seconds: 1_000 }));
    process.stdout.write(stdout);
  }, 1_200_000);

  it.each(runs)('%s are created and listed in one run each', (name, _range, count) => {
    expect(stdout).toMatch(new RegExp(`^${name} rows ${count}$`, 'm'));
  });

  it.each(['create', 'again', 'list', 'delete'])('take no longer for each to %s with ten times as many', (verb) => {
    const starts = [...stdout.matchAll(/^start (\d+) ms$/gm)].map(([, milliseconds]) => Number(milliseconds));
    const each = runs.map(([name, , count]) => Math.max(1, time(`${name} ${verb}`) - Math.min(...starts)) / count);
    const ratio = each[1]! / each[0]!;
    process.stdout.write(
      `${verb}: ${each.map((value) => value.toFixed(1)).join(' -> ')} ms for a VLAN, ratio ${ratio.toFixed(2)}\n`,
    );
    // Ten would be quadratic.
    expect(ratio).toBeLessThan(3);
  });
});
