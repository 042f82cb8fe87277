namespace KestrelTlsUpgrade.Benchmarks.Servers;

/// <summary>What an https endpoint of stock Kestrel has that is not the default: what an owner may pick, and what that costs.</summary>
internal enum ServerSetting
{
    None,

    /// <summary>A ServerCertificateSelector that always has the same certificate.</summary>
    CertificateSelector,

    /// <summary>AllowTlsResume is false.</summary>
    NoResumption,

    /// <summary>A CipherSuitesPolicy with TLS_AES_128_GCM_SHA256.</summary>
    CipherSuites,

    /// <summary>UnsafePreferInlineScheduling of the transport.</summary>
    InlineScheduling,

    /// <summary>No queues of the transport's own.</summary>
    NoQueues,

    /// <summary>Threads of the pool that do not spin before they wait.</summary>
    NoSpinning,
}
