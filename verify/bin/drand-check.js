#!/usr/bin/env node
// drand-check ROUND SIGNATURE_HEX [CHAIN_HASH]: whether the signature is that round's, of quicknet if
// no chain is named.  Exit status: 0 it is; 1 it is not, or the chain is not known; 2 wrong usage.
import { checkHex } from '../src/drand.js'

const [round, signature, chain, ...more] = process.argv.slice(2)
if (!/^[1-9][0-9]{0,15}$/.test(round ?? '') || !/^[0-9a-f]+$/.test(signature ?? '') || more.length > 0) {
  console.error('usage: drand-check ROUND SIGNATURE_HEX [CHAIN_HASH]')
  process.exit(2)
}
process.exitCode = checkHex(Number(round), signature, chain) === true ? 0 : 1
