// The page of verify/ in a real browser: FAIRLOT_URL is a fairlotd that drew FAIRLOT_DRAW (tests/browser).
// FAIRLOT_SHOTS names a folder for pictures.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drawFiles, tar, vectors } from '../example.js'
import { ascii } from '../../src/bytes.js'
import { checks } from '../../index.js'
import { Chromium } from './chromium.js'
import { serve } from './serve.js'

const { FAIRLOT_URL: server, FAIRLOT_DRAW: draw, FAIRLOT_WINNER: winner, FAIRLOT_SHOTS: shots } = process.env
const home = mkdtempSync(join(tmpdir(), 'fairlot-page-'))
const asked = []
let pages, chromium, tab

before(async () => {
  pages = await serve(new URL('../../', import.meta.url), asked)
  chromium = new Chromium(['--ignore-certificate-errors'])
  tab = await chromium.tab()
})

after(async () => {
  await chromium?.close()
  await pages?.close()
  rmSync(home, { recursive: true })
})

const text = selector => tab.value(`[...document.querySelectorAll('${selector}')].map(e => e.innerText.trim())`)
const verdict = () => tab.when('document.getElementById("report").dataset.verdict')

// With the languages that the browser asks for.
async function open(language, query = '') {
  await tab.send('Emulation.setUserAgentOverride', { userAgent: 'fairlot', acceptLanguage: language })
  await tab.open(`${pages.url}/index.html${query}`)
}

async function file(name, files) {
  const path = join(home, name)
  writeFileSync(path, tar(files))
  await tab.choose('#file', [path])
  return verdict()
}

async function picture(name) {
  if (shots !== undefined) writeFileSync(join(shots, `${name}.png`), await tab.screenshot())
}

test('a draw is fetched from a fairlotd by TLS and holds', async () => {
  await open('en-GB', `?server=${encodeURIComponent(server)}&draw=${draw}`)
  await tab.value('document.querySelector("#form button").click()')
  assert.equal(await verdict(), '0', (await text('#report')).join())
  assert.deepEqual(await text('.verdict strong'), ['the draw\'s own records hold'])
  assert.match((await text('.verdict p'))[0], /^L1: neither operator alone/)
  assert.deepEqual(await text('.winners li'), [winner])
  assert.deepEqual(await text('tr[data-status="fails"], tr[data-status="unreached"]'), [])
  assert.match((await text('tr[data-code="seed"]'))[0], /^ok\s+seed\s+the seed follows from the contributions$/)
  await picture('ok-en')
})

test('the language is the browser\'s, and the button changes it with what is shown', async () => {
  await open('zh-CN')
  assert.deepEqual(await text('h1'), ['抽取核验'])
  assert.equal(await file('whole.tar', drawFiles(vectors.with_drand)), '0')
  assert.match((await text('.verdict p'))[0], /^L2：/)
  assert.deepEqual(await text('.winners li'), vectors.with_drand.order.slice(0, vectors.with_drand.winners))
  await picture('ok-zh')
  await tab.value('document.getElementById("language").click()')
  assert.deepEqual(await text('h1'), ['Verify a draw'])
  assert.match((await text('.verdict p'))[0], /^L2: /)
})

test('a changed tar is FAILED, and the check, the file and the line are named', async () => {
  const files = drawFiles(vectors.with_drand)
  const [, order] = /^order (.*)$/m.exec(vectors.with_drand.result_txt)
  const [first, second, ...rest] = order.split(' ')
  files.set('result.txt', ascii(vectors.with_drand.result_txt.replace(order, [second, first, ...rest].join(' '))))
  for (const [language, failed, state] of [['en', 'FAILED', 'FAILED'], ['zh', '核验不通过', '不符']]) {
    await open(language)
    assert.equal(await file('changed.tar', files), '1')
    assert.deepEqual(await text('.verdict strong'), [failed])
    assert.deepEqual(await text('.winners, .verdict p'), [])
    const rows = await text('tr[data-status="fails"]')
    assert.equal(rows.length, 1)
    assert.ok(rows[0].startsWith(state) && rows[0].endsWith(`result.txt:6 ${second}`), rows[0])
    assert.match((await text('.failures li'))[0], / order .* result\.txt:6 /)
    await picture(`failed-${language}`)
  }
})

test('what is no transcript, and a server that has none, are told and not verified', async () => {
  await open('en', `?server=${encodeURIComponent(server)}&draw=prj-none.1`)
  await tab.value('document.querySelector("#form button").click()')
  assert.equal(await verdict(), '2')
  assert.match((await text('.verdict'))[0], /\/v1\/draws\/prj-none\.1\/transcript: 404$/)
  const path = join(home, 'no.tar')
  writeFileSync(path, 'no tar')
  await tab.choose('#file', [path])
  await tab.when('document.getElementById("report").innerText === "the tar has no end"')
  assert.deepEqual(await text('table, dl'), [])
})

test('the journal\'s key and NIST\'s certificate that somebody has are taken, or refused', async () => {
  await open('en')
  await tab.value('document.getElementById("log").value = "no key"')
  assert.equal(await file('keyed.tar', drawFiles(vectors.weighted)), '2')
  assert.match((await text('.verdict'))[0], /^not the verifier key/)
  await open('en')
  await tab.choose('#certificate', [join(home, 'keyed.tar')])
  assert.equal(await file('again.tar', drawFiles(vectors.weighted)), '2')
  assert.match((await text('.verdict'))[0], /^no certificate/)
})

test('markup in a transcript is shown as text', async () => {
  const files = drawFiles(vectors.weighted)
  await open('en')
  assert.equal(await file('odd.tar', [...files, ['attempt-1/freeze.txt', ascii('<b id="odd">')]]), '1')
  assert.equal(await tab.value('document.getElementById("odd")'), null)
})

test('nothing but the page, its modules and the transcript is asked for', async () => {
  await open('en')
  // The policy of the page: an inline script does not run, another origin's is not loaded.
  const refused = await tab.value(`new Promise(resolve => {
    addEventListener('securitypolicyviolation', event => resolve(event.effectiveDirective), { once: true })
    document.head.append(Object.assign(document.createElement('script'), { textContent: 'window.odd = 1' }))
  })`)
  assert.equal(refused, 'script-src-elem')
  assert.equal(await tab.value('window.odd ?? null'), null)
  const odd = asked.filter(path => !/^\/(index\.html|page\.(js|css)|index\.js|src\/\w+\.js|node_modules\/@noble\/[\w/.-]+\.js)$/.test(path))
  assert.deepEqual(odd, [])
  assert.ok(asked.includes('/src/verify.js') && checks.length > 60)
})
