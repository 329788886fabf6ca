// drand's quicknet: rounds signed in G1 of BLS12-381 (scheme bls-unchained-g1-rfc9380).
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { hash, uint, unhex } from './bytes.js'

export const quicknet = {
  hash: '52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971',
  key: '83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c' +
    '8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb' +
    '5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a',
  genesis: 1692803367,
  period: 3,
}

const { G1, G2, shortSignatures } = bls12_381
const DST = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_'
let key

// When a round is published, in seconds since 1970; null for chains and rounds not known here.
export function roundTime(chain, round) {
  if (chain !== quicknet.hash || round < 1 || round > 2 ** 32 - 1) return null
  return quicknet.genesis + (round - 1) * quicknet.period
}

// true or false; null when the chain is not known here.
export function checkRound(chain, round, signature) {
  if (chain !== quicknet.hash) return null
  if (signature.length !== 48) return false
  key ??= G2.Point.fromHex(quicknet.key)
  try {
    const point = G1.Point.fromHex(signature)
    point.assertValidity()
    if (point.is0()) return false
    const message = G1.hashToCurve(hash(uint(8, round)), { DST })
    return shortSignatures.verify(point, message, key)
  } catch {
    return false
  }
}

export const checkHex = (round, signature, chain = quicknet.hash) =>
  checkRound(chain, round, unhex(signature) ?? new Uint8Array(0))
