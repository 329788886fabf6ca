// The report of verify() as text, in the words of `fairlot verify`.
import { checks } from './check.js'

const states = {
  holds: ['通过    ', 'ok      '],
  fails: ['不符    ', 'FAILED  '],
  left: ['未核    ', 'left    '],
  unreached: ['未及    ', 'skipped '],
}

const levels = [
  null,
  ['L1：运营方或业主任何一方都不能单独决定结果',
    'L1: neither operator alone nor owner alone could choose the result'],
  ['L2：运营方与业主合谋也不能决定结果，只要有一个见证方独立',
    'L2: neither operator nor owner nor both together could choose the result, as long as one witness is independent'],
  ['L3：并且在公共信标公布之前无人知晓结果',
    'L3: as L2, and nobody knew the result before the beacon\'s round'],
]

// Why a check was left: the file that is absent, or who would have to be asked.
const reasons = {
  journal: ['需要日志', 'needs the journal'],
  beacon: ['此处未核验公共信标', 'the beacon was not checked here'],
}

const texts = new Map(checks.map(({ code, zh, en }) => [code, [zh, en]]))

function row(say, { code, status, file, line, about }) {
  const text = `  ${say(states[status])}${code.padEnd(18)} ${say(texts.get(code))}`
  if (status === 'left')
    return `${text}; ${Object.hasOwn(reasons, about) ? say(reasons[about]) : `${say(['缺少', 'absent:'])} ${about}`}`
  if (status !== 'fails') return text
  const where = file === null ? '' : line > 0 ? `; ${file}:${line}` : `; ${file}`
  return `${text}${where}${about ? ` ${about}` : ''}`
}

// Whether a row is worth a line: what is not in this draw is not, nor what an absent file leaves out.
const isShown = ({ status }, failed) => status !== 'none' && (status !== 'unreached' || failed)

function result(say, report) {
  const lines = [
    `${say(['抽取', 'draw'])} ${report.draw}`,
    `${say(['冻结', 'freeze'])} ${report.freeze}`,
    `${say(['种子', 'seed'])} ${report.seed}`,
  ]
  if (report.value !== null) return [...lines, `${say(['数值', 'value'])} ${report.value}`]
  const among = say([`（候选 ${report.candidates} 家）`, ` (of ${report.candidates} candidates)`])
  return [...lines, `${say(['中选', 'winners'])} ${report.winners.join(' ')}${among}`]
}

function verdict(say, report) {
  if (report.verdict === 1) return say(['结论：核验不通过', 'verdict: FAILED'])
  if (report.verdict === 3)
    return say(['结论：已核验的各项均成立，但不完整', 'verdict: incomplete; all that was checked holds'])
  return report.checks.some(({ status }) => status === 'left')
    ? say(['结论：抽取自身的记录全部成立', 'verdict: the draw\'s own records hold'])
    : say(['结论：全部成立', 'verdict: all holds'])
}

export function describe(report, chinese = false) {
  const say = ([zh, en]) => (chinese ? zh : en)
  const failed = report.verdict === 1
  const lines = []
  report.attempts.forEach((attempt, i) => {
    const rows = report.checks.slice(i * checks.length, (i + 1) * checks.length)
    lines.push(`${say(['第几次抽取：', 'attempt'])} ${attempt.number}`)
    for (const one of rows) if (isShown(one, failed)) lines.push(row(say, one))
    if (attempt.void === null) return
    const { reason, stalled } = attempt.void
    const by = stalled === null ? '' : `${say(['；停滞方', '; stalled by'])} ${stalled}`
    lines.push(`  ${say(['已作废：', 'void:'])} ${reason}${by}`)
  })
  if (report.level > 0) {
    lines.push(...result(say, report), `${say(['等级', 'level'])} ${say(levels[report.level])}`)
    if (report.beaconLeft)
      lines.push(`L${report.level}; ${say(['此处未核验 drand：等级以信标值真实为前提',
        'drand not checked here: the level supposes that its value is true'])}`)
  }
  return [...lines, verdict(say, report), ''].join('\n')
}
