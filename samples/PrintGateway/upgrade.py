"""Upgrades a connection to TLS with its first request and sends the others on it.

usage: upgrade.py HOST:PORT CERTIFICATE KEY REQUEST...    with - - for no certificate
A request is a method and a target, and a file where it has content: "POST /printers/lobby/jobs?owner=mary letter.txt"
"""
import http.client
import ssl
import sys

address, certificate, key, first, *others = sys.argv[1:]
tls = ssl._create_unverified_context()  # The development certificate is self-signed.
tls.set_alpn_protocols(["http/1.1-upgraded"])  # Says that the client knows that the connection was upgraded.
if certificate != "-":
    tls.load_cert_chain(certificate, key)


def show(request, response):
    print(request, "->", response.status, response.reason, response.read().decode(errors="replace"), flush=True)


connection = http.client.HTTPConnection(address, timeout=60)
method, target = first.split()
connection.request(method, target, headers={"Connection": "Upgrade", "Upgrade": "TLS/1.2"})
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
