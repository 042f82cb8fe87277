"""Upgrades a connection to TLS with its first request and sends the others on it.

usage: upgrade.py HOST:PORT CERTIFICATE KEY REQUEST...    with - - for no certificate
A request is a method and a target, and a file where it has content: "POST /printers/lobby/jobs?owner=mary letter.txt"
"""
import base64
import hashlib
import http.client
import ssl
import sys

address, certificate, key, first, *others = sys.argv[1:]
method, target = first.split()

# The mark of this very request says that the client knows of the upgrade, and that the request is its own: src/KestrelTlsUpgrade/Marking.md.
digest = hashlib.sha256(f"{method} {target}\nhost:{address}\n".encode()).digest()
mark = "http/1.1-upgraded=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

tls = ssl._create_unverified_context()  # The development certificate is self-signed.
tls.set_alpn_protocols([mark, "http/1.1-upgraded", "http/1.1"])
if certificate != "-":
    tls.load_cert_chain(certificate, key)


def show(request, response):
    print(request, "->", response.status, response.reason, response.read().decode(errors="replace"), flush=True)


connection = http.client.HTTPConnection(address, timeout=60)
connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
connection.putheader("Host", address)
connection.putheader("Connection", "Upgrade")
connection.putheader("Upgrade", "TLS/1.2, http/1.1-upgraded")
connection.endheaders()
answer = connection.getresponse()
show("in clear text", answer)
if answer.status != http.client.SWITCHING_PROTOCOLS:
    sys.exit(1)

connection.sock = tls.wrap_socket(connection.sock, server_hostname=connection.host)
replayed = http.client.HTTPResponse(connection.sock, method=method)
replayed.begin()
show(first, replayed)

for request in others:
    method, target, *file = request.split()
    if file:
        connection.request(method, target, open(file[0], "rb").read(), {"Content-Type": "application/octet-stream"})
    else:
        connection.request(method, target)
    show(request, connection.getresponse())
