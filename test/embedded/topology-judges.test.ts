/** The drawings of fixtures/topology, which test/unit/topology compares with the program's, in the tools that read them. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { chromium, type Browser, type Page } from 'playwright-core';
import { must, root } from '../helpers/host.ts';
import { waitFor } from '../helpers/wait.ts';

const fixtures = `${root}fixtures/topology/`;
const names = readdirSync(fixtures).flatMap((file) => /^(.*)\.html$/.exec(file)?.[1] ?? []);
const read = (file: string): Promise<string> => readFile(`${fixtures}${file}`, 'utf8');

/** Nodes and edges of a picture: a statement that a reader takes for another one changes their number. */
async function sizeOf(name: string): Promise<{ readonly nodes: number; readonly edges: number }> {
  const svg = await read(`${name}.svg`);
  return { nodes: svg.split(' data-id="').length - 1, edges: svg.split(' data-from="').length - 1 };
}

/** Where the pictures of the page stay, for eyes: `TEST_SCREENSHOTS=/tmp/shots test/run embedded topology-judges`. */
const kept = process.env['TEST_SCREENSHOTS'];

let browser: Browser;
let shots = '';

beforeAll(async () => {
  shots = kept ?? (await mkdtemp(`${tmpdir()}/kvmnet-page-`));
  await mkdir(shots, { recursive: true });
  // Root has no sandbox of Chromium's; the pages are our own.
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking'];
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium-headless-shell', args });
});

afterAll(async () => {
  await browser.close();
  if (kept === undefined) await rm(shots, { recursive: true });
});

describe.each(names)('the drawing of the host %s', (name) => {
  it('is DOT that Graphviz draws, with all nodes and edges', async () => {
    const svg = await must('dot', ['-Tsvg', `${fixtures}${name}.dot`]);
    const count = (kind: string): number => svg.split(`class="${kind}"`).length - 1;
    expect({ nodes: count('node'), edges: count('edge') }).toEqual(await sizeOf(name));
  });
});

describe('Mermaid', () => {
  let page: Page;

  beforeAll(async () => {
    page = await browser.newPage();
    await page.addScriptTag({ path: `${root}node_modules/@mermaid-js/tiny/dist/mermaid.tiny.js` });
  });

  afterAll(async () => {
    await page.close();
  });

  it.each(names)('draws the host %s, with all nodes and edges', async (name) => {
    // It loads its diagrams on first use: `parse` alone accepts more.
    const svg = await page.evaluate(
      async (text) => {
        const { mermaid } = globalThis as unknown as {
          readonly mermaid: { render(id: string, text: string): Promise<{ readonly svg: string }> };
        };
        return (await mermaid.render('drawing', text)).svg;
      },
      await read(`${name}.mmd`),
    );
    const count = (part: string): number => svg.split(part).length - 1;
    expect({ nodes: count('<g class="node '), edges: count('data-edge="true"') }).toEqual(await sizeOf(name));
  });
});

describe('the page in a browser', () => {
  const open = async (name: string, fragment = '', colorScheme: 'light' | 'dark' = 'light'): Promise<Page> => {
    const page = await browser.newPage({ colorScheme, viewport: { width: 1280, height: 720 } });
    const problems: string[] = [];
    page.on('pageerror', ({ message }) => problems.push(message));
    page.on('console', (message) => problems.push(message.text()));
    page.on('request', (request) => problems.push(request.url()));
    await page.goto(`file://${fixtures}${name}.html${fragment}`);
    // The page itself is all that it loads; errors of its policy come by the console.
    expect(problems).toEqual([`file://${fixtures}${name}.html`]);
    return page;
  };
  /** The page shows what its address names as soon as the browser reports that it changed. */
  const headed = (page: Page, text: string): Promise<unknown> =>
    waitFor(`the details of ${text}`, async () => (await page.locator('#details h2').innerText()) === text);
  const focused = (page: Page): Promise<string | null> =>
    page.evaluate('document.activeElement.dataset.id ?? document.activeElement.id');
  const hash = (page: Page): string => new URL(page.url()).hash;

  it('shows the details of a device that is clicked, and again after a reload', async () => {
    const page = await open('host1');
    await headed(page, 'No problems');
    await page.locator('[data-id="vm:VM3"]').click();
    await headed(page, 'VM3');
    expect(await page.locator('#details').innerText()).toMatch(/192\.168\.122\.50[^]*8080\/tcp/);
    expect(hash(page)).toBe('#vm:VM3');
    await page.reload();
    await headed(page, 'VM3');
    await page.getByRole('link', { name: 'default' }).click();
    await headed(page, 'default');
    expect([hash(page), await focused(page)]).toEqual(['#network:default', 'network:default']);
    await page.goBack();
    await headed(page, 'VM3');
    await page.close();
  });

  it('finds devices by name, address, MAC address and VLAN', async () => {
    const page = await open('host1');
    const find = async (text: string): Promise<readonly string[]> => {
      await page.getByLabel('Search').fill(text);
      return page.locator('[data-id]:not(.unmatched)').evaluateAll((boxes) => boxes.map((box) => box.dataset.id ?? ''));
    };
    expect(await find('vm2')).toEqual(['vm:VM2']);
    expect(await find('192.168.122.50')).toEqual(['vm:VM3']);
    expect(await find('52:54:00:00:00:0A')).toEqual(['vm:VM1']);
    expect(await find('VLAN 20')).toEqual(['vlan:eno1.20']);
    expect(await find('VLAN 2')).toEqual([]);
    expect(await page.locator('#found').innerText()).toBe('no match');
    expect(await find('brvlan')).toEqual(['bridge:brvlan-10', 'bridge:brvlan-20']);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await headed(page, 'brvlan-20');
    expect(await page.locator('#found').innerText()).toBe('2 of 2: brvlan-20');
    await page.keyboard.press('Escape');
    expect(await page.locator('.unmatched').count()).toBe(0);
    await page.close();
  });

  it('is used by the keyboard alone', async () => {
    const page = await open('host1');
    const press = async (...keys: readonly string[]): Promise<string | null> => {
      for (const key of keys) await page.keyboard.press(key);
      return focused(page);
    };
    const tabs: (string | null)[] = [];
    for (let stop = 0; stop < 6; stop += 1) tabs.push(await press('Tab'));
    expect(tabs).toEqual(['query', 'smaller', 'fit', 'larger', 'scheme', 'nic:eno0']);
    expect(await press('ArrowRight')).toBe('network:default');
    expect(await press('ArrowRight')).toBe('vm:VM3');
    expect(await press('ArrowDown', 'ArrowDown')).toBe('vm:VM2');
    expect(await press('Home')).toBe('vm:VM3');
    expect(await press('End', 'ArrowLeft')).toBe('bridge:brvlan-20');
    const ring = await page.evaluate("getComputedStyle(document.activeElement.querySelector('rect')).strokeWidth");
    expect(ring).toBe('4px');
    await press('Enter');
    await headed(page, 'brvlan-20');
    expect(hash(page)).toBe('#bridge:brvlan-20');
    expect(await press('Escape')).toBe('bridge:brvlan-20');
    await headed(page, 'No problems');
    expect(hash(page)).toBe('');
    expect(await press('/')).toBe('query');
    await page.close();
  });

  it('has names and roles for screen readers', async () => {
    const page = await open('broken');
    expect(await page.getByRole('button', { name: 'eno1, NIC, broken, has no carrier' }).count()).toBe(1);
    expect(await page.locator('#details').getAttribute('aria-live')).toBe('polite');
    expect(await page.getByRole('search').getByRole('searchbox', { name: 'Search' }).count()).toBe(1);
    expect(await page.getByRole('complementary', { name: 'Details' }).innerText()).toContain('br0 is down');
    await page.close();
  });

  it('grows, shrinks and fits, and is moved by the mouse without selecting anything', async () => {
    const page = await open('many');
    const width = async (): Promise<number> => (await page.locator('#drawing > svg').boundingBox())?.width ?? 0;
    const scrolled = (): Promise<number> => page.locator('#drawing').evaluate((element) => element.scrollTop);
    const normal = await width();
    await page.keyboard.press('+');
    expect(await width()).toBeCloseTo(normal * 1.25, 0);
    await page.getByRole('button', { name: 'Zoom out' }).click();
    expect(await width()).toBeCloseTo(normal, 0);
    const before = await scrolled();
    const { x, y } = (await page.locator('[data-id="vm:VM3"]').boundingBox())!;
    await page.mouse.move(x + 5, y + 5);
    await page.mouse.down();
    await page.mouse.move(x + 5, y - 95, { steps: 5 });
    await page.mouse.up();
    expect(await scrolled()).toBe(before + 100);
    expect(hash(page)).toBe('');
    await page.getByRole('button', { name: 'Fit' }).click();
    expect(
      await page.locator('#drawing').evaluate(({ scrollHeight, clientHeight }) => scrollHeight - clientHeight),
    ).toBe(0);
    await page.close();
  });

  it('shows hostile names as text, and names the device that a link does not find', async () => {
    const page = await open(
      'hostile',
      `#${encodeURIComponent('vm:</script><img src=x onerror=alert(1)><!--{{script}}$&')}`,
    );
    await headed(page, '</script><img src=x onerror=alert(1)><!--{{script}}$&');
    expect(await page.locator('img').count()).toBe(0);
    await page.evaluate("location.hash = '#vm:<b>'");
    await expect(page.locator('#details').innerText()).resolves.toBe('This drawing has no vm:<b>.');
    await page.evaluate("location.hash = '#%'");
    await expect(page.locator('#details').innerText()).resolves.toBe('This drawing has no #%.');
    await page.close();
  });

  it.each(['light', 'dark'] as const)(
    'is %s as the reader prefers, and otherwise at the press of a button',
    async (scheme) => {
      const page = await open('vlans', '#bridge:brvlan-10', scheme);
      const brightness = async (): Promise<number> => {
        const color = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
        return Number(/\d+/.exec(color)?.[0]);
      };
      const isLight = scheme === 'light';
      expect((await brightness()) > 128).toBe(isLight);
      await page.screenshot({ path: `${shots}/vlans-${scheme}.png` });
      const button = page.getByRole('button', { name: 'Dark' });
      expect(await button.getAttribute('aria-pressed')).toBe(String(!isLight));
      await button.click();
      expect((await brightness()) > 128).toBe(!isLight);
      expect(await button.getAttribute('aria-pressed')).toBe(String(isLight));
      await page.emulateMedia({ media: 'print' });
      expect((await brightness()) > 128).toBe(true);
      expect(await button.isVisible()).toBe(false);
      await page.screenshot({ path: `${shots}/vlans-${scheme}-printed.png` });
      await page.close();
    },
  );
});
