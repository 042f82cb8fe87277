using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Conformance;

/// <summary>Requirements: what the replayed request may and may not be taken for.</summary>
public sealed class ReplayTests
{
    public static MatrixTheoryData<ClientCertificateMode, bool, bool, bool> Modes { get; } = new(
        [ClientCertificateMode.AllowCertificate, ClientCertificateMode.RequireCertificate, ClientCertificateMode.DelayCertificate],
        [false, true],
        [false, true],
        [false, true]);

    /// <summary>Only a client that has confirmed by its mark that the request is its own can have it run in the certificate's name.</summary>
    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A09_ClientCertificate_NotOnTheReplayedRequestUnlessTrustedAndMarked(
        ClientCertificateMode mode, bool isTrusted, bool isMarked, bool later)
    {
        await using var server = await UpgradeServer.StartAsync(
            options =>
            {
                options.Https.ClientCertificateMode = mode;
                options.Https.AllowAnyClientCertificate();
                options.TrustClientCertificateOnReplay = isTrusted;
            },
            app: app => app.Run(DescribeCertificateAsync));
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        var request = Request(token: HintedToken);
        await connection.SendAsync(request);
        await connection.ReadResponseAsync();
        await connection.StartTlsAsync(
            alpn: isMarked ? BoundMark.ProtocolsFor(request) : null, configure: options => options.Present(TestCertificates.Client));

        var subject = TestCertificates.Client.Subject;
        var replayed = await connection.ReadResponseAsync();
        if (mode is ClientCertificateMode.RequireCertificate && !isMarked)
        {
            Assert.Equal(403, replayed.Status);
            Assert.Contains("before the certificate was shown", replayed.Content);
        }
        else
        {
            Assert.Equal(isTrusted && isMarked ? $"{subject} {subject} {subject}" : "  ", replayed.Content);
        }

        await connection.SendAsync("GET /next HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal($"{subject} {subject} {subject}", (await connection.ReadResponseAsync()).Content);
    }

    /// <summary>Behind the handshake of a certificate's holder, nothing runs that the holder need not have written.</summary>
    [Theory]
    [InlineData("GET", "/act", 403, false)]
    [InlineData("HEAD", "/act", 403, false)]
    [InlineData("OPTIONS", "/act", 403, false)]
    [InlineData("OPTIONS", "*", 200, false)]
    public async Task A09_CertificateRequired_NothingUnconfirmedReachesTheApplication(string method, string target, int status, bool expected)
    {
        var wasReached = false;
        await using var server = await UpgradeServer.StartAsync(
            options =>
            {
                options.Https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                options.Https.AllowAnyClientCertificate();
            },
            app: app => app.Run(context =>
            {
                wasReached |= !context.Request.Path.StartsWithSegments("/before");
                return context.Response.WriteAsync("reached");
            }));
        foreach (var later in new[] { false, true })
        {
            await using var connection = await server.ConnectAsync().AfterAsync(later);
            await connection.SendAsync(Request(method, target));
            Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
            await connection.StartTlsAsync(configure: options => options.Present(TestCertificates.Client));
            Assert.Equal(status, (await connection.ReadResponseAsync(toHead: method is "HEAD")).Status);
        }

        Assert.Equal(expected, wasReached);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TlsFeatures_AreThere(bool later)
    {
        await using var server = await UpgradeServer.StartAsync(app: app => app.Run(context => context.Response.WriteAsync(
            $"{context.Features.Get<ITlsConnectionFeature>() is not null} {context.Features.Get<ITlsHandshakeFeature>()?.NegotiatedCipherSuite}")));
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await connection.UpgradeAsync();
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal($"True {connection.Tls!.NegotiatedCipherSuite}", (await connection.ReadResponseAsync()).Content);
            await connection.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        }
    }

    [Theory]
    [InlineData("Via: 1.1 proxy")]
    [InlineData("Forwarded: for=192.0.2.1")]
    [InlineData("X-Forwarded-For: 192.0.2.1")]
    [InlineData("x-forwarded-proto: https")]
    [InlineData("X-Forwarded-Anything: 1")]
    [InlineData("X-Real-IP: 192.0.2.1")]
    public async Task A16_RequestThatShowsAnIntermediary_UpgradedOnlyIfAllowed(string field)
    {
        foreach (var isAllowed in new[] { false, true })
        {
            // Forwarded headers are worked off by the framework, but not before the upgrade has seen them.
            await using var server = await UpgradeServer.StartAsync(
                options => options.AllowBehindProxy = isAllowed,
                app: app =>
                {
                    app.UseForwardedHeaders(new() { ForwardedHeaders = Microsoft.AspNetCore.HttpOverrides.ForwardedHeaders.All });
                    UpgradeServer.Describe(app);
                });
            foreach (var later in new[] { false, true })
            {
                await using var connection = await server.ConnectAsync().AfterAsync(later);
                await connection.SendAsync(Request(fields: field + "\r\n"));
                Assert.Equal(isAllowed ? 101 : 200, (await connection.ReadResponseAsync()).Status);
            }
        }
    }

    [Fact]
    public async Task A16_EveryFieldOfTheTable_IsAnsweredInClearTextBothWays()
    {
        await using var server = await UpgradeServer.StartAsync();
        foreach (var field in ProxyFields.All)
        {
            foreach (var later in new[] { false, true })
            {
                await using var connection = await server.ConnectAsync().AfterAsync(later);
                await connection.SendAsync(Request(fields: $"{field.Stem}: x\r\n"));
                var response = await connection.ReadResponseAsync();
                Assert.True(response.Status == 200, $"{field.Name}: {response.StatusLine}");
                Assert.Contains("state=Plaintext", response.Content);
            }
        }
    }

    private static async Task DescribeCertificateAsync(HttpContext context)
    {
        // By every way that an application has: asking for it, having it asked for, and looking at the stream.
        var delayed = await context.Connection.GetClientCertificateAsync();
        var stream = context.Features.Get<ISslStreamFeature>()?.SslStream.RemoteCertificate?.Subject;
        await context.Response.WriteAsync($"{context.Connection.ClientCertificate?.Subject} {delayed?.Subject} {stream}");
    }
}
