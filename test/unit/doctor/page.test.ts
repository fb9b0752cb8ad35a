import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkGroups, doctorChecks } from '../../../src/doctor/checks.ts';
import { troubleshootingPage } from '../../../src/doctor/page.ts';
import { root } from '../../helpers/host.ts';

describe('docs/troubleshooting.md', () => {
  const page = readFileSync(join(root, 'docs/troubleshooting.md'), 'utf8');

  it('is what npm run docs:troubleshooting writes', () => {
    expect(page).toBe(troubleshootingPage(checkGroups));
  });

  it('has a section for each check', () => {
    for (const { code } of doctorChecks) expect(page).toContain(`\n### ${code}\n`);
  });
});
