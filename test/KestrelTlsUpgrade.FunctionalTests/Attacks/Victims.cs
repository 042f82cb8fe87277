using System.Net;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Attacks;

/// <summary>Clients of https as people use them, by how they offer application protocols.</summary>
internal static class Victims
{
    private const string Request = "GET /victim HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

    private const string UrlLib = """
        import ssl, sys, urllib.request
        r = urllib.request.urlopen(sys.argv[1], context=ssl._create_unverified_context())
        print(r.status, r.headers, r.read())
        """;

    private const string RawTls = """
        import socket, ssl, sys
        c = ssl._create_unverified_context()
        if len(sys.argv) > 2: c.set_alpn_protocols(sys.argv[2].split(','))
        t = c.wrap_socket(socket.create_connection(('127.0.0.1', int(sys.argv[1]))), server_hostname='localhost')
        t.sendall(b'GET /victim HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
        while d := t.recv(4096): print(d)
        """;

    public static IReadOnlyList<Victim> All { get; } =
    [
        Curl("curl", []),
        Curl("curl --http1.1", ["--http1.1"]),
        Curl("curl --no-alpn", ["--no-alpn"]),
        Python("Python urllib", port => ["-c", UrlLib, Url(port)]),
        Python("Python ssl, no ALPN", port => ["-c", RawTls, $"{port}"]),
        Python("Python ssl, ALPN http/1.1", port => ["-c", RawTls, $"{port}", "http/1.1"]),
        Python("Python ssl, ALPN h2,http/1.1", port => ["-c", RawTls, $"{port}", "h2,http/1.1"]),
        OpenSsl("openssl s_client", []),
        OpenSsl("openssl s_client -alpn h2,http/1.1", ["-alpn", "h2,http/1.1"]),
        HttpClient(".NET HttpClient 1.1", HttpVersion.Version11, HttpVersionPolicy.RequestVersionExact),
        HttpClient(".NET HttpClient 2.0", HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact),
        HttpClient(".NET HttpClient 2.0 or lower", HttpVersion.Version20, HttpVersionPolicy.RequestVersionOrLower),
        new("wget", "wget", async port =>
            (await Peers.RunAsync("", "wget", "-qSO-", "--no-check-certificate", "--timeout=4", "--tries=1", Url(port))).Output),
        new("Node https", "node", async port => (await Peers.RunAsync("", "node", "-e", NodeHttps, Url(port))).Output),
        new("Chromium", "chromium", port => Chromium.OpenAsync(Url(port))),
        new("Chromium wss", "chromium", OpenWebSocketAsync) { IsOpaque = true },
    ];

    private const string NodeHttps = """
        require('https').get(process.argv[1], { rejectUnauthorized: false, timeout: 4000, agent: false }, response => {
          console.log(response.statusCode, response.headers);
          response.on('data', data => console.log(data.toString()));
        }).on('error', error => console.log(error.message));
        """;

    private static async Task<string> OpenWebSocketAsync(int port)
    {
        await using var page = await ChromiumPage.OpenAsync("data:text/html,page");
        await page.EvaluateAsync($$"""
            new Promise(done => { const socket = new WebSocket("wss://localhost:{{port}}/victim"); socket.onclose = socket.onerror = () => done(1); })
            """);
        return "";
    }

    private static string Url(int port) => $"https://localhost:{port}/victim";

    private static Victim Curl(string name, string[] options) => new(name, "curl", async port =>
        (await Peers.RunAsync("", "curl", ["-sik", "--max-time", "4", .. options, Url(port)])).Output);

    private static Victim Python(string name, Func<int, string[]> arguments) => new(name, "python3", async port =>
        (await Peers.RunAsync("", "python3", arguments(port))).Output);

    private static Victim OpenSsl(string name, string[] options) => new(name, "openssl", async port =>
        (await Peers.RunAsync(Request, "openssl", ["s_client", "-connect", $"127.0.0.1:{port}", "-servername", "localhost", .. options])).Output);

    private static Victim HttpClient(string name, Version version, HttpVersionPolicy policy) => new(name, null, async port =>
    {
        using var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
        })
        {
            Timeout = TimeSpan.FromSeconds(4),
        };
        using var request = new HttpRequestMessage(HttpMethod.Get, Url(port)) { Version = version, VersionPolicy = policy };
        try
        {
            using var response = await client.SendAsync(request);
            return $"{response} {await response.Content.ReadAsStringAsync()}";
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return exception.Message;
        }
    });
}
