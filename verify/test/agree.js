// agree.js PROGRAM FAIRLOT WHOLE CHANGED [proofs]: both verifiers over transcripts that PROGRAM (tests/verify)
// makes from a seed; they must find the same in every one: verdict, level, every check with its place,
// the recomputed result.  On some of them `FAIRLOT verify` must also print the same report.  A case
// on which they differ is kept as a folder.
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { checks, describe, verify } from '../index.js'

const [program, fairlot, whole, changed, ...more] = process.argv.slice(2)
const seed = Number(process.env.FAIRLOT_SEED ?? Date.now() % 1000000007)
console.log(`FAIRLOT_SEED=${seed}`)

const letters = { unreached: 'U', none: 'N', holds: 'H', fails: 'F', left: 'L' }

// As tests/verify/transcripts.c writes it.
function summary(report) {
  const lines = [`verdict ${report.verdict} level ${report.level} beacon ${Number(report.beaconLeft)}`]
  report.attempts.forEach(({ number }, i) => {
    const rows = report.checks.slice(i * checks.length, (i + 1) * checks.length)
    lines.push(`attempt ${number} ${rows.map(({ status }) => letters[status]).join('')}`)
    for (const { code, status, file, line, about } of rows) {
      if (status === 'fails') lines.push(`F ${code} ${file ?? '-'} ${line} ${about}`)
      if (status === 'left') lines.push(`L ${code} ${about}`)
    }
  })
  if (report.seed !== null) lines.push(`seed ${report.seed}`)
  if (report.value !== null) lines.push(`value ${report.value}`)
  if (report.order !== null) lines.push(['order', ...report.order].join(' '))
  return `${lines.join('\n')}\n`
}

// Takes lines and counted bytes off the program's output.
async function* cases(stream) {
  const chunks = stream[Symbol.asyncIterator]()
  let rest = Buffer.alloc(0)
  async function more() {
    const { value, done } = await chunks.next()
    if (!done) rest = Buffer.concat([rest, value])
    return !done
  }
  async function bytes(length) {
    while (rest.length < length) if (!await more()) throw new Error('the program ended early')
    const taken = Buffer.from(rest.subarray(0, length))
    rest = rest.subarray(length)
    return taken
  }
  async function line() {
    while (!rest.includes(10)) if (!await more()) return null
    return (await bytes(rest.indexOf(10) + 1)).toString('latin1').slice(0, -1)
  }
  for (let head; (head = await line()) !== null;) {
    const [, number, count, length, what] = /^case (\d+) (\d+) (\d+) (.*)$/.exec(head)
    const files = []
    for (let i = 0; i < Number(count); i++) {
      const [, size, name] = /^(\d+) (.*)$/.exec(await line())
      files.push([name, await bytes(Number(size))])
    }
    yield { number: Number(number), what, files, theirs: (await bytes(Number(length))).toString('latin1') }
  }
}

function keep({ number, files }) {
  const folder = mkdtempSync(join(tmpdir(), `fairlot-case-${number}-`))
  for (const [name, content] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return folder
}

// `fairlot verify` knows no beacon and reads folders, where a name stands once.
const isPrintable = files => new Set(files.map(([name]) => name)).size === files.length &&
  !files.some(([, content]) => content.includes(' drand '))

function printsTheSame(one, report, drawOnly) {
  const folder = keep(one)
  const same = ['C', 'zh_CN.UTF-8'].every(language => {
    const env = { ...process.env, LC_ALL: language }
    const { status, stdout } = spawnSync(fairlot, ['verify', folder, ...(drawOnly ? ['--draw-only'] : [])], { env })
    return status === report.verdict && stdout.toString() === describe(report, language !== 'C')
  })
  if (same) rmSync(folder, { recursive: true })
  else console.log(`case ${one.number}: another report for ${folder}`)
  return same
}

const child = spawn(program, [seed, whole, changed, ...more], { stdio: ['ignore', 'pipe', 'inherit'] })
const ended = new Promise(resolve => child.on('close', resolve))
const verdicts = { sound: {}, changed: {} }
const reasons = {}
const printed = { sound: 0, changed: 0 }
const printedMost = 25
let differ = 0
let count = 0
for await (const one of cases(child.stdout)) {
  const drawOnly = one.number % 2 === 1
  const report = verify(one.files, { drawOnly })
  const ours = summary(report)
  const kind = one.number < Number(whole) ? 'sound' : 'changed'
  verdicts[kind][report.verdict] = (verdicts[kind][report.verdict] ?? 0) + 1
  if (report.reason !== null) reasons[report.reason.code] = (reasons[report.reason.code] ?? 0) + 1
  count++
  if (kind === 'sound' && report.verdict === 1) console.log(`case ${one.number} should be sound`)
  if (printed[kind] < printedMost && isPrintable(one.files)) {
    printed[kind]++
    differ += !printsTheSame(one, report, drawOnly)
  }
  if (ours === one.theirs || ++differ > 5) continue
  console.log(`case ${one.number}: ${one.what}\n${keep(one)}\n-- lib/draw\n${one.theirs}-- verify\n${ours}`)
}
const status = await ended
console.log(`sound ${JSON.stringify(verdicts.sound)}, changed ${JSON.stringify(verdicts.changed)}`)
console.log(`first reasons: ${JSON.stringify(reasons)}`)
console.log(`${count} transcripts, ${printed.sound + printed.changed} printed reports, ${differ} differences`)
// Sound ones hold, most changed ones are refused, and for many different reasons.
const fair = verdicts.sound[1] === undefined && verdicts.changed[1] > Number(changed) / 2 &&
  Object.keys(reasons).length >= Math.min(25, Number(changed) / 10) && printed.sound + printed.changed > 0
process.exit(status === 0 && differ === 0 && fair && count === Number(whole) + Number(changed) ? 0 : 1)
