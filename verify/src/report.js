// The report of verify() for people: as parts for a page, and as text in the words of `fairlot verify`.
import { checks } from './check.js'

const states = {
  holds: ['通过', 'ok'],
  fails: ['不符', 'FAILED'],
  left: ['未核', 'left'],
  unreached: ['未及', 'skipped'],
}

const levels = [
  null,
  ['L1：运营方或业主任何一方都不能单独决定结果',
    'L1: neither operator alone nor owner alone could choose the result'],
  ['L2：运营方与业主合谋也不能决定结果',
    'L2: neither operator nor owner nor both together could choose the result'],
  ['L3：同 L2，并且在公共信标公布之前无人知晓结果',
    'L3: as L2, and nobody knew the result before the beacon\'s round'],
]

// What L2 and L3 depend on; the names follow.
const condition = ['，只要以下见证方中有一个独立：', ', as long as one of these witnesses is independent: ']

// Why a check was left: the file that is absent, or who would have to be asked.
const reasons = {
  journal: ['需要日志', 'needs the journal'],
  beacon: ['此处未核验公共信标', 'the beacon was not checked here'],
  cosignature: ['尚无见证方联署', 'no witness has cosigned yet'],
}

// A key that came with what it signs says nothing about who holds it.
const givenKey = ['与所给的日志公钥相同', 'it is the journal\'s key given here']
const ownKey = ['取自记录本身，请与其他来源比对', 'it came with the transcript: compare it with a second source']

const texts = new Map(checks.map(({ code, zh, en }) => [code, [zh, en]]))

// Why a row was left, or where it fails.
function placeOf(say, { code, status, file, line, about }) {
  if (status === 'holds' && code === 'log-key') return say(about === 'given' ? givenKey : ownKey)
  if (status === 'left')
    return Object.hasOwn(reasons, about) ? say(reasons[about]) : `${say(['缺少', 'absent:'])} ${about}`
  if (status !== 'fails' || file === null) return ''
  return line > 0 ? `${file}:${line}` : file
}

// Whether a row is worth a line: what is not in this draw is not, nor what an absent file leaves out.
const isShown = ({ status }, failed) => status !== 'none' && (status !== 'unreached' || failed)

function attempt(say, report, i) {
  const { number, void: ended } = report.attempts[i]
  const rows = report.checks.slice(i * checks.length, (i + 1) * checks.length)
  const shown = rows.filter(row => isShown(row, report.verdict === 1)).map(row => ({
    status: row.status,
    code: row.code,
    state: say(states[row.status]),
    text: say(texts.get(row.code)),
    place: placeOf(say, row),
    about: (row.status === 'fails' && row.about) || '',
  }))
  const by = ended?.stalled == null ? '' : `${say(['；停滞方', '; stalled by'])} ${ended.stalled}`
  return {
    title: `${say(['第几次抽取：', 'attempt'])} ${number}`,
    rows: shown,
    void: ended === null ? null : `${say(['已作废：', 'void:'])} ${ended.reason}${by}`,
  }
}

function result(say, report) {
  const rows = [
    [say(['抽取', 'draw']), report.draw],
    [say(['冻结', 'freeze']), report.freeze],
    [say(['种子', 'seed']), report.seed],
  ]
  if (report.value !== null) return [...rows, [say(['数值', 'value']), `${report.value}`]]
  const among = say([`（候选 ${report.candidates} 家）`, ` (of ${report.candidates} candidates)`])
  return [...rows, [say(['中选', 'winners']), `${report.winners.join(' ')}${among}`]]
}

const levelText = (say, { level, witnesses }) =>
  say(levels[level]) + (level > 1 ? say(condition) + witnesses.join(' ') : '')

// The operator could have got the value and hidden it, for another try: only the witness knows.
const reserve = (say, { number, spent }) => say([
  `保留：第 ${number} 次抽取作废，据称见证方 ${spent} 停滞；其未给出数值一事，只有该见证方能够证明：请查其公开目录或向其询问`,
  `reserve: attempt ${number} is void since ${spent} is said to have stalled; that it did not give its value ` +
    'only this witness can say: ask it (its public folder)'])

function verdict(say, report) {
  if (report.verdict === 1) return say(['核验不通过', 'FAILED'])
  if (report.verdict === 3)
    return say(['已核验的各项均成立，但不完整', 'incomplete; all that was checked holds'])
  return report.checks.some(({ status }) => status === 'left')
    ? say(['抽取自身的记录全部成立', 'the draw\'s own records hold'])
    : say(['全部成立', 'all holds'])
}

/* verdict, and for a draw that was drawn: level, what it leaves open (reserves, a note), result as pairs
 * of name and value; attempts with their rows: status, code, state, text, place and about. */
export function parts(report, chinese = false) {
  const say = ([zh, en]) => (chinese ? zh : en)
  const drawn = report.level > 0
  return {
    verdict: verdict(say, report),
    level: drawn ? levelText(say, report) : null,
    reserves: drawn ? report.attempts.filter(({ spent }) => spent !== null).map(one => reserve(say, one)) : [],
    note: drawn && report.beaconLeft ? say(['此处未核验公共信标：等级以信标值真实为前提',
      'the beacon was not checked here: the level supposes that its value is true']) : null,
    result: drawn ? result(say, report) : [],
    attempts: report.attempts.map((_, i) => attempt(say, report, i)),
  }
}

export function describe(report, chinese = false) {
  const { verdict, level, reserves, note, result, attempts } = parts(report, chinese)
  const row = ({ code, state, text, place, about }) => `  ${state.padEnd(chinese ? 6 : 8)}${code.padEnd(18)} ${text}` +
    (place === '' ? '' : `; ${place}`) + (about === '' ? '' : ` ${about}`)
  const lines = attempts.flatMap(one =>
    [one.title, ...one.rows.map(row), ...(one.void === null ? [] : [`  ${one.void}`])])
  if (level !== null) lines.push(...result.map(pair => pair.join(' ')), `${chinese ? '等级' : 'level'} ${level}`)
  lines.push(...reserves)
  if (note !== null) lines.push(`L${report.level}; ${note}`)
  return [...lines, `${chinese ? '结论：' : 'verdict: '}${verdict}`, ''].join('\n')
}
