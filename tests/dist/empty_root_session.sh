# Runs inside the empty root of empty_root.sh.
show() { echo "\$ $*"; "$@"; }

show cat /etc/debian_version
show ls -A /work
show python3 -m venv venv
show venv/bin/pip install --quiet --no-index --find-links /wheels gavel-judge
show venv/bin/gavel --version
show venv/bin/python -m workers --version
echo '$ venv/bin/gavel up --port 18733 &'
venv/bin/gavel up --port 18733 >up.txt 2>&1 &
up=$!
while [ -d /proc/$up ] && ! grep -q 'Ctrl-C ends' up.txt; do sleep 1; done
cat up.txt
printf 'print(sum(map(int, input().split())))\n' >sum.py
printf '#include <stdio.h>\nint main(void) { long long a, b; scanf("%%lld %%lld", &a, &b); printf("%%lld\\n", a + b); }\n' >sum.c
failed=0
show venv/bin/gavel submit sum.py -p aplusb --watch || failed=1
show venv/bin/gavel submit sum.c -l c17 -p aplusb --watch --as premium || failed=1
kill -INT $up
wait $up || true
tail -n 2 up.txt
exit $failed
