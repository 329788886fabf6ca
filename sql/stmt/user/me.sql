-- in:    caller text
-- out:   version bigint, body text, next text
-- kind:  reads      lane: short
-- why:   who the credential is
SELECT * FROM api.user_me($1);
