// A report as elements of a page.  All that comes from a transcript is set as text, never as markup.
import { parts } from './report.js'

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...children)
  return made
}

const placeOf = ({ place, about }) => element('span', { class: 'place' }, [place, about].filter(Boolean).join(' '))

function failures(attempts) {
  const items = attempts.flatMap(({ title, rows }) => rows.filter(({ status }) => status === 'fails').map(row =>
    element('li', {}, `${title}: `, element('code', {}, row.code), ` ${row.text} `, placeOf(row))))
  return items.length === 0 ? [] : [element('ul', { class: 'failures' }, ...items)]
}

function checksTable({ title, rows, void: ended }) {
  const lines = rows.map(row =>
    element('tr', { 'data-status': row.status, 'data-code': row.code },
      element('td', {}, row.state), element('td', {}, element('code', {}, row.code)),
      element('td', {}, row.text, ' ', placeOf(row))))
  const table = element('table', {}, element('caption', {}, title), element('tbody', {}, ...lines))
  return ended === null ? [table] : [table, element('p', { class: 'void' }, ended)]
}

function resultList(report, result) {
  const rows = result.map(([name, value]) => {
    const isHex = /^[0-9a-f]{64}$/.test(value)
    return [element('dt', {}, name), element('dd', isHex ? { class: 'hex' } : {}, value)]
  })
  if (report.winners === null) return element('dl', {}, ...rows.flat())
  // The last is the winners, who get a line each.
  const [[name, listed]] = result.slice(-1)
  const winners = element('ol', { class: 'winners' }, ...report.winners.map(id => element('li', {}, id)))
  const among = listed.slice(report.winners.join(' ').length).trim()
  return element('dl', {}, ...rows.slice(0, -1).flat(), element('dt', {}, name), element('dd', {}, winners, among))
}

export function show(at, report, chinese) {
  const { verdict, level, reserves, note, result, attempts } = parts(report, chinese)
  const texts = [level, ...reserves, note].filter(text => text !== null).map(text => element('p', {}, text))
  at.replaceChildren(
    element('div', { class: 'verdict' }, element('strong', {}, verdict), ...texts, ...failures(attempts)),
    ...(result.length > 0 ? [resultList(report, result)] : []),
    ...attempts.flatMap(checksTable))
  at.dataset.verdict = report.verdict
}

// What kept a transcript from being verified at all.
export function showError(at, text) {
  at.replaceChildren(element('div', { class: 'verdict' }, element('strong', {}, text)))
  at.dataset.verdict = 2
}
