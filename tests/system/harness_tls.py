"""TLS in front of a port that does not speak it."""

import socket
import ssl
import threading


class TlsFront:
    """Passes bytes on, both ways, between TLS on a free port of the loopback and a plain port."""

    def __init__(self, behind, certificate, key):
        self.behind = behind
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        try:
            with self.context.wrap_socket(client, server_side=True) as outer, \
                    socket.create_connection(("127.0.0.1", self.behind)) as inner:
                back = threading.Thread(target=copy, args=(inner, outer), daemon=True)
                back.start()
                copy(outer, inner)
                back.join(5)
        except OSError:
            pass


def copy(source, target):
    try:
        while data := source.recv(16384):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass
