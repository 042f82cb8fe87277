using System.Net.Security;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace KestrelTlsUpgrade.Internal.Switching;

/// <summary>
/// The features of a TLS connection that tell who the client is. Hidden while a request is answered that was received in clear
/// text: whoever wrote that need not be who holds the certificate (CVE-2009-3555).
/// </summary>
internal sealed class TlsIdentity
{
    private readonly ITlsConnectionFeature? _connection;
    private readonly ISslStreamFeature? _streamFeature;
    private readonly SslStream? _stream;

    private TlsIdentity(IFeatureCollection features)
    {
        _connection = features.Get<ITlsConnectionFeature>();
        _streamFeature = features.Get<ISslStreamFeature>();
        _stream = features.Get<SslStream>();
    }

    public static TlsIdentity Hide(IFeatureCollection features)
    {
        var identity = new TlsIdentity(features);
        features.Set<ITlsConnectionFeature>(new AnonymousTlsConnectionFeature());
        features.Set<ISslStreamFeature>(null);
        features.Set<SslStream>(null);
        return identity;
    }

    public void Restore(IFeatureCollection features)
    {
        features.Set(_connection);
        features.Set(_streamFeature);
        features.Set(_stream);
    }
}
