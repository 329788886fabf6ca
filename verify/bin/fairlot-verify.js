#!/usr/bin/env node
// fairlot-verify [--draw-only] [--json] FOLDER|TAR|-      exit status as `fairlot verify`
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { strip } from '../src/tar.js'
import { describe, untar, verify } from '../index.js'

const depthMax = 3

const { LC_ALL, LC_MESSAGES, LANG } = process.env
const chinese = (LC_ALL || LC_MESSAGES || LANG || '').startsWith('zh')

// Ends the program with status 2: wrong usage, or nothing that could be read.
function refuse(text) {
  console.error(`fairlot-verify: ${text}`)
  process.exit(2)
}

function folder(path, inside = '', depth = 1) {
  const names = readdirSync(path).filter(name => !name.startsWith('.')).sort()
  return names.flatMap(name => {
    const full = join(path, name)
    const kind = statSync(full)
    if (kind.isDirectory()) return depth < depthMax ? folder(full, `${inside}${name}/`, depth + 1) : []
    return kind.isFile() ? [[inside + name, readFileSync(full)]] : []
  })
}

function read(path) {
  if (path === '-') return untar(readFileSync(0))
  return statSync(path).isDirectory() ? strip(folder(path)) : untar(readFileSync(path))
}

const flags = process.argv.slice(2).filter(arg => arg.startsWith('--'))
const paths = process.argv.slice(2).filter(arg => !arg.startsWith('--'))
if (paths.length !== 1 || flags.some(flag => flag !== '--draw-only' && flag !== '--json'))
  refuse(chinese ? '用法：fairlot-verify [--draw-only] [--json] 目录|tar|-'
    : 'usage: fairlot-verify [--draw-only] [--json] FOLDER|TAR|-')
let files
try {
  files = read(paths[0])
} catch (error) {
  refuse(`${paths[0]}: ${error.message}`)
}
const report = verify(files, { drawOnly: flags.includes('--draw-only') })
process.stdout.write(flags.includes('--json') ? `${JSON.stringify(report)}\n` : describe(report, chinese))
process.exitCode = report.verdict
