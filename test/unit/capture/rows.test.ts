import { describe, expect, it } from '@jest/globals';
import { ethernet, readFrame } from '../../../src/capture/frame.ts';
import { Merge, type Row } from '../../../src/capture/rows.ts';
import { arpRequest, echo, ipv4Frame, type Wanted } from './packets.ts';

const at = (milliseconds: number): bigint => BigInt(milliseconds) * 1_000_000n;
const sighting = (hop: number, milliseconds: number, wanted: Wanted = {}) => ({
  ...{ hop, time: at(milliseconds), frame: readFrame(ipv4Frame(wanted), ethernet) },
});
const hopsOf = (rows: readonly Row[]): readonly (readonly number[])[] =>
  rows.map(({ sightings }) => sightings.map(({ hop }) => hop));

describe('what several hops see', () => {
  it('is one row for each packet, with the hops in the order of time', () => {
    const merge = new Merge([0, 3, 0]);
    merge.add(sighting(1, 2, { vlans: [10] }));
    merge.add(sighting(0, 1));
    merge.add(sighting(0, 5, { payload: echo(2) }));
    expect(hopsOf(merge.take(at(10)))).toEqual([[0, 1], [0]]);
    expect(merge.take(at(10))).toEqual([]);
  });

  it('is handed out at once where all hops saw it, unless an earlier packet is waited for', () => {
    const merge = new Merge([0, 0]);
    merge.add(sighting(0, 1000));
    merge.add(sighting(1, 1001));
    merge.add(sighting(0, 1002, { payload: echo(2) }));
    merge.add(sighting(0, 1003, { payload: echo(3) }));
    merge.add(sighting(1, 1004, { payload: echo(3) }));
    expect(hopsOf(merge.take(0n))).toEqual([[0, 1]]);
    expect(hopsOf(merge.take(at(1002)))).toEqual([[0], [0, 1]]);
  });

  it('is a row for each time that the same bytes are sent', () => {
    const merge = new Merge([0, 0]);
    const frame = readFrame(arpRequest, ethernet);
    for (const [hop, time] of [
      ...[[0, 1] as const, [0, 500] as const, [1, 2] as const],
      ...[[1, 501] as const, [0, 5000] as const],
    ])
      merge.add({ hop, time: at(time), frame });
    expect(hopsOf(merge.take(at(9000)))).toEqual([[0, 1], [0, 1], [0]]);
  });

  it('has devices of equal time from the lower to the upper ones: the packet came in there', () => {
    const merge = new Merge([3, 0]);
    merge.add(sighting(0, 1));
    merge.add(sighting(1, 1));
    expect(hopsOf(merge.take(at(9)))).toEqual([[1, 0]]);
  });

  it('is marked where NAT has rewritten it', () => {
    const merge = new Merge([0, 0]);
    merge.add(sighting(0, 1));
    merge.add(sighting(1, 2, { source: '203.0.113.2', ttl: 63 }));
    expect(merge.take(at(9)).map(({ number, natOf }) => [number, natOf])).toEqual([
      [1, undefined],
      [2, 1],
    ]);
  });

  it('is bounded: packets beyond 20,000 that are waited for are counted only', () => {
    const merge = new Merge([0, 0]);
    const one = sighting(0, 1);
    for (let number = 0; number < 20_010; number += 1)
      merge.add({ ...one, frame: { ...one.frame, key: String(number) } });
    expect(merge.dropped).toBe(10);
    expect(merge.take(at(9))).toHaveLength(20_000);
  });
});
