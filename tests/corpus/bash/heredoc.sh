t=$(mktemp)
cat > "$t" <<'EOF'
Hello, World!
EOF
cat "$t"
rm "$t"
