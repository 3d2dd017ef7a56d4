read n
read line
s=0
while read -r -d ' ' x || [ -n "$x" ]; do s=$((s + x)); done <<< "$line"
echo $s
