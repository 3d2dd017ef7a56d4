const name = prompt("name?");
alert("Hello, " + name + "!");
