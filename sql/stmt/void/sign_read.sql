-- in:    caller text, id text
-- out:   state text, name text, cosign_key text, record text, given text, body text
-- kind:  reads      lane: short
-- why:   the record that a signature is checked over, and the answer of a repeat
SELECT * FROM api.void_sign_read($1, $2);
