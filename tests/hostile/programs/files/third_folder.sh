# Looks for a writable folder other than the work folder, /tmp and /dev/shm, and for a folder where the limits do not count.
# @limits file=4 workspace=16
for folder in / /usr /etc /dev /proc /var /var/tmp /var/lib /.empty /.box/..
do
	if touch "$folder/x" 2>/dev/null && [ "$folder" != /var/tmp ]; then echo ESCAPED; fi
done
i=0
while [ $i -lt 8 ]; do head -c 4000000 /dev/zero > /.box/$i 2>/dev/null; head -c 4000000 /dev/zero > /w/$i 2>/dev/null; i=$((i + 1)); done
used=$(cat /.box/[0-7] /w/[0-7] 2>/dev/null | wc -c)
if [ "$used" -gt 17000000 ]; then echo ESCAPED; fi
