using System.Globalization;
using KestrelTlsUpgrade.Testing;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.FunctionalTests.Observation;

/// <summary>Real clients that do not trust the certificate, each of which leaves in its own way.</summary>
public sealed class RejectedCertificateTests
{
    private const int Runs = 5;

    /// <summary>Leaves what the server has sent unread, so that the end of its connection is a reset, right behind the alert.</summary>
    private const string Python =
        """
        import socket, ssl, sys
        connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
        if sys.argv[2] == "first_request":
            connection.sendall(b"GET /x HTTP/1.1\r\nHost: localhost\r\nUpgrade: TLS/1.2\r\nConnection: Upgrade\r\n\r\n")
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += connection.recv(1)
        context = ssl.create_default_context()
        context.maximum_version = ssl.TLSVersion[sys.argv[3]]
        try:
            context.wrap_socket(connection, server_hostname="localhost")
        except ssl.SSLCertVerificationError:
            print("rejected")
        """;

    /// <summary>Looks at the certificate once the handshake is over, and closes without an alert.</summary>
    private const string Node =
        """
        const [port, start, version] = process.argv.slice(1);
        const connection = require('net').connect(port, '127.0.0.1');
        const begin = () => require('tls').connect({ socket: connection, servername: 'localhost', maxVersion: version })
          .on('error', () => console.log('rejected'));
        if (start === 'first_request') {
          connection.write('GET /x HTTP/1.1\r\nHost: localhost\r\nUpgrade: TLS/1.2\r\nConnection: Upgrade\r\n\r\n');
          connection.once('data', begin);
        } else {
          connection.once('connect', begin);
        }
        """;

    public static TheoryData<string, string, string, string> Clients => new()
    {
        { "python3", "first_request", "TLSv1_3", "client_rejected_certificate" },
        { "python3", "first_request", "TLSv1_2", "client_rejected_certificate" },
        { "python3", "first_byte", "TLSv1_3", "client_rejected_certificate" },
        { "node", "first_request", "TLSv1.3", "gone_after_certificate" },
        { "node", "first_byte", "TLSv1.3", "gone_after_certificate" },
        { "curl", "first_byte", "1.3", "client_rejected_certificate" },
        { "curl", "first_byte", "1.2", "client_rejected_certificate" },
        { "openssl", "first_byte", "-tls1_3", "client_rejected_certificate" },
        { "openssl", "first_byte", "-tls1_2", "client_rejected_certificate" },
    };

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task Certificate_NotTrusted_IsNamed(string client, string start, string version, string cause)
    {
        await using var server = await UpgradeServer.StartAsync(options => options.DirectTls = DirectTlsMode.Any);
        using var connections = new Measurements<long>(server, "tls_upgrade.server.connections");
        for (var i = 0; i < Runs; i++)
        {
            await RunAsync(client, server.Port.ToString(CultureInfo.InvariantCulture), start, version);
        }

        var tags = await connections.WaitForAsync(Runs);
        Assert.All(tags, tags => Assert.Equal($"error.type={cause} tls_upgrade.outcome=failed tls_upgrade.start={start}", tags));
        var isDirect = start is "first_byte";
        var line = await server.Log.WaitForAsync(line => line.Id.Name == (isDirect ? "DirectTlsFailed" : "UpgradeFailed"));
        Assert.Equal(isDirect ? LogLevel.Debug : LogLevel.Information, line.Level);
        Assert.Contains($"{cause}. The client ", line.Message);
        Assert.EndsWith(
            "rust the CA, send the complete chain, or renew the certificate." + (isDirect ? "" : " To leave such clients in clear text, set Offers or OffersFrom."),
            line.Message);
    }

    private static async Task RunAsync(string client, string port, string start, string version) => _ = client switch
    {
        "python3" => await Peers.RunAsync("", "python3", "-c", Python, port, start, version),
        "node" => await Peers.RunAsync("", "node", "-e", Node, port, start, version),
        "curl" => await Peers.RunAsync("", "curl", "-sS", "--tls-max", version, $"https://localhost:{port}/x"),
        _ => await Peers.RunAsync(
            "", "openssl", "s_client", "-connect", $"127.0.0.1:{port}", "-servername", "localhost", "-verify_return_error", version),
    };
}
