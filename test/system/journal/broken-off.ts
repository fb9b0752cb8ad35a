/** `net create keennet`, killed at a line of its output, and the comparison after each test. */
import { afterEach, beforeAll, expect } from '@jest/globals';
import { removeNetworks, kvmnetWithFault } from '../../helpers/fault/fault.ts';
import { kvmnet } from '../../helpers/host.ts';
import { expectUnchanged, snapshot, type Snapshot } from '../../helpers/snapshot.ts';

export const asked = ['net', 'create', 'keennet', '--nat', '192.168.132.0/24', '--bridge-name', 'keenbr0'];
export const brokeOff = 'an earlier run broke off in the middle of "create network keennet"';
const killed = 128 + 9;

/** Compares the host after each test with the host before all tests, which this returns. */
export function comparedAfterEach(): () => Snapshot {
  let before: Snapshot;

  beforeAll(async () => {
    // libvirt's first network leaves its chains for good.
    await kvmnet(['net', 'create', 'first', '--nat', 'auto']);
    await kvmnet(['net', 'delete', 'first']);
    before = await snapshot();
  });

  afterEach(async () => {
    try {
      await expectUnchanged(before);
    } finally {
      await removeNetworks();
    }
  });

  return () => before;
}

export async function breakOff(line: string, later = 0): Promise<void> {
  const outcome = await kvmnetWithFault({ line, signal: 'SIGKILL', later }, asked);
  expect(outcome.status).toBe(killed);
}

export async function deleteNetwork(name: string): Promise<void> {
  expect(await kvmnet(['net', 'delete', name])).toMatchObject({ stderr: '', status: 0 });
}
