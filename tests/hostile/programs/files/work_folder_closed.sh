# A work folder that nobody may enter, with its file and folder: nothing comes back or all, and it is no fault of ours.
# @collect out deep
mkdir -p deep/er; echo x > deep/er/file; echo x > out; chmod 000 out deep/er deep .; true
