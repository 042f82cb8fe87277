using KestrelTlsUpgrade.Tool.Probing.Results;

namespace KestrelTlsUpgrade.Tool.Probing;

/// <summary>Everything that a probe observed. A step that was skipped because an earlier one made it pointless has no result.</summary>
internal sealed record ProbeReport(ProbeTarget Target, ReachResult Reach)
{
    public PlainRequestResult? PlainRequest { get; init; }

    public IReadOnlyList<UpgradeResult> Upgrades { get; init; } = [];

    public IReadOnlyList<TokenResult> Tokens { get; init; } = [];

    public IReadOnlyList<TlsVersionResult> TlsVersions { get; init; } = [];

    public CertificateResult? Certificate { get; init; }

    public IReadOnlyList<ClientResult> Clients { get; init; } = [];

    public ClosureResult? Closure { get; init; }

    public InjectionResult? Injection { get; init; }

    public IReadOnlyList<DirectTlsResult> DirectTls { get; init; } = [];
}
