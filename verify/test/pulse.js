// The bytes of a pulse that NIST's beacon answers as JSON.
import { ascii, concat, uint, unhex } from '../src/bytes.js'

export function signedBytes(pulse) {
  const counted = bytes => concat(uint(4, bytes.length), bytes)
  const value = text => counted(unhex(text.toLowerCase()))
  return concat(counted(ascii(pulse.uri)), counted(ascii(pulse.version)), uint(4, pulse.cipherSuite),
    uint(4, pulse.period), value(pulse.certificateId), uint(8, pulse.chainIndex), uint(8, pulse.pulseIndex),
    counted(ascii(pulse.timeStamp)), value(pulse.localRandomValue), value(pulse.external.sourceId),
    uint(4, pulse.external.statusCode), value(pulse.external.value),
    ...pulse.listValues.map(one => value(one.value)), value(pulse.precommitmentValue), uint(4, pulse.statusCode))
}

export const pulseBytes = pulse => concat(signedBytes(pulse), unhex(pulse.signatureValue.toLowerCase()))
