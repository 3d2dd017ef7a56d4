# @collect out  @brings nothing
import socket

socket.socket(socket.AF_UNIX).bind("/w/out")
