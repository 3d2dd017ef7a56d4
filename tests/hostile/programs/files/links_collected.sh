# go-judge opened a collected name in its own file system, and followed a link (2025). These are links of every kind, also in folders.
# @collect out deep root @brings nothing
ln -s /etc/passwd out
mkdir deep; ln -s /etc/passwd deep/a; ln -s ../../../../etc/passwd deep/b; ln -s /proc/self/root/etc/passwd deep/c
ln -s /proc/1/root/etc/passwd deep/d; ln -s /proc/self/cwd/../etc/passwd deep/e; ln -s /w/out deep/f; ln -s deep deep/g
ln -s / root
