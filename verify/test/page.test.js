// What a browser would load for index.html: every import resolves by its import map to a file that is
// there, and none is of Node.  What the page does is tested in a browser (test/browser).
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'

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

test('the policy of the page allows its import map and no other script of its own', () => {
  const [, map] = /<script type="importmap">(.*?)<\/script>/s.exec(html)
  const [, policy] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)
  const digest = createHash('sha256').update(map).digest('base64')
  assert.ok(policy.includes(`script-src 'self' 'sha256-${digest}';`), digest)
  assert.doesNotMatch(policy, /unsafe|\*/)
})
