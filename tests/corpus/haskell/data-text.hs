{-# LANGUAGE OverloadedStrings #-}
import qualified Data.Text as T
import qualified Data.Text.IO as T

main :: IO ()
main = T.getLine >>= T.putStrLn . T.reverse
