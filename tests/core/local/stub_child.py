"""Stands for the child process with llama.cpp: what it does is written in the model file."""

import json
import os
import signal
import socket
import sys
import threading
from pathlib import Path

config = json.loads(sys.stdin.readline())
model = Path(config["model"])
with model.with_suffix(".starts").open("a") as starts:
    starts.write(f"{os.getpid()}\n")
todo = model.read_text().split()
if "missing" in todo:
    print("missing", flush=True)
    sys.exit(3)
if "unusable" in todo:
    print("unusable libgomp.so.1: cannot open shared object file", flush=True)
    sys.exit(3)
if "die" in todo:
    sys.stderr.write("0.00.003.1 I srv init: begin\n0.00.003.2 E gguf_init: invalid magic\n")
    sys.stderr.write("0.00.003.3 E srv load_model: failed\nRuntimeError: no\n")
    sys.exit(1)
if "killed" in todo:
    os.kill(os.getpid(), signal.SIGKILL)
if "hang" in todo:
    signal.pause()
path = Path(config["socket"])
path.unlink(missing_ok=True)
os.umask(0o077)
server = socket.socket(socket.AF_UNIX)
server.bind(str(path))
server.listen()
kept = []


def accept() -> None:
    while True:
        kept.append(server.accept()[0])


threading.Thread(target=accept, daemon=True).start()
print("ready", flush=True)
sys.stdin.read()
if "stubborn" in todo:
    signal.pause()
path.unlink(missing_ok=True)
os._exit(0)
