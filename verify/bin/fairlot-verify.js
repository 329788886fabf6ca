#!/usr/bin/env node
// fairlot-verify [--draw-only] [--json] [--log-key VKEY] [--nist-certificate FILE] FOLDER|TAR|-
// Exit status as `fairlot verify`.
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { strip } from '../src/tar.js'
import { describe, logKey, parseCertificate, untar, verify } from '../index.js'

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

const usage = '[--draw-only] [--json] [--log-key VKEY] [--nist-certificate FILE]'
const valued = ['--log-key', '--nist-certificate']

// Flags are true, options have what follows them; anything else is a path.
function parse(args) {
  const given = { paths: [] }
  for (let i = 0; i < args.length; i++) {
    if (!args[i].startsWith('--')) given.paths.push(args[i])
    else if (args[i] === '--draw-only' || args[i] === '--json') given[args[i]] = true
    else if (valued.includes(args[i]) && args[i + 1] !== undefined) given[args[i]] = args[++i]
    else return null
  }
  return given.paths.length === 1 ? given : null
}

// What `read` makes of a file, or the end.
function take(path, read) {
  try {
    return read(path)
  } catch (error) {
    return refuse(`${path}: ${error.message}`)
  }
}

const given = parse(process.argv.slice(2))
if (given === null)
  refuse(chinese ? `用法：fairlot-verify ${usage} 目录|tar|-` : `usage: fairlot-verify ${usage} FOLDER|TAR|-`)
const options = { drawOnly: given['--draw-only'] === true }
if (given['--log-key'] !== undefined) options.logKey = take(given['--log-key'], logKey)
if (given['--nist-certificate'] !== undefined)
  options.nistCertificate = take(given['--nist-certificate'], path => parseCertificate(readFileSync(path)))
const report = verify(take(given.paths[0], read), options)
process.stdout.write(given['--json'] ? `${JSON.stringify(report)}\n` : describe(report, chinese))
process.exitCode = report.verdict
