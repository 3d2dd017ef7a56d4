import given

print(given.VALUE + {{SIX}})
