using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Client.Tests.Support;
using KestrelTlsUpgrade.Testing;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Client.Tests.Conformance;

/// <summary>Who the server is (requirements C-34, C-46 to C-57): RFC 9525 on an upgraded connection.</summary>
public sealed class IdentityTests
{
    /// <summary>Asks a server with a certificate, which is trusted, under a host name. Returns what it saw after the handshake.</summary>
    private static async Task<(HttpRequestException? Error, ScriptedServer Server)> AskAsync(
        X509Certificate2 certificate, string host, Action<TlsUpgradeClientOptions>? configure = null, ILoggerFactory? log = null)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAndAnswerAsync(configure: options => options.ServerCertificate = certificate);
            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        });
        using (var client = TestClient.Create(
            configure: options =>
            {
                options.SslOptions.CertificateChainPolicy = TestClient.Trusting(certificate);
                configure?.Invoke(options);
            },
            handler: handler => handler.ConnectCallback = Connect.ToPort(server.Port),
            log: log))
        {
            try
            {
                using var response = await client.PostAsync($"http://{host}/", new StringContent("secret"));
                return (null, server);
            }
            catch (HttpRequestException exception)
            {
                Assert.Equal(HttpRequestError.SecureConnectionError, exception.HttpRequestError);
                Assert.All(server.Heads, head => Assert.StartsWith("OPTIONS", head));
                return (exception, server);
            }
        }
    }

    private static async Task AssertRejectedAsync(X509Certificate2 certificate, string host, string reason)
    {
        var (error, _) = await AskAsync(certificate, host);
        Assert.NotNull(error);
        Assert.Contains(reason, error.Message);
    }

    private static async Task AssertAcceptedAsync(X509Certificate2 certificate, string host)
    {
        var (error, _) = await AskAsync(certificate, host);
        Assert.True(error is null, error?.Message);
    }

    [Fact]
    public async Task C46_C48_C60_WrongName_IsRejected() =>
        await AssertRejectedAsync(CertificateFor.Names("b.test"), "a.test", "RemoteCertificateNameMismatch");

    [Fact]
    public async Task C46_Expired_IsRejected() =>
        await AssertRejectedAsync(CertificateFor.Create("x", names => names.AddDnsName("a.test"), isExpired: true), "a.test", "NotTimeValid");

    [Fact]
    public async Task C46_C56_Untrusted_IsRejectedByDefault()
    {
        var (error, _) = await AskAsync(
            CertificateFor.Names("a.test"), "a.test", options => options.SslOptions = new SslClientAuthenticationOptions());
        Assert.Contains("RemoteCertificateChainErrors", error!.Message);
    }

    [Fact]
    public async Task C47_CommonNameOnly_IsRejected()
    {
        // The platform alone accepts it.
        var certificate = CertificateFor.Create("localhost");
        Assert.True(certificate.MatchesHostname("localhost"));
        await AssertRejectedAsync(certificate, "localhost", "RemoteCertificateNameMismatch");
    }

    [Fact]
    public async Task C47_CommonNameBesideAnotherName_IsRejected() => await AssertRejectedAsync(
        CertificateFor.Create("a.test", names => names.AddDnsName("b.test")), "a.test", "RemoteCertificateNameMismatch");

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("127.0.0.2", "127.0.0.1", false)]
    [InlineData("::1", "[::1]", true)]
    [InlineData("::2", "[::1]", false)]
    [InlineData("127.0.0.1", "[::ffff:127.0.0.1]", false)]
    public async Task C49_C52_Address_MatchesTheSameAddressOnly(string address, string host, bool isAccepted)
    {
        if (isAccepted)
        {
            await AssertAcceptedAsync(CertificateFor.Address(address), host);
        }
        else
        {
            await AssertRejectedAsync(CertificateFor.Address(address), host, "RemoteCertificateNameMismatch");
        }
    }

    [Fact]
    public async Task C49_AddressAsCommonName_IsRejected() =>
        await AssertRejectedAsync(CertificateFor.Create("127.0.0.1"), "127.0.0.1", "RemoteCertificateNameMismatch");

    [Theory]
    [InlineData("a.test", "A.TEST", true)]
    [InlineData("A.test", "a.test", true)]
    [InlineData("xn--mnchen-3ya.test", "münchen.test", true)]
    [InlineData("a.test", "a.test.", true)]
    [InlineData("*.a.test", "x.a.test", true)]
    [InlineData("*.a.test", "x.y.a.test", false)]
    [InlineData("*.a.test", "a.test", false)]
    [InlineData("f*.test", "foo.test", false)]
    [InlineData("*.*.test", "x.a.test", false)]
    [InlineData("a.*.test", "a.b.test", false)]
    [InlineData("*", "a", false)]
    public async Task C50_C51_Names_MatchLabelByLabel(string name, string host, bool isAccepted)
    {
        if (isAccepted)
        {
            await AssertAcceptedAsync(CertificateFor.Names(name), host);
        }
        else
        {
            await AssertRejectedAsync(CertificateFor.Names(name), host, "RemoteCertificateNameMismatch");
        }
    }

    [Fact]
    public async Task C53_Mismatch_IsLoggedAndTheServerTold()
    {
        using var log = new LogCollector();
        using var factory = LoggerFactory.Create(logging => logging.AddProvider(log).SetMinimumLevel(LogLevel.Debug));
        var (error, server) = await AskAsync(CertificateFor.Names("b.test"), "a.test", log: factory);
        Assert.NotNull(error);
        var line = Assert.Single(log.Lines, line => line.Id.Name == "Failed");
        Assert.Contains("RemoteCertificateNameMismatch", line.Message);
        Assert.Equal(LogLevel.Debug, line.Level);
        await server.EndedAsync();
        Assert.Empty(server.Heads.Skip(1));
    }

    [Fact]
    public async Task C54_Pin_ReplacesTheCheckForThatCertificateOnly()
    {
        var pinned = CertificateFor.Names("b.test");
        var errors = new List<SslPolicyErrors>();
        Action<TlsUpgradeClientOptions> pin = options => options.SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, certificate, _, found) =>
            {
                errors.Add(found);
                return certificate!.GetCertHashString() == pinned.Thumbprint;
            },
        };
        Assert.Null((await AskAsync(pinned, "a.test", pin)).Error);
        Assert.NotNull((await AskAsync(CertificateFor.Names("a.test"), "a.test", pin)).Error);
        Assert.True(errors[0].HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch));
        Assert.False(errors[1].HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch));
    }

    [Fact]
    public async Task C47_CommonNameOnly_IsReportedToTheCallback()
    {
        SslPolicyErrors? found = null;
        var (error, _) = await AskAsync(CertificateFor.Create("localhost"), "localhost", options =>
            options.SslOptions.RemoteCertificateValidationCallback = (_, _, _, errors) =>
            {
                found = errors;
                return true;
            });
        Assert.Null(error);
        Assert.Equal(SslPolicyErrors.RemoteCertificateNameMismatch, found);
    }

    [Fact]
    public async Task C55_UriAndServiceNames_AreNotUsed() => await AssertRejectedAsync(
        CertificateFor.Create("x", names =>
        {
            names.AddUri(new Uri("http://a.test/"));
            names.AddUserPrincipalName("a.test");
        }),
        "a.test",
        "RemoteCertificateNameMismatch");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task C57_RevokedCertificate_IsRejected(bool isRevoked)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = DateTimeOffset.UtcNow;
        using var authority = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));

        byte[] serial = [1, 2, 3, (byte)(isRevoked ? 4 : 5)];
        var builder = new CertificateRevocationListBuilder();
        if (isRevoked)
        {
            builder.AddEntry(serial);
        }

        var list = builder.Build(authority, 1, now.AddDays(2), HashAlgorithmName.SHA256);
        await using var lists = new ScriptedServer(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: application/pkix-crl\r\nConnection: close\r\nContent-Length: {list.Length}\r\n\r\n");
            await connection.SendAsync(list);
        });

        using var leafKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var leaf = new CertificateRequest("CN=leaf", leafKey, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("a.test");
        leaf.CertificateExtensions.Add(names.Build());
        leaf.CertificateExtensions.Add(CertificateRevocationListBuilder.BuildCrlDistributionPointExtension([$"{lists.Uri}{Guid.NewGuid()}.crl"]));
        leaf.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        using var unkeyed = leaf.Create(authority, now.AddHours(-1), now.AddDays(1), serial);
        using var certificate = unkeyed.CopyWithPrivateKey(leafKey);

        var (error, _) = await AskAsync(certificate, "a.test", options =>
        {
            var policy = TestClient.Trusting(authority);
            policy.RevocationMode = X509RevocationMode.Online;
            policy.RevocationFlag = X509RevocationFlag.EndCertificateOnly;
            options.SslOptions.CertificateChainPolicy = policy;
        });
        Assert.Equal(isRevoked, error is not null);
        if (isRevoked)
        {
            Assert.Contains("Revoked", error!.Message);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task C34_ClientCertificate_IsPresentedOnlyIfSet(bool isSet)
    {
        var seen = "nothing";
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAndAnswerAsync(configure: options =>
            {
                options.ClientCertificateRequired = true;
                options.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                {
                    seen = certificate?.Subject ?? "none";
                    return true;
                };
            });
            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        });
        using var client = TestClient.Create(configure: options =>
            options.SslOptions.ClientCertificates = isSet ? [TestCertificates.Client] : null);
        using var response = await client.GetAsync(server.Uri);
        Assert.Equal(isSet ? "CN=client" : "none", seen);
    }
}
