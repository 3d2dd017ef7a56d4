source "$(dirname "$0")/adder.sh"
read -r x y
add "$x" "$y"
