# Stands in for a check of drand rounds: ROUND SIGNATURE.  "aa…" is the round's signature, "bb…"
# takes longer than anybody waits, all else is not.
case $2 in
aa*) exit 0 ;;
bb*) exec tail -f /dev/null ;;
*) exit 1 ;;
esac
