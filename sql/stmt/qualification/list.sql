-- out:   version bigint, body text, next text
-- kind:  reads      lane: short
-- why:   qualifications and their grades
SELECT * FROM api.qualification_list();
