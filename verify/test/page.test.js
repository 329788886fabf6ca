// What a browser would load for index.html: every import resolves by its import map to a file that is
// there, and none is of Node.  Then the page itself, over a document of the test's.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { drawFiles, tar, vectors } from './example.js'

const root = new URL('../', import.meta.url)
const html = readFileSync(new URL('index.html', root), 'utf8')

test('every module of the page is found through its import map, and none is of Node', () => {
  const { imports } = JSON.parse(/<script type="importmap">(.*?)<\/script>/s.exec(html)[1])
  const resolve = (name, from) => {
    if (name.startsWith('.')) return new URL(name, from)
    const keys = Object.keys(imports).filter(key => key === name || (key.endsWith('/') && name.startsWith(key)))
    const key = keys.sort((a, b) => b.length - a.length)[0]
    assert.ok(key !== undefined, `${from} imports ${name}`)
    return new URL(imports[key] + name.slice(key.length), root)
  }
  const seen = new Set()
  const walk = url => {
    if (seen.has(url.href)) return
    seen.add(url.href)
    assert.ok(existsSync(url), url.href)
    const text = readFileSync(url, 'utf8').replace(/^\s*(\/\/|\*|\/\*).*$/gm, '')
    for (const [, name] of text.matchAll(/^(?:import|export)\s[^;'"]*?from\s*['"]([^'"]+)['"]/gm)) walk(resolve(name, url))
  }
  walk(new URL(/<script type="module" src="([^"]+)"/.exec(html)[1], root))
  assert.ok(seen.size > 20, `${seen.size} modules`)
})

test('the page verifies what a fairlot answers, and shows what goes wrong', async () => {
  const elements = {}
  const element = id => (elements[id] ??= {
    value: '', dataset: {}, listeners: {},
    addEventListener(name, listener) { this.listeners[name] = listener },
  })
  for (const [, id] of html.matchAll(/ id="(\w+)"/g)) element(id)
  const asked = []
  const globals = {
    document: { getElementById: id => elements[id] },
    navigator: { language: 'en' },
    location: { search: '?server=https://fairlot.example&draw=2026-000123' },
    fetch: async url => {
      asked.push(url.href)
      const ok = url.hostname === 'fairlot.example'
      return { ok, status: ok ? 200 : 404, arrayBuffer: async () => tar(drawFiles(vectors.weighted)).buffer }
    },
  }
  for (const [name, value] of Object.entries(globals))
    Object.defineProperty(globalThis, name, { value, configurable: true })
  await import('../page.js')
  const settle = async listener => {
    listener()
    for (let turn = 0; turn < 20; turn++) await null
  }
  await settle(() => elements.form.listeners.submit({ preventDefault() {} }))
  assert.deepEqual(asked, ['https://fairlot.example/v1/draws/2026-000123/transcript'])
  assert.match(elements.report.textContent, /^winners A-\d+ \(of 7 candidates\)$/m)
  assert.equal(elements.report.dataset.verdict, 0)
  elements.server.value = 'https://elsewhere.example'
  await settle(() => elements.form.listeners.submit({ preventDefault() {} }))
  assert.match(elements.report.textContent, /: 404$/)
})
