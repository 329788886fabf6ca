// The command: folders, tars and standard input, exit statuses and languages.
import { after, test } from 'node:test'
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ascii } from '../src/bytes.js'
import { untar } from '../index.js'
import { drawFiles, tar, vectors } from './example.js'

const program = fileURLToPath(new URL('../bin/fairlot-verify.js', import.meta.url))
const home = mkdtempSync(join(tmpdir(), 'fairlot-verify-'))
after(() => rmSync(home, { recursive: true }))

function run(args, { input, lang = 'C' } = {}) {
  const env = { ...process.env, LC_ALL: lang }
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { input, env })
  return { status, text: stdout.toString(), error: stderr.toString() }
}

const sound = drawFiles(vectors.with_drand)
const changed = new Map([...sound, ['result.txt', ascii(vectors.with_drand.result_txt.replace('seed ', 'seed f'))]])

test('a folder that holds gives status 0, the level and the winners, in both languages', () => {
  const folder = join(home, 'whole', 'attempt-1')
  mkdirSync(folder, { recursive: true })
  for (const [name, bytes] of sound) writeFileSync(join(folder, name), bytes)
  const english = run(['--draw-only', join(home, 'whole')])
  assert.equal(english.status, 0)
  assert.match(english.text, /^attempt 1$/m)
  assert.match(english.text, /^ {2}ok {6}beacon-value {7}the beacon's value is that of the frozen chain/m)
  assert.match(english.text, /^level L2: /m)
  assert.ok(english.text.endsWith('verdict: the draw\'s own records hold\n'))
  const chinese = run(['--draw-only', folder], { lang: 'zh_CN.UTF-8' })
  assert.equal(chinese.status, 0)
  assert.ok(chinese.text.endsWith('结论：抽取自身的记录全部成立\n'))
})

test('what needs the journal leaves the report incomplete, status 3', () => {
  const { status, text } = run(['-'], { input: tar(sound) })
  assert.equal(status, 3)
  assert.match(text, /left {4}freeze-once .*; needs the journal$/m)
  assert.match(text, /left {4}notice-hash .*; absent: notice.txt$/m)
})

test('a changed record gives status 1 and says where', () => {
  writeFileSync(join(home, 'changed.tar'), tar(changed))
  const { status, text } = run([join(home, 'changed.tar')])
  assert.equal(status, 1)
  assert.match(text, /FAILED {2}hash-form .*; result.txt:5$/m)
  const json = run(['--json', join(home, 'changed.tar')])
  assert.equal(json.status, 1)
  assert.deepEqual(JSON.parse(json.text).reason,
    { attempt: 1, code: 'hash-form', status: 'fails', where: 'result.txt:5', file: 'result.txt', line: 5, about: '' })
})

test('a file that comes twice in a tar is refused', () => {
  const { status, text } = run(['-'], { input: tar([...sound, ...sound]) })
  assert.equal(status, 1)
  assert.match(text, /FAILED {2}files-present /)
})

test('a tar that names no size is refused', () => {
  const bytes = tar([['a.txt', new Uint8Array(0)]])
  bytes.fill(0, 124, 136)
  bytes.fill(0x20, 148, 156)
  const sum = bytes.subarray(0, 512).reduce((all, byte) => all + byte, 0)
  bytes.set(new TextEncoder().encode(`${sum.toString(8).padStart(6, '0')}\0 `), 148)
  assert.throws(() => untar(bytes), /not a sound tar/)
})

test('wrong usage and what is no transcript give status 2', () => {
  assert.equal(run([]).status, 2)
  assert.equal(run(['a', 'b']).status, 2)
  assert.equal(run(['--odd', 'a']).status, 2)
  assert.equal(run(['--nist-certificate', 'a']).status, 2)
  assert.match(run(['--log-key', 'a', join(home, 'changed.tar')]).error, /not the verifier key/)
  assert.match(run(['--nist-certificate', join(home, 'changed.tar'), 'a']).error, /no certificate in PEM form/)
  assert.equal(run([join(home, 'nothing')]).status, 2)
  assert.equal(run(['-'], { input: 'no tar' }).status, 2)
  assert.match(run(['-'], { input: tar(sound).subarray(0, 700) }).error, /not a sound tar/)
  assert.match(run([], { lang: 'zh_CN.UTF-8' }).error, /用法/)
})

test('a folder around everything is taken off, an attempt\'s is not', () => {
  const under = top => untar(tar([...sound].map(([name, bytes]) => [top + name, bytes]))).map(([name]) => name)
  assert.deepEqual(under('./whole/'), [...sound.keys()])
  assert.deepEqual(under('attempt-1/'), [...sound.keys()].map(name => `attempt-1/${name}`))
  assert.equal(untar(tar([['a/x', ascii('')], ['b/x', ascii('')]])).length, 2)
})
