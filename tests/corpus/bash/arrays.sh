read -r n
read -ra a
mapfile -t s < <(printf '%s\n' "${a[@]:0:n}" | sort -n)
echo "${s[*]}"
