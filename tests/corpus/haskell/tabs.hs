main = do
	let s = "World"
	putStrLn ("Hello, " ++ s ++ "!")
