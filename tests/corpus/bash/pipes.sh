tr -s ' ' '\n' | grep -v '^$' | sort | uniq -c | sed -E 's/^ *([0-9]+) (.*)$/\2 \1/'
