-- Back to whoever logged in: settings of roles are not the owner's to make.
RESET ROLE;
