import { describe, expect, it } from '@jest/globals';
import { doctorChecks } from '../../../src/doctor/checks.ts';
import { bareRows, labRows } from '../../lab/doctor/rows.ts';
import { privateRows } from '../../system/doctor/private-rows.ts';

/** The rows that system/doctor and lab/doctor try. */
const tried = new Set([...Object.values(privateRows).flat(), ...bareRows, ...labRows].map(({ code }) => code));

describe('each check of doctor', () => {
  it.each(doctorChecks.map(({ code }) => code))('is tried on a real host that has its problem: %s', (code) => {
    expect(tried).toContain(code);
  });
});
