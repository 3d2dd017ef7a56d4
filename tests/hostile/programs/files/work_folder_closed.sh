# Closes the work folder, with a file and a folder in it. Either all files are collected or none. The sandbox must not report a fault.
# @collect out deep
mkdir -p deep/er; echo x > deep/er/file; echo x > out; chmod 000 out deep/er deep .; true
