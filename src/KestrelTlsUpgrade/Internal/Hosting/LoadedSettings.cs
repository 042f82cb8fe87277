using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Internal.Switching;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.Internal.Hosting;

/// <summary>The settings of an endpoint at one time, with everything loaded that they name.</summary>
internal sealed class LoadedSettings
{
    private readonly ListenOptions? _tls;
    private readonly IReadOnlyList<NamedBranch> _byName;
    private ConnectionDelegate? _secured;

    /// <param name="options">The options, complete.</param>
    /// <param name="certificates">The certificates that are known beforehand: a selector or a callback may have others.</param>
    /// <param name="tls">
    /// Kestrel's TLS, by the server name of the client where there are settings for some. <see langword="null"/> where the upgrade is
    /// switched off.
    /// </param>
    /// <param name="byName">Kestrel's TLS for each name that has settings.</param>
    public LoadedSettings(
        TlsUpgradeOptions options, EndpointCertificates certificates, ListenOptions? tls, IReadOnlyList<NamedBranch> byName)
    {
        Options = options;
        Certificates = [.. certificates.All];
        TermsByName = new(byName.Select(static branch => KeyValuePair.Create(branch.Name, branch.Terms)));
        _tls = tls;
        _byName = byName;
        foreach (var branch in byName.Select(static branch => branch.Tls).Append(tls).OfType<ListenOptions>())
        {
            branch.Use(_ => _secured!);
        }
    }

    public TlsUpgradeOptions Options { get; }

    public IReadOnlyList<LoadedCertificate> Certificates { get; }

    /// <summary>The names that have settings of their own.</summary>
    public IReadOnlyList<NamedBranch> ByName => _byName;

    /// <summary>What the handshake for a name asks for, where there are settings for some.</summary>
    public ServerNameTable<TlsTerms> TermsByName { get; }

    /// <summary>The certificate that a client gets which asks for this name.</summary>
    public X509Certificate2? GetCertificate(string name) =>
        Options.Https.ServerCertificateSelector is { } select
            ? select(null, name)
            : Certificates.FirstOrDefault(loaded => CertificateNames.Cover(loaded.Certificate, name))?.Certificate;

    /// <summary>Puts what follows the handshake behind TLS. Not to be called by two at a time.</summary>
    public TlsBranches Build(ConnectionDelegate secured)
    {
        _secured = secured;
        return new(_tls!.Build(), new(_byName.Select(static branch => KeyValuePair.Create(branch.Name, branch.Tls.Build()))));
    }
}
