using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KestrelTlsUpgrade.Testing;

/// <summary>A root that no machine knows, one intermediate, and server certificates from that.</summary>
internal sealed class CertificateAuthority : IDisposable
{
    private readonly ECDsa _rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _root;

    /// <param name="isExpired">Whether the intermediate has expired.</param>
    public CertificateAuthority(bool isExpired = false)
    {
        var now = DateTimeOffset.UtcNow;
        var root = CreateRequest("Test root", _rootKey, isAuthority: true);
        _root = root.CreateSelfSigned(now.AddDays(-60), now.AddDays(60));
        using var issued = CreateRequest("Test intermediate", _key, isAuthority: true)
            .Create(_root, now.AddDays(-50), now.AddDays(isExpired ? -1 : 50), Guid.NewGuid().ToByteArray());
        Intermediate = issued.CopyWithPrivateKey(_key);
    }

    public X509Certificate2 Intermediate { get; }

    /// <summary>A certificate for localhost.</summary>
    /// <param name="issuerAddress">Where it says that its issuer's certificate is.</param>
    public X509Certificate2 Issue(string? issuerAddress = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = CreateRequest("localhost", key, isAuthority: false);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddDnsName("a.test");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        if (issuerAddress is not null)
        {
            request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(null, [issuerAddress]));
        }

        // Not within the validity of an intermediate that has expired.
        var now = DateTimeOffset.UtcNow;
        var generator = X509SignatureGenerator.CreateForECDsa(_key);
        using var issued = request.Create(Intermediate.SubjectName, generator, now.AddDays(-40), now.AddDays(40), Guid.NewGuid().ToByteArray());
        using var withKey = issued.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }

    public void Dispose()
    {
        _root.Dispose();
        Intermediate.Dispose();
        _key.Dispose();
        _rootKey.Dispose();
    }

    private static CertificateRequest CreateRequest(string name, ECDsa key, bool isAuthority)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, critical: true));
        return request;
    }
}
