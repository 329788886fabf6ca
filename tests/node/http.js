'use strict'
// Our HTTP parser against Node's (llhttp): it may refuse more, but takes nothing that llhttp
// refuses, and what both take means the same.   http.js HTTP_VERDICT CORPUS_FOLDER
const { execFileSync } = require('node:child_process')
const { readdirSync, readFileSync } = require('node:fs')
const { join } = require('node:path')
const { HTTPParser, methods } = require('_http_common')
const { below, pick } = require('./seed')

const [verdictProgram, folder] = process.argv.slice(2)

// What llhttp makes of the first request in these bytes.
function llhttp(bytes) {
  const parser = new HTTPParser()
  const out = { result: 'more', body: '' }
  let url = '', fields = 0
  parser.initialize(HTTPParser.REQUEST, {}, 1 << 20)
  parser[HTTPParser.kOnHeaders] = (headers, more) => { url += more; fields += headers.length / 2 }
  parser[HTTPParser.kOnHeadersComplete] = (major, minor, headers, method, rest, status, text, upgrade, keep) => {
    if (out.result === 'done') return 0
    Object.assign(out, { method: methods[method], url: url + (rest ?? ''), keep, version: `${major}.${minor}` })
    return 0
  }
  parser[HTTPParser.kOnBody] = chunk => { if (out.result !== 'done') out.body += chunk.toString('hex') }
  parser[HTTPParser.kOnMessageComplete] = () => { out.result = 'done' }
  const end = parser.execute(bytes)
  if (end instanceof Error && out.result !== 'done') Object.assign(out, { result: 'refused', why: end.code })
  return out
}

const corpus = readdirSync(folder).sort().map(name => [name, readFileSync(join(folder, name))])
const cases = [...corpus]
const bytes = ['\r', '\n', '\r\n', ' ', '\t', '\0', ':', ';', ',', '0', 'a', '%', '\x7f', '\x80', '"', '+', '-', 'x']
for (let i = 0; i < 20000; i++) {
  const [name, seed] = pick(corpus)
  const at = below(seed.length + 1)
  const end = at + (below(2) ? 0 : below(3))
  cases.push([`${name} changed at ${at}`,
    Buffer.concat([seed.subarray(0, at), Buffer.from(pick(bytes), 'latin1'), seed.subarray(end)])])
}

const input = Buffer.concat(cases.flatMap(([, message]) => [Buffer.from(`${message.length}\n`), message]))
const ours = execFileSync(verdictProgram, { input, maxBuffer: 1 << 28 }).toString().trim().split('\n').map(JSON.parse)

let differ = 0, stricter = 0, both = 0
const complain = (what, i, theirs) => {
  if (differ++ < 20) console.log(what, cases[i][0], JSON.stringify([cases[i][1].toString('latin1'), ours[i], theirs]))
}
ours.forEach((our, i) => {
  const theirs = llhttp(cases[i][1])
  if (i < corpus.length && our.result === (cases[i][0].startsWith('refused') ? 'done' : 'refused'))
    complain('a case of the corpus', i, theirs)
  if (our.result === 'refused') { stricter += theirs.result === 'done'; return }
  if (our.result !== theirs.result) {
    if (our.result === 'more' && theirs.result === 'refused') return // may still be refused
    return complain('taken otherwise', i, theirs)
  }
  if (our.result !== 'done') return
  both++
  const text = hex => Buffer.from(hex, 'hex').toString('latin1')
  const target = text(our.path) + (our.query || theirs.url.includes('?') ? '?' + text(our.query) : '')
  const absolute = /^https?:\/\/[^/?]*(.*)$/i.exec(theirs.url)
  const theirTarget = absolute ? absolute[1].replace(/^(?!\/)/, '/') : theirs.url
  if (our.method !== theirs.method || our.body !== theirs.body || target !== theirTarget)
    complain('read otherwise', i, theirs)
})
console.log(`${cases.length} messages: ${both} taken by both, ${stricter} only by llhttp, ${differ} differences`)
process.exit(differ === 0 && both > 1000 ? 0 : 1)
