using System.Net;
using System.Numerics;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.FunctionalTests.Hosting;

/// <summary>The order of the places that a certificate comes from: code, the section, the HTTPS defaults, Kestrel's default.</summary>
public sealed class CertificateOrderTests : IDisposable
{
    private readonly CertificateFiles _files = new();

    private readonly X509Certificate2[] _certificates = [TestCertificates.Server, CertificateFor.Names("b.test"), CertificateFor.Names("c.test"), CertificateFor.Names("d.test")];

    public static TheoryData<int> Places => [.. Enumerable.Range(1, 15)];

    public void Dispose() => _files.Dispose();

    /// <param name="places">A bit for each place, the first in the order being the lowest.</param>
    [Theory]
    [MemberData(nameof(Places))]
    public Task FirstPlaceThatHasOne_Counts(int places) =>
        AssertShowsAsync(_certificates[BitOperations.TrailingZeroCount(places)], places, static _ => { });

    /// <summary>Code that takes the certificate of the HTTPS defaults away has given none of its own.</summary>
    [Theory]
    [InlineData(0b0110, 1)]
    [InlineData(0b1100, 2)]
    public Task CodeThatClearsIt_LeavesTheOtherPlaces(int places, int expected) =>
        AssertShowsAsync(_certificates[expected], places, static options => options.Https.ServerCertificate = null);

    private async Task AssertShowsAsync(X509Certificate2 expected, int places, Action<TlsUpgradeOptions> configure)
    {
        await using var server = await UpgradeServer.StartAsync(builder =>
        {
            var settings = new Dictionary<string, string?>();
            foreach (var (place, key) in new[] { (1, "TlsUpgrade:Certificate:Path"), (3, "Kestrel:Certificates:Default:Path") })
            {
                if ((places & (1 << place)) != 0)
                {
                    settings[key] = _files.WritePfx($"{place}.pfx", _certificates[place]);
                }
            }

            builder.Configuration.AddInMemoryCollection(settings);
            builder.Services.AddTlsUpgrade();
            builder.WebHost.ConfigureKestrel((context, kestrel) =>
            {
                kestrel.Configure(context.Configuration.GetSection("Kestrel"));
                if ((places & 0b0100) != 0)
                {
                    kestrel.ConfigureHttpsDefaults(https => https.ServerCertificate = _certificates[2]);
                }

                kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UseTlsUpgrade(options =>
                {
                    if ((places & 0b0001) != 0)
                    {
                        options.Https.ServerCertificate = _certificates[0];
                    }

                    configure(options);
                }));
            });
        });
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync("OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: TLS/1.2\r\n\r\n");
        Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
        X509Certificate? shown = null;
        await connection.StartTlsAsync(configure: options =>
        {
            options.TargetHost = "";
            options.RemoteCertificateValidationCallback = (_, certificate, _, _) => (shown = certificate) is not null;
        });
        Assert.Equal(expected.GetCertHashString(), shown!.GetCertHashString());
    }
}
