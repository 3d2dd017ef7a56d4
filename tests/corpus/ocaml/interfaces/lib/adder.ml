let add a b = a + b
let hidden = 1
