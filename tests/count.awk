# Adds up one test log of meson: prints "passed failed skipped".  A program of check reports its
# own number of checks ("100%: Checks: 6, Failures: 0, Errors: 0"), and so does Node's test runner
# ("# pass 6", "# fail 0"); any other test counts as one.
function close_test() {
	if (name == "")
		return
	if (result ~ /^(exit status 77|SKIP)/)
		skipped++
	else if (checks > 0) {
		passed += checks - bad
		failed += bad
		if (bad == 0 && result !~ /^exit status 0/)
			failed++
	} else if (result ~ /^exit status 0/)
		passed++
	else
		failed++
	name = ""
}
/^=+ [0-9]+\/[0-9]+ =+$/ { close_test(); name = "?"; result = ""; checks = bad = 0 }
/^result: / && name != "" { result = substr($0, index($0, ": ") + 2); gsub(/^ +/, "", result) }
/^[0-9]+%: Checks: [0-9]+, Failures: [0-9]+, Errors: [0-9]+/ {
	gsub(/[,:]/, "")
	checks += $3
	bad += $5 + $7
}
/^# (pass|fail) [0-9]+$/ {
	checks += $3
	bad += $2 == "fail" ? $3 : 0
}
END { close_test(); printf "%d %d %d\n", passed, failed, skipped }
