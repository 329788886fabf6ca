-- out:   version bigint, body text, next text
-- kind:  reads      lane: short
-- why:   profiles in force
SELECT * FROM api.policy_list();
