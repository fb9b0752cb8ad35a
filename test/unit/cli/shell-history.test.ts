import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { openHistory } from '../../../src/cli/shell/history.ts';

describe("the shell's history", () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(`${tmpdir()}/kvmnet-test-`);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('is kept in a file of its user alone', () => {
    const file = `${folder}/own`;
    openHistory(file).add('net list');
    expect(openHistory(file).lines).toEqual(['net list']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('follows no link: neither to write, nor to cut, nor to read', () => {
    const [target, link] = [`${folder}/target`, `${folder}/link`];
    const text = `${Array.from({ length: 2_100 }, (_, index) => `line ${index}`).join('\n')}\n`;
    writeFileSync(target, text, { mode: 0o644 });
    symlinkSync(target, link);
    const history = openHistory(link);
    expect(history.lines).toEqual([]);
    history.add('secret');
    expect(readFileSync(target, 'utf8')).toBe(text);
    expect(statSync(target).mode & 0o777).toBe(0o644);
    symlinkSync(`${folder}/made`, `${folder}/dangling`);
    openHistory(`${folder}/dangling`).add('secret');
    expect(existsSync(`${folder}/made`)).toBe(false);
  });
});
