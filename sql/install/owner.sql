-- From here on objects belong to fairlot_owner, whoever is logged in.
SET LOCAL ROLE fairlot_owner;
