"""A real nginx with the configuration of deploy/nginx, and servers to stand behind it that only note what reaches them."""

import os
import pathlib
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

from harness_server import eventually, free_port

RENDER = pathlib.Path(__file__).resolve().parents[2] / "deploy/nginx/render.sh"


class Nginx:
    """In front of nodes, given as ports of the loopback."""

    def __init__(self, folder, ports):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        nodes = [f"127.0.0.1:{port}" for port in ports]
        subprocess.run([RENDER, "--into", folder, f"127.0.0.1:{self.port}", *nodes], check=True)
        command = ["/usr/sbin/nginx", "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")]
        if os.geteuid() == 0:
            command += ["-g", "user root;"]  # else its workers could not enter the tests' folder
        self.log = (folder / "stderr").open("ab")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=self.log)
        try:
            eventually(self.answers, "nginx answers")
        except BaseException:
            self.stop()
            raise

    def answers(self):
        assert self.process.poll() is None, f"nginx ended: {pathlib.Path(self.log.name).read_text()}"
        try:
            return requests.get(self.url + "/metrics", timeout=2).status_code == 403
        except requests.ConnectionError:
            return False

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        self.log.close()


class Witness:
    """An HTTP server that keeps the requests it gets, and answers 200, or breaks off without an answer, or streams what `events` (a
    queue) holds, up to a None, marked as the nodes mark their streams."""

    def __init__(self, breaks_off=False, events=None):
        self.seen = []
        witness = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                witness.seen.append((self.command, self.path, self.headers))
                if breaks_off:
                    self.close_connection = True
                    return
                self.send_response(200)
                if events:
                    self.stream()
                    return
                self.send_header("Content-Length", "0")
                self.end_headers()

            def stream(self):
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("X-Accel-Buffering", "no")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                for text in iter(events.get, None):
                    self.wfile.write(f"{len(text):x}\r\n{text}\r\n".encode())
                self.wfile.write(b"0\r\n\r\n")

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
