using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Client;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Testing;

/// <summary>Clients that trust the tests' certificates and nothing else, with every check on.</summary>
internal static class TestClient
{
    public static HttpClient Create(
        TlsUpgradeMode mode = TlsUpgradeMode.Required,
        Action<TlsUpgradeClientOptions>? configure = null,
        Action<SocketsHttpHandler>? handler = null,
        ILoggerFactory? log = null) =>
        new(CreateHandler(mode, configure, handler, log)) { Timeout = RawConnection.Patience };

    public static TlsUpgradeHttpHandler CreateHandler(
        TlsUpgradeMode mode = TlsUpgradeMode.Required,
        Action<TlsUpgradeClientOptions>? configure = null,
        Action<SocketsHttpHandler>? handler = null,
        ILoggerFactory? log = null)
    {
        var options = CreateOptions(mode, handler);
        configure?.Invoke(options);
        return log is null ? new TlsUpgradeHttpHandler(options) : new TlsUpgradeHttpHandler(options, log);
    }

    public static TlsUpgradeClientOptions CreateOptions(
        TlsUpgradeMode mode = TlsUpgradeMode.Required, Action<SocketsHttpHandler>? handler = null) => new()
        {
            Mode = mode,
            UpgradeTimeout = RawConnection.Patience,
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = Trusting(TestCertificates.Server) },
            ConfigureHandler = sockets =>
            {
                // The environment's proxies are not the test's.
                sockets.UseProxy = false;
                sockets.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = Trusting(TestCertificates.Server) };
                handler?.Invoke(sockets);
            },
        };

    public static X509ChainPolicy Trusting(params X509Certificate2[] certificates)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.AddRange(certificates);
        return policy;
    }
}
