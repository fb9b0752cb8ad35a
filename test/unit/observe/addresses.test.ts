import { describe, expect, it } from '@jest/globals';
import { KvmnetError } from '../../../src/errors.ts';
import { addressesOfDomain, type AddressQuery } from '../../../src/observe/addresses.ts';
import type { Aside } from '../../../src/observe/reader.ts';
import type { Neighbor } from '../../../src/records/guest-address.ts';
import { domainState, stateWith } from '../plan/state.ts';

const channel = `<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0' state='connected'/></channel>`;
const mac = (nic: number): string => `52:54:00:00:00:0${nic}`;
const xml = (uuid: number): string => `<domain type='kvm'><name>VM${uuid}</name>
  <uuid>0000000${uuid}-0000-4000-8000-000000000000</uuid>
  <devices>
    <interface type='bridge'><mac address='${mac(1)}'/><source bridge='br0'/><target dev='vnet1'/></interface>
    <interface type='bridge'><mac address='${mac(2)}'/><source bridge='br0'/><target dev='vnet2'/></interface>${channel}
  </devices>
</domain>`;
const guest = (uuid: number) => domainState(xml(uuid), xml(uuid));

const found = (nic: number): Neighbor => ({
  ...{ family: 'ipv4', address: `10.0.0.${nic}`, mac: mac(nic), dev: 'br0', seen: 3 },
});

/** An agent that never answers, and what was asked of it. */
function deaf(): { readonly asked: Aside[]; readonly connect: AddressQuery['connect'] } {
  const asked: Aside[] = [];
  const connect: AddressQuery['connect'] = (_access, aside) => {
    if (aside) asked.push(aside);
    return Promise.reject(new KvmnetError('TIMEOUT', 'no answer'));
  };
  return { asked, connect };
}

const look = (guestNumber: number, options: Omit<AddressQuery, 'connect'>, connect: AddressQuery['connect']) =>
  addressesOfDomain(guest(guestNumber), stateWith({ domains: [guest(guestNumber)], host: undefined }), {
    ...options,
    connect,
  });

describe('a guest agent that hangs', () => {
  it('hides nothing of what other sources know, and is named', async () => {
    const { connect } = deaf();
    const rows = await look(1, { alwaysAsksAgent: true, neighbors: [found(1)] }, connect);
    expect(rows).toMatchObject([{ address: '10.0.0.1' }, { address: undefined }]);
    expect(rows[1]?.reason).toMatch(/its agent does not answer$/);
  });

  it('gets one second where an address of each NIC is known, and the time of libvirt where it is needed', async () => {
    const { asked, connect } = deaf();
    await look(1, { alwaysAsksAgent: true, neighbors: [found(1), found(2)] }, connect);
    await look(1, { alwaysAsksAgent: true, neighbors: [found(1)] }, connect);
    expect(asked.map(({ patience }) => patience)).toEqual([1_000, 6_000]);
  });

  it('is not asked while addresses are waited for, once the one that is waited for is known', async () => {
    const { asked, connect } = deaf();
    const rows = await look(1, { mac: mac(2), alwaysAsksAgent: false, neighbors: [found(2)] }, connect);
    expect(rows).toMatchObject([{ address: '10.0.0.2' }]);
    expect(asked).toEqual([]);
  });

  it('has a connection to itself, so that no other guest waits for it', async () => {
    const { asked, connect } = deaf();
    for (const number of [1, 2]) await look(number, { alwaysAsksAgent: true, neighbors: [] }, connect);
    expect(new Set(asked.map(({ purpose }) => purpose)).size).toBe(2);
  });
});
