using System.Net.Security;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Configuration;

/// <summary>
/// Certificates are renewed a hundred times, in every way, under fifty connections that never stop asking: none of them notices,
/// and every new connection sees a certificate that is valid, from some moment on the newest.
/// </summary>
public sealed class RenewalTests
{
    private const int Renewals = 25;
    private const int Connections = 50;
    private const string Get = "GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n";

    [Theory]
    [InlineData(RenewalKind.AtomicRename)]
    [InlineData(RenewalKind.SymbolicLink)]
    [InlineData(RenewalKind.InPlace)]
    [InlineData(RenewalKind.OneAfterTheOther)]
    public async Task RenewedUnderLoad_NoRequestFails_NewConnectionsSeeTheNewest(RenewalKind kind)
    {
        using var files = new RenewedFiles(kind);
        await using var server = await ConfiguredServer.StartAsync(
        [
            "Kestrel:Endpoints:Web:Url=http://127.0.0.1:0",
            "Kestrel:Endpoints:Web:TlsUpgrade:DirectTls=Any",
            $"Kestrel:Endpoints:Web:TlsUpgrade:Certificate:Path={files.CertificatePath}",
            $"Kestrel:Endpoints:Web:TlsUpgrade:Certificate:KeyPath={files.KeyPath}",
        ]);

        // Half of it done looks like a mistake: it is one if it stays like that.
        server.IsExpected = line => line.Id.Name is "SettingsNotReloaded" or "MissingOrInvalidCertificateFile" or "MissingOrInvalidCertificateKeyFile";
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, Connections).Select(i => AskUntilAsync(server, i, stop.Token)).ToArray();
        for (var i = 0; i < Renewals; i++)
        {
            var before = files.Current.Thumbprint;
            var reports = CountReports(server);
            await files.RenewAsync(async () =>
            {
                // Long enough for the half to be seen, and refused.
                await server.Log.WaitForAsync(line => line.Id.Name is "SettingsNotReloaded" && CountReports(server) > reports);
                Assert.Equal(before, await GetThumbprintAsync(server, (TlsStart)(i % 3)));
            });
            string shown;
            do
            {
                Assert.DoesNotContain(load, asking => asking.IsCompleted);
                shown = await GetThumbprintAsync(server, (TlsStart)(i % 3));
                Assert.Contains(shown, new[] { before, files.Current.Thumbprint });
            }
            while (shown != files.Current.Thumbprint);

            Assert.Equal(shown, await GetThumbprintAsync(server, (TlsStart)((i + 1) % 3)));
        }

        await stop.CancelAsync();
        var requests = await Task.WhenAll(load);
        Assert.All(requests, static count => Assert.True(count > 0));
    }

    private static int CountReports(UpgradeServer server) => server.Log.Lines.Count(line => line.Id.Name is "SettingsNotReloaded");

    /// <summary>One connection for all of the time: in clear text, upgraded, or TLS from the first byte.</summary>
    private static async Task<int> AskUntilAsync(UpgradeServer server, int number, CancellationToken stop)
    {
        await using var connection = await server.ConnectAsync();
        switch (number % 3)
        {
            case 1:
                await connection.UpgradeAsync();
                await connection.ReadResponseAsync();
                break;

            case 2:
                await connection.StartTlsAsync(alpn: [SslApplicationProtocol.Http11]);
                break;
        }

        var count = 0;
        while (!stop.IsCancellationRequested)
        {
            connection.StayPatient();
            await connection.SendAsync(Get);
            Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
            count++;
        }

        return count;
    }

    private static async Task<string> GetThumbprintAsync(UpgradeServer server, TlsStart start)
    {
        await using var connection = await server.ConnectAsync().AfterAsync(start is TlsStart.LaterRequest);
        if (start is TlsStart.Direct)
        {
            await connection.StartTlsAsync();
            await connection.SendAsync(Get);
        }
        else
        {
            await connection.UpgradeAsync();
        }

        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        return connection.Tls!.RemoteCertificate!.GetCertHashString();
    }
}
