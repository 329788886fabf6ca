-- in:    log text, holder text, lease interval, vkey text
-- out:   size bigint, root bytea, signed bigint, checkpointed boolean, ours boolean
-- kind:  writes      lane: short
-- why:   one daemon sequences; nothing comes back while another does
SELECT * FROM api.journal_lead($1, $2, $3, $4);
