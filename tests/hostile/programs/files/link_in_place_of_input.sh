# Leaves a link at the place where an input file of the next run is written.
# @collect main.sh @brings own @twice
rm -f main.sh; ln -s /tmp/main.sh main.sh; ln -s /etc/passwd /tmp/main.sh; rm main.sh; echo own > main.sh
