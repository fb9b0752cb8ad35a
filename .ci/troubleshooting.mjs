// Writes docs/troubleshooting.md from the table of doctor's checks; a unit test fails while they differ.
import { writeFileSync } from 'node:fs';
import { checkGroups } from '../dist/doctor/checks.js';
import { troubleshootingPage } from '../dist/doctor/page.js';

writeFileSync(new URL('../docs/troubleshooting.md', import.meta.url), troubleshootingPage(checkGroups));
