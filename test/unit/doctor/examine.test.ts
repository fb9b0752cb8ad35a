import { describe, expect, it } from '@jest/globals';
import { advice, check, repair, shell } from '../../../src/doctor/check.ts';
import { doctorChecks } from '../../../src/doctor/checks.ts';
import { examine, neededFacts } from '../../../src/doctor/examine.ts';
import { lintChecks } from '../../../src/doctor/lint/lint.ts';
import { hostWith, link } from '../plan/state.ts';

const text = { title: 'A test', explanation: 'It is one.', example: 'true' };
const complaint = { message: 'it is broken', evidence: {}, remedy: shell('true') };
const asNotice = check({
  ...{ code: 'late', severity: 'notice', ...text },
  needs: ['now'],
  find: ({ now }) => (now > 5 ? [complaint] : []),
});
const asError = check({
  ...{ code: 'links', severity: 'error', ...text },
  needs: ['host', 'now'],
  find: ({ host }) => host.links.map(({ name }) => ({ ...complaint, evidence: { device: name } })),
});

describe('an examination', () => {
  it('lists the most severe findings first, each with its code', () => {
    const readings = { now: { value: 9 }, host: { value: hostWith([link('eno1')]) } };
    const { findings, notChecked } = examine([asNotice, asError], readings);
    expect(findings.map(({ code, severity, evidence }) => ({ code, severity, ...evidence }))).toEqual([
      { code: 'links', severity: 'error', device: 'lo' },
      { code: 'links', severity: 'error', device: 'eno1' },
      { code: 'late', severity: 'notice' },
    ]);
    expect(notChecked).toEqual([]);
  });

  it('reports a check as not done, with the reason, if one of its facts could not be read', () => {
    const { findings, notChecked } = examine([asNotice, asError], {
      now: { value: 1 },
      host: { reason: 'only root may look' },
    });
    expect(findings).toEqual([]);
    expect(notChecked).toEqual([{ code: 'links', reason: 'only root may look' }]);
    expect(examine([asNotice], {}).notChecked).toEqual([{ code: 'late', reason: 'now was not read' }]);
  });

  it('needs the facts of the selected checks and no others', () => {
    expect([...neededFacts([asNotice])]).toEqual(['now']);
    expect([...neededFacts([asNotice, asError])]).toEqual(['now', 'host']);
  });
});

describe('a remedy', () => {
  it('is a line for a shell, in which names are quoted', () => {
    expect(advice(['net', 'start', 'my net'], ['net', 'heal', 'a']).command).toBe(
      "kvmnet net start 'my net' && kvmnet net heal a",
    );
    expect(repair(['net', 'start', 'a']).fix).toEqual([['net', 'start', 'a']]);
    expect(advice(['net', 'start', 'a']).fix).toBeUndefined();
  });
});

describe('the table of checks', () => {
  it('has at least 40 checks, each with a code of its own', () => {
    const codes = doctorChecks.map(({ code }) => code);
    expect(codes.length).toBeGreaterThanOrEqual(40);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes.filter((code) => !/^[a-z0-9]+(-[a-z0-9]+)+$/.test(code))).toEqual([]);
    expect(
      lintChecks.map(({ code }) => code).filter((code) => codes.includes(code) && code !== 'address-twice'),
    ).toEqual([]);
  });

  it('finds nothing on a host without libvirt, networks, rules or files', () => {
    const facts = {
      daemons: {
        value: {
          running: ['libvirtd'],
          installed: ['libvirtd'],
          sockets: [],
          hasSystemd: true,
          distribution: [],
          refusal: undefined,
          user: 'root',
        },
      },
      host: { value: hostWith([]) },
      now: { value: 0 },
      listeners: { value: [] },
    };
    expect(examine(doctorChecks, facts).findings).toEqual([]);
  });
});
