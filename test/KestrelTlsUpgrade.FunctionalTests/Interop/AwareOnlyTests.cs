using System.Text.RegularExpressions;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.FunctionalTests.Interop;

/// <summary>
/// Clients that send no mark, where only aware clients are accepted. They are served in clear text, or refused with something that
/// they understand; none of them connects again and again.
/// </summary>
public sealed partial class AwareOnlyTests : IDisposable
{
    private const string HttpClientRequest =
        "GET /hello.txt HTTP/1.1\r\nAccept-Encoding: gzip, x-gzip, deflate\r\nHost: 127.0.0.1:18091\r\nConnection: keep-alive\r\n"
        + "User-Agent: Apache-HttpClient/5.4.1 (Java/17.0.15)\r\nUpgrade: TLS/1.2\r\nConnection: Upgrade\r\n\r\n";

    private readonly string _document = Path.GetTempFileName();

    public void Dispose() => File.Delete(_document);

    [Fact]
    public async Task IppTool_Encrypted_SaysThatThereIsNoEncryption()
    {
        await using var server = await StartAsync();
        await using var relay = new EditingRelay(server.EndPoint, static request => request);
        var (exitCode, output) = await IppTool.RunAsync(relay.Port, "-E");
        Assert.NotEqual(0, exitCode);
        Assert.Contains("ncryption", output, StringComparison.Ordinal);
        Assert.InRange(relay.Connections, 1, 2);
    }

    [Fact]
    public async Task Lp_Encrypted_SaysWhatIsWrong()
    {
        await using var server = await StartAsync();
        await using var relay = new EditingRelay(server.EndPoint, static request => request);
        var (exitCode, output) = await Peers.RunAsync("", "lp", "-E", "-h", $"localhost:{relay.Port}", "-d", "printer", _document);
        Assert.NotEqual(0, exitCode);
        Assert.StartsWith("lp: ", output, StringComparison.Ordinal);

        // It asks for three things, each over a connection of its own, as it does without encryption.
        Assert.InRange(relay.Connections, 1, 3);
    }

    /// <summary>With the hint of somebody else, the offer is accepted, and the handshake refused by an alert that ends it for good.</summary>
    [Fact]
    public async Task IppTool_WithAHintThatItDidNotSend_EndsAtTheAlert()
    {
        await using var server = await StartAsync();
        await using var relay = new EditingRelay(server.EndPoint, static request => TlsToken().Replace(request, "$0, http/1.1-upgraded"));
        var (exitCode, output) = await IppTool.RunAsync(relay.Port, "-E");
        Assert.True(exitCode != 0, output);
        await server.Log.WaitForAsync(static line => line.Id.Name is "UnmarkedClientRefused");
        Assert.Equal(1, relay.Connections);
    }

    [Theory]
    [InlineData(TlsUpgradeClientMode.Compatible)]
    [InlineData(TlsUpgradeClientMode.AwareOnly)]
    public async Task IppTool_ForAnotherHostThanItsServerName_EndsAtTheAlert(TlsUpgradeClientMode clients)
    {
        await using var server = await StartAsync(clients: clients);
        await using var relay = new EditingRelay(server.EndPoint, static request => TlsToken().Replace(
            HostField().Replace(request, "Host: evil-tenant.test"), "$0, http/1.1-upgraded"));
        var (exitCode, output) = await IppTool.RunAsync(relay.Port, "-E");
        Assert.True(exitCode != 0, output);
        var refusal = clients is TlsUpgradeClientMode.AwareOnly ? "UnmarkedClientRefused" : "ServerNameRefused";
        await server.Log.WaitForAsync(line => line.Id.Name == refusal);
        Assert.Equal(1, relay.Connections);
    }

    /// <summary>It tries to upgrade after a 426, is declined, and gives up.</summary>
    [Fact]
    public async Task IppTool_AtAResourceThatRequiresTls_Ends()
    {
        await using var server = await StartAsync(isRequired: true);
        await using var relay = new EditingRelay(server.EndPoint, static request => request);
        var (exitCode, output) = await IppTool.RunAsync(relay.Port);
        Assert.True(exitCode != 0, output);
        Assert.InRange(relay.Connections, 1, 3);
    }

    /// <summary>Apache HttpClient offers on every request and never falls back: a 101 that leads to a refusal would be its end.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task HttpClientOfApache_IsServedInClearText(bool later)
    {
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        for (var i = 0; i < 3; i++)
        {
            await connection.SendAsync(HttpClientRequest);
            var response = await connection.ReadResponseAsync();
            Assert.Equal((200, "hello"), (response.Status, response.Content));
        }
    }

    /// <summary>The answer to a declined offer says what is missing.</summary>
    [Fact]
    public async Task Refusal_OfAnOfferWithoutHint_NamesIt()
    {
        await using var server = await StartAsync(isRequired: true);
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync("GET /ipp/print HTTP/1.1\r\nHost: localhost\r\nUpgrade: TLS/1.2\r\nConnection: Upgrade\r\n\r\n");
        var refused = await connection.ReadResponseAsync();
        Assert.Equal(426, refused.Status);
        Assert.Contains("Upgrade: TLS/1.3, http/1.1-upgraded and Connection: Upgrade", refused.Content);
    }

    private static Task<UpgradeServer> StartAsync(bool isRequired = false, TlsUpgradeClientMode clients = TlsUpgradeClientMode.AwareOnly) => UpgradeServer.StartAsync(
        options => options.AcceptedClients = clients,
        app: app =>
        {
            app.MapGet("/before", static () => "before");
            app.MapGet("/hello.txt", static () => "hello");
            var printer = app.MapMethods("/ipp/print", ["GET", "POST"], static () => Results.Text("", "application/ipp"));
            if (isRequired)
            {
                printer.RequireTlsUpgrade();
            }
        });

    [GeneratedRegex(@"TLS/1\.0")]
    private static partial Regex TlsToken();

    [GeneratedRegex(@"Host: [^\r\n]*")]
    private static partial Regex HostField();
}
