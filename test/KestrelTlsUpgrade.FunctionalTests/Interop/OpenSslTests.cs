using KestrelTlsUpgrade.Testing;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Interop;

/// <summary>OpenSSL's own client, behind an upgrade and from the first byte.</summary>
public sealed class OpenSslTests : IDisposable
{
    private const string LastRequest = "GET /y HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

    private readonly string _session = Path.GetTempFileName();

    public static TheoryData<TlsStart> Starts => [.. Enum.GetValues<TlsStart>()];

    public void Dispose() => File.Delete(_session);

    [Theory]
    [MemberData(nameof(Starts))]
    public async Task S63_Close_IsNoUnexpectedEnd(TlsStart start)
    {
        await using var server = await UpgradeServer.StartAsync(options => options.DirectTls = DirectTlsMode.Any);
        var (exitCode, output) = await ConnectAsync(server, start, LastRequest);
        Assert.True(exitCode == 0, output);
        Assert.Contains("GET /y scheme=https", output);
        Assert.DoesNotContain("unexpected eof", output);
    }

    [Theory]
    [InlineData(TlsStart.FirstRequest, "-tls1_2", "TLSv1.2")]
    [InlineData(TlsStart.FirstRequest, "-tls1_3", "TLSv1.3")]
    [InlineData(TlsStart.LaterRequest, "-tls1_2", "TLSv1.2")]
    [InlineData(TlsStart.LaterRequest, "-tls1_3", "TLSv1.3")]
    [InlineData(TlsStart.Direct, "-tls1_2", "TLSv1.2")]
    [InlineData(TlsStart.Direct, "-tls1_3", "TLSv1.3")]
    public async Task S52_Version_IsServed(TlsStart start, string option, string version)
    {
        await using var server = await UpgradeServer.StartAsync(options => options.DirectTls = DirectTlsMode.Any);
        var (_, output) = await ConnectAsync(server, start, LastRequest, option);
        Assert.Contains($"New, {version}", output);
        Assert.Contains("GET /y scheme=https", output);
    }

    [Theory]
    [MemberData(nameof(Starts))]
    public async Task S51_Tls11_IsRefused(TlsStart start)
    {
        await using var server = await UpgradeServer.StartAsync(options => options.DirectTls = DirectTlsMode.Any);
        var (exitCode, output) = await ConnectAsync(server, start, LastRequest, "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0");
        Assert.NotEqual(0, exitCode);
        Assert.DoesNotContain("GET /y", output);
    }

    [Theory]
    [MemberData(nameof(Starts))]
    public async Task S55_A29_RenegotiationByTheClient_IsRefused(TlsStart start)
    {
        await using var server = await UpgradeServer.StartAsync(options => options.DirectTls = DirectTlsMode.Any);
        var (_, output) = await ConnectAsync(server, start, "R\n" + LastRequest, "-tls1_2");
        Assert.Contains("Secure Renegotiation IS supported", output);
        Assert.Contains("Extended master secret: yes", output);
        Assert.Contains("RENEGOTIATING", output);
        Assert.DoesNotContain("GET /y", output);
    }

    [Theory]
    [MemberData(nameof(Starts))]
    public async Task S58_S65_Session_ResumesWithoutEarlyData(TlsStart start)
    {
        await using var server = await UpgradeServer.StartAsync(options => options.DirectTls = DirectTlsMode.Any);
        var (_, first) = await ConnectAsync(server, start, LastRequest, "-sess_out", _session);
        Assert.Contains("Max Early Data: 0", first);
        var (_, second) = await ConnectAsync(server, start, LastRequest, "-sess_in", _session);
        Assert.Contains("Reused, TLSv1.3", second);
        Assert.Contains("GET /y scheme=https", second);
    }

    private static async Task<(int ExitCode, string Output)> ConnectAsync(
        UpgradeServer server, TlsStart start, string input, params string[] options)
    {
        await using var relay = start is TlsStart.Direct
            ? null
            : new UpgradingRelay(server.EndPoint, Request(), later: start is TlsStart.LaterRequest);
        return await Peers.RunAsync(
            input,
            "openssl",
            ["s_client", "-connect", $"127.0.0.1:{relay?.Port ?? server.Port}", "-servername", "localhost", .. options]);
    }
}
