declare -A c
while read -ra ws || [[ ${#ws[@]} -gt 0 ]]; do
  for w in "${ws[@]}"; do ((c[$w]++)); done
done
for w in "${!c[@]}"; do echo "$w ${c[$w]}"; done | sort
