function greet(who, unused?) {
  let nothing;
  return "Hello, " + who + "!";
}
console.log(greet("World"));
