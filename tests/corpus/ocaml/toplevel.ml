open Printf;;
let who = "World";;
printf "Hello, %s!\n" who;;
