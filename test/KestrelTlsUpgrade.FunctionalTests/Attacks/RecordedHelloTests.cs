using KestrelTlsUpgrade.Internal.Tls.Hellos;
using KestrelTlsUpgrade.Testing;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Attacks;

/// <summary>
/// Requirement A-10 with the ClientHellos of real clients, as they were captured (Hellos.md beside them): behind a 101, those of browsers
/// are refused, and so is every other one that offers HTTP/2. The rest are taken for clients that upgrade.
/// </summary>
public sealed class RecordedHelloTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Attacks", "Hellos");

    public static TheoryData<string> Names => [.. Directory.GetFiles(Folder, "*.bin").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A10_RecordedHello_RefusedIfItIsOneOfHttps(string name)
    {
        var octets = await File.ReadAllBytesAsync(Path.Combine(Folder, $"{name}.bin"), TestContext.Current.CancellationToken);
        var hello = ClientHelloParser.Parse(octets.AsSpan(5, octets[3] << 8 | octets[4]))!;
        var isOfHttps = hello.OffersLaterHttp || hello.HasGrease || hello.HasEncryptedHello || hello.HasMark;
        Assert.True(isOfHttps || !(name.StartsWith("chromium", StringComparison.Ordinal) || name.StartsWith("firefox", StringComparison.Ordinal)));

        await using var server = await UpgradeServer.StartAsync(options => options.Https.ServerCertificate = TestCertificates.Rsa);
        foreach (var size in new int?[] { null, 20 })
        {
            await using var connection = await server.ConnectAsync();
            await connection.SendAsync(Request(host: hello.ServerName ?? "localhost", token: HintedToken));
            Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
            await connection.SendAsync(size is null ? octets : HelloCuttingStream.Cut(octets, size.Value));

            // Otherwise a ServerHello, a HelloRetryRequest, or what TLS has to say to a hello whose keys are made up.
            Assert.Equal(isOfHttps, await ReadAnswerAsync(connection) is (0x15, 120));
        }
    }

    /// <summary>The type of the record that answers, and the alert in it or the type of its message.</summary>
    private static async Task<(int Record, int Content)> ReadAnswerAsync(RawConnection connection)
    {
        var record = await connection.ReadAsync(7);
        return (record[0], record[0] is 0x15 ? record[6] : record[5]);
    }
}
