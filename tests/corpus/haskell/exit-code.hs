import System.Exit
main :: IO ()
main = putStrLn "Hello, World!" >> exitWith (ExitFailure 2)
