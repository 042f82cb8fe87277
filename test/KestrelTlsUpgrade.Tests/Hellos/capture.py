#!/usr/bin/env python3
"""Captures the ClientHello of every client that is installed: capture.py [NAME...]. Writes NAME.bin beside this file: the records of the
first hello, as they came over TCP. Hellos.md then needs its rows: HelloTableTests prints them. Everything runs on loopback."""
import os, pathlib, shutil, socket, ssl, subprocess, sys, tempfile, threading

HERE = pathlib.Path(__file__).parent
PATIENCE = 60

JAVA = """
import java.net.*; import java.net.http.*; import java.security.cert.X509Certificate; import javax.net.ssl.*;
class Client {
  public static void main(String[] a) throws Exception {
    var port = Integer.parseInt(a[1]);
    var uri = URI.create("https://server.example:" + port + "/");
    switch (a[0]) {
      case "httpclient" -> HttpClient.newHttpClient().send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
      case "urlconnection" -> uri.toURL().openConnection().getInputStream();
      default -> ((SSLSocket) SSLSocketFactory.getDefault().createSocket("localhost", port)).startHandshake();
    }
  }
}
"""

GO = """
package main
import ("crypto/tls"; "net/http"; "os")
func main() {
  if os.Args[1] == "http" { http.Get("https://localhost:" + os.Args[2] + "/"); return }
  tls.Dial("tcp", "localhost:" + os.Args[2], nil)
}
"""

DOTNET = """
#:property PublishAot=false
using System.Net; using System.Net.Security; using System.Net.Sockets;
var port = int.Parse(args[1]);
if (args[0] == "sslstream")
{
    using var client = new TcpClient("localhost", port);
    using var stream = new SslStream(client.GetStream());
    await stream.AuthenticateAsClientAsync("localhost");
    return;
}
using var http = new HttpClient { DefaultRequestVersion = args[0] == "http2" ? HttpVersion.Version20 : HttpVersion.Version11 };
await http.GetAsync($"https://localhost:{port}/");
"""

NGINX = """
daemon off; pid nginx.pid; error_log stderr; events {{}}
http {{ access_log off; client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
server {{ listen unix:nginx.socket; location / {{ proxy_pass https://127.0.0.1:{port}; proxy_ssl_server_name on; proxy_ssl_name server.example; }} }} }}
"""

FIREFOX = """
user_pref("app.normandy.enabled", false); user_pref("app.update.enabled", false); user_pref("browser.aboutwelcome.enabled", false);
user_pref("browser.safebrowsing.downloads.remote.enabled", false); user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false); user_pref("datareporting.healthreport.uploadEnabled", false);
user_pref("network.captive-portal-service.enabled", false); user_pref("network.connectivity-service.enabled", false);
user_pref("services.settings.server", "http://127.0.0.1:9/"); user_pref("extensions.update.enabled", false);
user_pref("browser.newtabpage.activity-stream.feeds.topsites", false); user_pref("browser.startup.page", 0);
"""

CHROMIUM = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--ignore-certificate-errors", "--dump-dom", "--virtual-time-budget=5000"]


class Recorder:
    """Takes connections, and keeps the first hello. What is not TLS is answered: an offer with a 101, a GET with a page that opens wss."""

    def __init__(self, server=None, take=1, behind_page=False):
        self.listener = socket.create_server(("localhost", 0))
        self.port, self.server, self.left = self.listener.getsockname()[1], server, take
        self.is_wanted = not behind_page
        self.hello, self.done = b"", threading.Event()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            first = connection.recv(1, socket.MSG_PEEK)
            while first and first != b"\x16":
                head = b""
                while b"\r\n\r\n" not in head:
                    head += connection.recv(1)
                if head.startswith(b"OPTIONS"):
                    connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: TLS/1.2\r\n\r\n")
                else:
                    page = f"<script>new WebSocket('wss://localhost:{self.port}/')</script>".encode()
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(page), page))
                    self.is_wanted = True
                first = connection.recv(1, socket.MSG_PEEK)
            records, message = b"", b""
            while first and (len(message) < 4 or len(message) < 4 + int.from_bytes(message[1:4], "big")):
                header = read(connection, 5)
                fragment = read(connection, int.from_bytes(header[3:], "big"))
                records, message = records + header + fragment, message + fragment
            self.left -= self.is_wanted
            if self.left == 0 and not self.done.is_set():
                self.hello = records
                self.done.set()
            elif self.left > 0 and self.server:
                self.relay(connection, records)
        except OSError:
            pass
        finally:
            connection.close()

    def relay(self, connection, records):
        with socket.create_connection(("localhost", self.server)) as server:
            server.sendall(records)
            threading.Thread(target=pump, args=(server, connection), daemon=True).start()
            pump(connection, server)


def read(connection, count):
    octets = b""
    while len(octets) < count:
        more = connection.recv(count - len(octets))
        if not more:
            raise OSError
        octets += more
    return octets


def is_open(port):
    with socket.socket() as client:
        return client.connect_ex(("localhost", port)) == 0


def pump(source, target):
    try:
        while octets := source.recv(65536):
            target.sendall(octets)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def capture(name, *command, files=None, environment=None, server=None, take=1):
    with tempfile.TemporaryDirectory() as directory:
        recorder = Recorder(server, take, behind_page=name.endswith("-wss"))
        for file, content in (files or {}).items():
            pathlib.Path(directory, file).write_text(content.replace("{{", "{").replace("}}", "}").replace("{port}", str(recorder.port)) if file.endswith(".conf") else content)
        arguments = [word.replace("{port}", str(recorder.port)).replace("{directory}", directory) for word in command]
        process = subprocess.Popen(arguments, cwd=directory, env={**os.environ, **(environment or {}), "HOME": directory, "XDG_RUNTIME_DIR": directory},
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            if "nginx" in name:
                with socket.socket(socket.AF_UNIX) as client:
                    while client.connect_ex(f"{directory}/nginx.socket"):
                        pass
                    client.sendall(b"GET / HTTP/1.0\r\n\r\n")
                    recorder.done.wait(PATIENCE)
            recorder.done.wait(PATIENCE)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, 15)
            process.wait()
        if recorder.hello:
            (HERE / f"{name}.bin").write_bytes(recorder.hello)
        print(name, len(recorder.hello) or "NOTHING", flush=True)


def capture_resumed():
    """The second hello of a session that s_server has given a ticket for, without and with early data."""
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", "key", "-out", "certificate"],
                       cwd=directory, check=True, capture_output=True)
        with socket.create_server(("localhost", 0)) as free:
            port = free.getsockname()[1]
        server = subprocess.Popen(["openssl", "s_server", "-accept", str(port), "-key", "key", "-cert", "certificate", "-early_data"], cwd=directory,
                                  stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while not is_open(port):
                pass
            pathlib.Path(directory, "request").write_text("GET / HTTP/1.0\r\n\r\n")
            twice = "(cat request; sleep 1) | openssl s_client -connect localhost:{port} -servername server.example -sess_out session %s; openssl s_client -connect localhost:{port} -servername server.example -sess_in session %s"
            for name, first, second in [("openssl-resumed-tls12", "-tls1_2", "-tls1_2"), ("openssl-resumed-tls13", "", ""), ("openssl-early-data", "", "-early_data request")]:
                capture(name, "sh", "-c", f"cd {directory}; " + twice % (first, second), server=port, take=2)
        finally:
            server.kill()
            server.wait()


def enlarge():
    """Key shares of X25519MLKEM768 and SecP384R1MLKEM1024 by their sizes, for OpenSSL 3.0 has none: 2.9 KB more, in front of the others."""
    hello = bytearray((HERE / "openssl.bin").read_bytes())
    shares = b"".join(group.to_bytes(2, "big") + size.to_bytes(2, "big") + bytes(i * 37 % 251 for i in range(size)) for group, size in [(0x11EC, 1216), (0x11ED, 1665)])
    position = hello.index(bytes.fromhex("00330026002400 1d0020".replace(" ", "")))
    for offset, width in [(position + 4, 2), (position + 2, 2), (extensions_of(hello), 2), (6, 3), (3, 2)]:
        hello[offset:offset + width] = (int.from_bytes(hello[offset:offset + width], "big") + len(shares)).to_bytes(width, "big")
    hello[position + 6:position + 6] = shares
    (HERE / "made-two-large-shares.bin").write_bytes(hello)
    print("made-two-large-shares", len(hello))


def extensions_of(hello):
    position = 9 + 2 + 32
    position += 1 + hello[position]
    position += 2 + int.from_bytes(hello[position:position + 2], "big")
    return position + 1 + hello[position]


OPENSSL = ["openssl", "s_client", "-connect", "localhost:{port}", "-servername", "server.example"]

CLIENTS = {
    "openssl": OPENSSL,
    "openssl-tls12": [*OPENSSL, "-tls1_2"],
    "openssl-alpn-h2": [*OPENSSL, "-alpn", "h2,http/1.1"],
    "openssl-no-name": ["openssl", "s_client", "-connect", "localhost:{port}", "-noservername"],
    "openssl-marked": [*OPENSSL, "-alpn",
                       "http/1.1-upgraded=n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg,http/1.1-upgraded,http/1.1"],
    "curl": ["curl", "-k", "https://localhost:{port}/"],
    "curl-http11": ["curl", "-k", "--http1.1", "https://localhost:{port}/"],
    "curl-no-alpn": ["curl", "-k", "--no-alpn", "https://localhost:{port}/"],
    "curl-address": ["curl", "-k", "https://127.0.0.1:{port}/"],
    "wget": ["wget", "--tries=1", "--no-check-certificate", "https://localhost:{port}/"],
    "gnutls-cli": ["gnutls-cli", "--insecure", "--port={port}", "localhost"],
    "gnutls-cli-alpn-h2": ["gnutls-cli", "--insecure", "--alpn=h2", "--alpn=http/1.1", "--port={port}", "localhost"],
    "cups-upgrade": ["ipptool", "-E", "-T", "5", "ipp://localhost:{port}/ipp/print", "get-printer-attributes.test"],
    "cups-ipps": ["ipptool", "-T", "5", "ipps://localhost:{port}/ipp/print", "get-printer-attributes.test"],
    "cups-lpstat": ["lpstat", "-E", "-h", "localhost:{port}", "-r"],
    "python-ssl": [sys.executable, "-c", "import socket, ssl; ssl.create_default_context().wrap_socket(socket.create_connection(('localhost', {port})), server_hostname='localhost')"],
    "python-urllib": [sys.executable, "-c", "import urllib.request; urllib.request.urlopen('https://localhost:{port}/')"],
    "node-https": ["node", "-e", "require('https').get('https://localhost:{port}/').on('error', () => {})"],
    "node-tls": ["node", "-e", "require('tls').connect({port}, 'localhost').on('error', () => {})"],
    "node-fetch": ["node", "-e", "fetch('https://localhost:{port}/').catch(() => {})"],
    "chromium": [*CHROMIUM, "--user-data-dir={directory}", "https://localhost:{port}/"],
    "chromium-wss": [*CHROMIUM, "--user-data-dir={directory}", "http://localhost:{port}/"],
    "firefox": ["firefox-esr", "--headless", "--no-remote", "--profile", "{directory}", "https://localhost:{port}/"],
    "firefox-wss": ["firefox-esr", "--headless", "--no-remote", "--profile", "{directory}", "http://localhost:{port}/"],
    "nginx-proxy": ["/usr/sbin/nginx", "-p", "{directory}", "-c", "nginx.conf"],
    **{f"java-{kind}": ["java", "-Djdk.net.hosts.file={directory}/hosts", "{directory}/Client.java", kind, "{port}"] for kind in ["httpclient", "urlconnection", "sslsocket"]},
    **{f"go-{kind}": ["go", "run", "client.go", kind, "{port}"] for kind in ["http", "tls"]},
    **{f"dotnet-{kind}": ["dotnet", "run", "{directory}/client.cs", kind, "{port}"] for kind in ["sslstream", "http1", "http2"]},
}
FILES = {"java": {"Client.java": JAVA, "hosts": "127.0.0.1 server.example localhost\n"}, "go": {"client.go": GO}, "dotnet": {"client.cs": DOTNET},
         "nginx": {"nginx.conf": NGINX}, "firefox": {"user.js": FIREFOX}}

if __name__ == "__main__":
    chosen = sys.argv[1:]
    for name, command in CLIENTS.items():
        if chosen and name not in chosen or not shutil.which(command[0]):
            continue
        environment = {"GOCACHE": "/tmp/capture-go", "GOFLAGS": "-mod=mod", "DOTNET_NOLOGO": "1", "MOZ_CRASHREPORTER_DISABLE": "1"}
        capture(name, *command, files=FILES.get(name.split("-")[0]), environment=environment)
    if not chosen or "resumed" in chosen:
        capture_resumed()
    if not chosen or "enlarge" in chosen:
        enlarge()
